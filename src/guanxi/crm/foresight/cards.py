"""Parts of a model card beside the scorer's own figures: other labels, and how the model of needs orders families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.foresight import words
from guanxi.crm.foresight.models import ModelVersion
from guanxi.web.formats import MISSING, decimal
from guanxi.web.lists import Column


def three(value: float | None) -> str:
    """A measure needs three digits to tell two scorers apart."""
    return decimal(value, 3) if value is not None else MISSING


def others(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same scorer fitted on the other labels: rows of the table and its columns."""
    return {
        "other_rows": [_other(said) for said in told.get("others", [])],
        "other_columns": [
            Column("label", _("Label"), "text"),
            Column("rows", _("Person-months"), "number"),
            Column("events", _("Came true"), "number"),
            Column("auc", _("AUC"), "text"),
            Column("rule_auc", _("AUC of the rule"), "text"),
            Column("lift", _("Lift of the first tenth"), "decimal"),
            Column("rule_lift", _("Lift of the rule"), "decimal"),
        ],
    }


def _other(said: Mapping[str, Any]) -> list[Any]:
    model, rule = said["model"] or {}, said["rule"] or {}
    return [
        str(words.PURPOSES.get(said["label"], said["label"])), said["rows"], said["events"], three(model.get("auc")),
        three(rule.get("auc")), model.get("lift"), rule.get("lift"),
    ]  # fmt: skip


def needs(told: Mapping[str, Any]) -> dict[str, Any]:
    """How well families are put in order, against what peers take: tables and their columns; empty of another model."""
    return {
        "need_rows": _order(told.get("needs", {})),
        "need_columns": [
            Column("measure", _("Measure"), "text"),
            Column("model", _("Model"), "text"),
            Column("peers", _("What peers take"), "text"),
            Column("gain", _("Gain"), "text"),
            Column("reach", _("95 % interval of the gain"), "text"),
        ],
        "need_customers": told.get("needs", {}).get("customers"),
        "family_rows": [_family(said) for said in _families(told)],
        "family_columns": [
            Column("family", _("Product family"), "text"),
            Column("kind", _("Kind of model"), "text"),
            Column("learnt", _("Takers learnt from"), "number"),
            Column("takers", _("Takers judged"), "number"),
            Column("auc", _("AUC"), "text"),
            Column("peers_auc", _("AUC of what peers take"), "text"),
        ],
    }


def _families(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = told.get("families")
    return found if isinstance(found, list) else []


def _order(said: Mapping[str, Any]) -> list[list[Any]]:
    return [
        [name, three(one["model"]), three(one["peers"]), _signed(one["gain"]), _reach(one)]
        for name, one in ((_("Recall@3"), said.get("recall")), (_("NDCG@3"), said.get("ndcg")))
        if one
    ]


def _reach(one: Mapping[str, Any]) -> str:
    return MISSING if one["from"] is None else f"{_signed(one['from'])} … {_signed(one['to'])}"


def _signed(value: float) -> str:
    return f"{value:+.4f}"


def _family(said: Mapping[str, Any]) -> list[Any]:
    kind = words.MODEL_KINDS.get(said["kind"])
    return [
        str(Family(said["family"]).label), str(kind) if kind else _("what peers take"), said["learnt"], said["takers"],
        three(said["auc"]), three(said["peers_auc"]),
    ]  # fmt: skip


def served_needs(on: ModelVersion | None) -> str:
    """What orders the next needs of customers, in a sentence."""
    if on is None:
        return _("Next needs are ordered by what peers take: no model of needs is switched on.")
    return _("Next needs are ordered by the model of needs, version %(n)s.") % {"n": on.version}
