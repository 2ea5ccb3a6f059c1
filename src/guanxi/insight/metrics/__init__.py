"""The metric registry (指标口径): what each figure means, who owns it, and how it is proven against its source."""
