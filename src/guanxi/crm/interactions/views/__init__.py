"""Views of the contact log, one file a page."""
