"""Every number a bank may change: proposed, approved by another person, active from a date."""
