"""Restricted processing (限制处理): kept because the law demands it, and otherwise seen and used by nobody."""
