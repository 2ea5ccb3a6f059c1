"""Capabilities, one Django app each, from audit (lowest) to desk (highest)."""
