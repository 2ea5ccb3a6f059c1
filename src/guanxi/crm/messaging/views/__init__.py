"""The pages of messages: overview, templates, channels, doubtful ones, one message, and customers' own doors."""
