"""Pages of surveys: for staff, and for those who answer."""
