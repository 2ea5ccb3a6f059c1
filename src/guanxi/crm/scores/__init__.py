"""What the nightly run published: scores with their reasons and policy. Does not calculate."""
