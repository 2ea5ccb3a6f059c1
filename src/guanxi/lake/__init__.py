"""Analytic storage: engines, the Parquet store and the bank's extracts; never Django."""
