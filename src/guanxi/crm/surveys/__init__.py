"""Surveys of customers and what they answered."""
