"""Care in words: kinds, states, and the limit that a gift would pass, by its name."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.crm.care.models import Calendar, GiftState, ImportantDate, VoiceState
from guanxi.crm.care.rules import Limit
from guanxi.insight.greetings import lunar_words
from guanxi.web.formats import money_words

LIMITS: Mapping[str, Promise] = {
    "customer": gettext_lazy("What this customer's tier may be given in a year"),
    "giver": gettext_lazy("What one person may give in a year"),
    "budget": gettext_lazy("The outlet's budget of the year"),
}
GIFT_KINDS: Mapping[str, str] = {
    GiftState.WAITING: "amber",
    GiftState.GIVEN: "green",
    GiftState.REFUSED: "red",
    GiftState.WITHDRAWN: "grey",
}
VOICE_KINDS: Mapping[str, str] = {
    VoiceState.HANDED_IN: "grey",
    VoiceState.TAKEN: "amber",
    VoiceState.ADOPTED: "green",
    VoiceState.DECLINED: "grey",
}
MOODS: Mapping[str, str] = {"glad": "green", "sad": "red", "neutral": "grey"}


def language() -> str:
    """The reader's language as policies speak it: zh or en."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def broken_sentence(one: Limit, value_fen: int) -> str:
    """Which limit, how much is used of how much, and what this gift would add."""
    told = {
        "name": LIMITS[one.code], "limit": money_words(one.limit_fen, language()),
        "used": money_words(one.used_fen, language()), "more": money_words(value_fen, language()),
    }  # fmt: skip
    return _("%(name)s: limit %(limit)s, used %(used)s, this gift %(more)s.") % told


def date_said(one: ImportantDate) -> str:
    """Month and day as they are said in the date's calendar: 农历八月十五; the year where it is known."""
    leap = one.calendar == Calendar.LEAP
    if language() == "zh":
        year = f"{one.year}年" if one.year else ""
        if one.calendar == Calendar.SOLAR:
            return f"{year}{one.month}月{one.dom}日"
        return f"农历{year}{lunar_words(one.month, one.dom, leap=leap)}"
    year = f" {one.year}" if one.year else ""
    calendar = "" if one.calendar == Calendar.SOLAR else "lunar leap month " if leap else "lunar "
    return f"{calendar}{one.month}/{one.dom}{year}"
