"""raw → staged: what a bank hands over, how it is named and typed. No business sense here."""
