"""The single view of a customer: who, how to reach, what is held, who keeps it."""
