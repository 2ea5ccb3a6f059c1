"""Branches, staff, posts and roles; who may reach what. Knows no customer."""
