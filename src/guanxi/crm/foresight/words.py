"""Signals, destinations and states in words, and the colours that mean something."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.foresight.models import ListState, ModelState

SIGNALS: Mapping[str, Promise] = {
    "outflow": _("Money leaving"),
    "payroll_stopped": _("Pay stopped"),
    "payroll_batch_stopped": _("An employer's pay stopped"),
    "matured": _("Matured, not renewed"),
    "log_ins_down": _("Fewer log-ins"),
    "complaint": _("Complaint"),
    "debit_cancelled": _("Direct debit cancelled"),
    "slope": _("Wealth falling"),
    "early_withdrawal": _("Early withdrawal"),
    "closing_request": _("Wants to close"),
    "likely": _("Likely to leave"),
}
URGENCY_KINDS: Mapping[int, str] = {5: "red", 4: "red", 3: "amber", 2: "amber", 1: "grey"}
WHY_NOT: Mapping[str, Promise] = {
    ListState.OVER_BUDGET: _(
        "Beyond the number of new warnings a manager gets in a day; comes up as the list clears."
    ),
    ListState.QUIET: _("Was on the list lately, and no more is at stake than then."),
    ListState.SMALL: _("Less is at stake than the policy asks for."),
    ListState.NO_KEEPER: _("Nobody keeps this customer, so nobody has the warning on a list."),
}
MODEL_KINDS: Mapping[str, Promise] = {
    "logistic": _("Logistic regression"),
    "trees": _("Boosted trees"),
    "rule": _("One-line rule"),
    "column": _("Best single column"),
    "families": _("One scorer a family"),
}
PURPOSES: Mapping[str, Promise] = {
    "asset_loss": _("Asset loss"),
    "exit": _("Exit"),
    "dormant": _("Dormancy"),
    "tier_drop": _("Tier drop"),
    "need": _("Next need"),
}
MODEL_STATE_KINDS: Mapping[str, str] = {
    ModelState.MADE: "grey",
    ModelState.ASKED: "amber",
    ModelState.ON: "green",
    ModelState.OFF: "grey",
    ModelState.REFUSED: "red",
}
FALLBACKS: Mapping[str, Promise] = {
    "no_model": _("no model is switched on"),
    "drifted": _("the customers differ too much from those the model learnt from"),
    "hash_differs": _("the model's text is not the one that was approved"),
    "unreadable": _("the model's text cannot be read"),
    "other_schema": _("the model was made by another version of the program"),
    "other_columns": _("the model was made for other columns"),
    "not_finite": _("the model's numbers are not usable"),
}
NOT_KEPT: Mapping[str, Promise] = {
    "no_better_than_rule": _(
        "It orders customers no better than the one-line rule on months it has not seen."
    ),
    "no_better_at_capacity": _(
        "Within what managers can call, it finds fewer leavers than the one-line rule."
    ),
    "too_few_events": _("Too few customers left to learn from."),
    "no_better_than_peers": _(
        "On the newest months it orders product families no better than what peers take, so what peers take serves."
    ),
}
