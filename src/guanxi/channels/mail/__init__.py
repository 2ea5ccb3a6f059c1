"""E-mail: composing a message that cannot be abused, one SMTP conversation with certainty, reading what comes back."""
