"""Compliance (合规): requests people make about their personal information, incidents, and the audit pack."""
