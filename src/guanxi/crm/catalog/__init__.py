"""Products, their terms and when they are on sale."""
