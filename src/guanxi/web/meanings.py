"""What a registered figure means (指标口径), for the sign beside it: the definition on hover, its page on a click."""

from functools import cache

from django.utils.translation import get_language

from guanxi.insight.metrics.registry import Metric, metrics


def definition_of(metric_id: str) -> str:
    """The definition in the reader's language; KeyError for a figure nobody registered."""
    return _metric(metric_id).definition["zh" if (get_language() or "").startswith("zh") else "en"]


@cache
def _metric(metric_id: str) -> Metric:
    return {metric.id: metric for metric in metrics()}[metric_id]
