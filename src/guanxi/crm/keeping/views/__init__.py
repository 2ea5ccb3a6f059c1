"""Pages of the keeping room, one module a matter."""
