"""Pure analysis: steps, table shapes and policies; no engine, no clock, no file."""
