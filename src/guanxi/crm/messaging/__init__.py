"""Messages to customers: templates, permission to contact, the outbox, channels and what became of each."""
