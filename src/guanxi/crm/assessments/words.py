"""How assessments are spoken of."""

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.insight.data_map.catalogue import data_map
from guanxi.web import formats

STATE_KINDS: Mapping[str, str] = {
    "proposed": "amber",
    "approved": "green",
    "rejected": "red",
    "ended": "grey",
}
RISK_KINDS: Mapping[str, str] = {"low": "green", "medium": "amber", "high": "red"}


def data_names() -> list[tuple[str, str]]:
    """Kinds of data of the data map with their names in the reader's language."""
    language = "zh" if formats.is_chinese(get_language() or "") else "en"
    return [(code, kind.name[language]) for code, kind in data_map().kinds.items()]


def data_in_words(codes: Iterable[str]) -> str:
    """Kinds of data one after another, in the order of the data map."""
    chosen = set(codes)
    return _(", ").join(name for code, name in data_names() if code in chosen)
