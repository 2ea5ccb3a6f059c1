"""Quality (数据质量): what is refused, what is let through with a mark, and the words for it."""
