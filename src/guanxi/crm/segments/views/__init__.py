"""The pages of segments."""
