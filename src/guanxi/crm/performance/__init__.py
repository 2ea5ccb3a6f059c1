"""Performance (团队管理): execution beside results, coaching, the morning page and the weekly meeting pack."""
