"""Versions of every number a bank may change: draft, approved, active, retired."""
