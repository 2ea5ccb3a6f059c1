"""Interactions (客户跟进): contacts with customers, their outcomes, and what was promised."""
