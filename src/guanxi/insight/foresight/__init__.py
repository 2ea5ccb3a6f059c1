"""What is about to happen: leading indicators, labels, the scorer that foresees leaving, and how it is judged."""
