"""Runs and what they publish: the present score of each customer, its history, the bank's tables."""
