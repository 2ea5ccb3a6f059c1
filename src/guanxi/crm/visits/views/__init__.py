"""Pages of visits, of the plans that follow them, and of the week."""
