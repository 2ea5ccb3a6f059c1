"""Pages of salons: for staff, at the door, and for guests."""
