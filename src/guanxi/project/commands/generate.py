"""`guanxi generate`: the demo bank's extracts."""

from guanxi.pipeline.demo.command import add_arguments, main

__all__ = ["add_arguments", "main"]
