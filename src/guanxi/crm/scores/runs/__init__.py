"""Runs and data quality (跑批与数据质量): what a run did, what it was made from, what it refused."""
