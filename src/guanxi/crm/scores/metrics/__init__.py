"""The registry of figures (指标口径) as pages: what each one means, where it comes from, whether it was proven."""
