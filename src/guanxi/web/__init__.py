"""The shell of the screen: base templates, helpers, formats and static files; no business."""
