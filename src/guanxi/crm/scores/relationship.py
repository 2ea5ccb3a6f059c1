"""The four indices of a relationship (四项关系指数) as the value card tells them, with what each rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.scores.models import PartyHistory, PartyScore

MEASURES: Mapping[str, Promise] = {
    "satisfaction": gettext_lazy("Satisfaction"),
    "loyalty": gettext_lazy("Loyalty"),
    "contribution": gettext_lazy("Contribution"),
    "dependence": gettext_lazy("Dependence"),
}
MONTHS = 13


@dataclass(frozen=True)
class Index:
    """One index: 0..100, or None with the reason in `sentence`."""

    code: str
    label: str
    points: int | None
    sentence: str


def indices(score: PartyScore) -> list[Index]:
    """The four indices with what each rests on, from the published row; none before a night has made them."""
    told: Mapping[str, Any] = score.details.get("index") or {}
    if not told:
        return []
    return [
        Index(code, str(label), told.get(code), _sentence(code, told)) for code, label in MEASURES.items()
    ]


def contribution_chart(history: PartyHistory) -> dict[str, Any] | None:
    """Contribution of each of the last months; None where no month's is known."""
    values = list(history.contribution_fen)[-MONTHS:]
    if not any(value is not None for value in values):
        return None
    series = [{"name": _("Contribution"), "code": "", "values": values}]
    return {"categories": [f"{month:%Y-%m}" for month in history.months[-MONTHS:]], "series": series}


def _sentence(code: str, told: Mapping[str, Any]) -> str:
    if code == "satisfaction":
        return _satisfaction(told)
    if code == "contribution":
        if told.get("contribution") is None:
            return _("The contribution is not known: an account lacks its transfer price.")
        return _("Brings more in 12 months than %(n)s%% of the customers of the same kind.") % {
            "n": told["contribution"]
        }
    parts = list(_loyalty(told) if code == "loyalty" else _dependence(told))
    return " · ".join(parts) if parts else _("Nothing is known that it could rest on.")


def _satisfaction(told: Mapping[str, Any]) -> str:
    if told.get("satisfaction") is None:
        return _("No answer to a survey and no complaint: nothing is known, so there is no index.")
    counts = {"answers": told.get("answers") or 0, "complaints": told.get("complaints") or 0}
    counts["open"] = told.get("complaints_open") or 0
    return _("From %(answers)s answers and %(complaints)s complaints (%(open)s open).") % counts


def _loyalty(told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("years") is not None:
        yield _("customer for %(n)s years") % {"n": told["years"]}
    if told.get("idle_days") is not None:
        yield _("last own transaction %(n)s days ago") % {"n": told["idle_days"]}
    if told.get("held_percent") is not None:
        yield _("balance at %(n)s%% of the own six months before") % {"n": told["held_percent"]}


def _dependence(told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("families") is not None:
        yield _("%(n)s product families") % {"n": told["families"]}
    if told.get("has_salary") is not None:
        yield _("salary paid through us") if told["has_salary"] else _("no salary through us")
    if told.get("flow_percent") is not None:
        yield _("%(n)s%% of the money out does not go to own accounts elsewhere") % {
            "n": told["flow_percent"]
        }
    yield _("has a loan here") if told.get("has_loan") else _("no loan here")
