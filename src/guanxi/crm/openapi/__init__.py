"""The open API: tokens and what they open."""
