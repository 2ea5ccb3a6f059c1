"""What customers do on the bank's own channels: events taken in, what they say and what they trigger."""
