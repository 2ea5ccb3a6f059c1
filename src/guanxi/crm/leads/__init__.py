"""Leads (线索): collected, published, claimed, fed back, repaired and converted; opportunities."""
