"""The single customer: who is one person, who owns what, who stands how to whom."""
