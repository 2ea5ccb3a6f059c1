"""Prompts and missing entries in words. Amounts are said roughly: in a lobby others can read the screen."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.counter import rules
from guanxi.crm.counter.models import Reception
from guanxi.insight.policies.counter import ConsentWords, Courtesy, EventRule
from guanxi.web.formats import is_chinese, money_words

KINDS: Mapping[str, Promise] = {
    "retention": gettext_lazy("Retention case in hand"),
    "complaint": gettext_lazy("Complaint not settled"),
    "promise": gettext_lazy("Promise due"),
    "maturity": gettext_lazy("Maturing soon"),
    "need": gettext_lazy("Next need"),
    "gap": gettext_lazy("Missing on record"),
}
FACTS: Mapping[str, Promise] = {
    "occupation": gettext_lazy("Occupation"),
    "employer_name": gettext_lazy("Employer"),
    "village": gettext_lazy("Village or community"),
}

CONSENTS: Mapping[str, Promise] = {
    "sms": gettext_lazy("Text message"),
    "phone": gettext_lazy("Phone call"),
    "wecom": gettext_lazy("WeCom"),
    "email": gettext_lazy("By e-mail"),
}
CONSENT_STATES: Mapping[str, tuple[Promise, str]] = {
    "agreed": (gettext_lazy("agreed"), "green"),
    "refused": (gettext_lazy("refused"), "red"),
    "no_consent": (gettext_lazy("not asked yet"), "grey"),
}


def language() -> str:
    """The reader's language."""
    return get_language() or "zh"


def rough_words(fen: int) -> str:
    """About how much, in words."""
    return _("about %(amount)s") % {"amount": money_words(rules.roughly(fen), language())}


def prompt_sentence(reception: Reception) -> str:
    """The prompt as one sentence to act on; empty when there is none."""
    said = SENTENCES.get(reception.kind)
    return said(reception.prompt) if said else ""


def consent_channel(code: str) -> str:
    """A channel that is agreed to, in words."""
    return str(CONSENTS.get(code, code))


def said(words: Courtesy | EventRule | ConsentWords | None) -> str:
    """What the policy says in the reader's language; empty when it says nothing."""
    if words is None:
        return ""
    return words.say_zh if is_chinese(language()) else words.say_en


def _retention(facts: Mapping[str, Any]) -> str:
    told = {"amount": rough_words(facts.get("amount_fen") or 0)}
    return _("May be about to leave (%(amount)s). Ask how things are, and bring the keeper in.") % told


def _complaint(facts: Mapping[str, Any]) -> str:
    return (
        _("Complained on %(day)s (%(about)s) and waits for an answer: apologise first, offer nothing.")
        % facts
    )


def _promise(facts: Mapping[str, Any]) -> str:
    return _("Promised “%(text)s” by %(day)s: say how it stands.") % facts


def _maturity(facts: Mapping[str, Any]) -> str:
    told = {
        "family": Family(facts["family"]).label if facts["family"] in Family.values else facts["family"],
        "amount": rough_words(facts["amount_fen"]),
        "day": facts["day"],
    }
    return _("%(family)s of %(amount)s matures on %(day)s, not rolled over: ask whether to renew.") % told


def _need(facts: Mapping[str, Any]) -> str:
    return _("May be told of %(product)s (%(fit)s).") % facts


def _gap(facts: Mapping[str, Any]) -> str:
    return _("Ask for one thing: %(field)s.") % {"field": FACTS.get(facts["field"], facts["field"])}


SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "retention": _retention,
    "complaint": _complaint,
    "promise": _promise,
    "maturity": _maturity,
    "need": _need,
    "gap": _gap,
}
