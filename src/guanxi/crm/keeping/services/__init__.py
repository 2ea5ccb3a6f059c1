"""Writes of the keeping room, one module a matter: pool, handover, exits, overrides."""
