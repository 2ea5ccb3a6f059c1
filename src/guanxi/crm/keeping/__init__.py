"""Keeping (管户): who keeps whom, the pool of the unassigned, hand-over, exit from managed scope, tier overrides."""
