"""The bridge from the lake to the operational store: one transaction, after which people see the new run."""

from guanxi.pipeline.publish.publisher import Published, publish_run

__all__ = ["Published", "publish_run"]
