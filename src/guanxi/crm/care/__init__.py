"""Care for customers (客户关怀): gifts within limits, news of their lives, suggestions carried to head office."""
