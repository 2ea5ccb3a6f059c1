"""Settings, addresses, entry points and the embedded database server."""
