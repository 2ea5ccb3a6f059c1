"""What is said of a read-out on the screen: amounts, verdicts in a sentence, reasons, groups."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.effects.models import EffectReadout, Verdict
from guanxi.crm.policies.words import language
from guanxi.crm.scores.tiers import TierNames
from guanxi.insight.effects.intervals import Interval
from guanxi.insight.effects.verdict import cost_per_effect
from guanxi.web.formats import money_words

MEASURES: Mapping[str, Promise] = {
    "aum": gettext_lazy("Growth of AUM"),
    "product": gettext_lazy("Product opened"),
    "retention": gettext_lazy("Retained"),
    "contribution": gettext_lazy("Contribution"),
}
SHARES = frozenset({"product", "retention"})
KINDS: Mapping[str, str] = {
    Verdict.WORKS: "green",
    Verdict.UNCLEAR: "grey",
    Verdict.NO_EFFECT: "amber",
    Verdict.HARMS: "red",
    Verdict.BLOCKED: "red",
}
REASONS: Mapping[str, Promise] = {
    "always_valid": gettext_lazy("said by the interval that holds at every look"),
    "at_horizon": gettext_lazy("said by the one look that was planned"),
    "too_few": gettext_lazy("too few customers in a group"),
    "running": gettext_lazy("the horizon has not come"),
    "planned_not_reached": gettext_lazy("fewer customers than planned"),
    "bounded": gettext_lazy("what was hoped for is ruled out"),
    "ratio": gettext_lazy("the numbers in the groups cannot be by chance"),
    "not_drawn": gettext_lazy("outlets were chosen, nobody was drawn"),
}
DIMENSIONS: Mapping[str, Promise] = {
    "tier_rank": gettext_lazy("Tier"),
    "age_band": gettext_lazy("Age"),
}


def amount(measure: str, value: float | None) -> str:
    """A lift with its sign: percentage points, or yuan a customer."""
    if value is None:
        return "—"
    if measure in SHARES:
        return _("%(n)s pp") % {"n": f"{value * 100:+.2f}"}
    return _("%(n)s yuan") % {"n": f"{round(value):+,}"}  # as a whole number: no -0


def span(measure: str, low: float | None, high: float | None) -> str:
    """An interval from its lower to its upper end; a dash while there are too few for one, or none has done it yet."""
    if low == high:
        return "—"
    return _("%(low)s to %(high)s") % {"low": amount(measure, low), "high": amount(measure, high)}


def level(measure: str, value: float) -> str:
    """A mean: a share in percent, or yuan a customer."""
    return f"{value:.1%}" if measure in SHARES else _("%(n)s yuan") % {"n": f"{value:,.0f}"}


def _unclear(row: EffectReadout) -> str:
    if row.low == row.high:  # none, or an interval of no width because nobody has done it yet
        return _(
            "Cannot be said yet: %(why)s. %(measure)s so far %(lift)s a customer; too few for an interval."
        )
    return _("Cannot be said yet: %(why)s. %(measure)s so far %(lift)s a customer (%(low)s to %(high)s).")


def sentence(row: EffectReadout) -> str:
    """The verdict first, then what it stands on."""
    told = {
        "measure": MEASURES[row.measure],
        "lift": amount(row.measure, row.lift),
        "low": amount(row.measure, row.low),
        "high": amount(row.measure, row.high),
        "why": REASONS[row.reason],
    }
    sentences = {
        Verdict.WORKS: _(
            "Works. %(measure)s: %(lift)s a customer against the held-out (%(low)s to %(high)s)."
        ),
        Verdict.UNCLEAR: _unclear(row),
        Verdict.NO_EFFECT: _(
            "No effect worth the name: %(why)s. %(measure)s %(lift)s a customer (%(low)s to %(high)s)."
        ),
        Verdict.HARMS: _(
            "Harms. %(measure)s: %(lift)s a customer against the held-out (%(low)s to %(high)s)."
        ),
        Verdict.BLOCKED: _("Not read out: %(why)s."),
    }
    return sentences[Verdict(row.verdict)] % told


def group_name(row: EffectReadout, tiers: TierNames) -> str:
    """The subgroup in words."""
    if row.dimension == "tier_rank":
        return tiers.label("person", int(row.subgroup)) if row.subgroup else _("No tier")
    return row.subgroup or _("not known")


def cost(row: EffectReadout) -> str:
    """What one effect cost: an additional customer, or 100 yuan more with us. Empty when no price can be said."""
    if not row.cost_fen or row.verdict == Verdict.BLOCKED:
        return ""
    said = cost_per_effect(
        row.cost_fen,
        row.n_treated,
        row.lift,
        Interval(_or(row.low, float("-inf")), _or(row.high, float("inf"))),
    )
    if said.at_lift is None:
        return _("no effect to pay for")
    if row.measure in SHARES:
        return _("%(price)s for each additional customer") % {
            "price": money_words(round(said.at_lift), language())
        }
    return _("%(price)s for each 100 yuan") % {"price": money_words(round(said.at_lift * 100), language())}


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def ratio_words(row: EffectReadout) -> str:
    """The sample-ratio check in words."""
    return _("p = %(p)s") % {"p": f"{row.srm_p:.3f}" if row.srm_p >= 0.001 else "< 0.001"}


FILTERS: Mapping[str, Promise] = {
    "restricted": gettext_lazy("restricted, or contact rules do not know them"),
    "unsuitable": gettext_lazy("nothing suitable any more"),
    "refused": gettext_lazy("marketing refused or not agreed to"),
    "complaint": gettext_lazy("a complaint or a hold is open"),
    "cooled": gettext_lazy("contacted as often as allowed"),
    "held_out": gettext_lazy("what would fit is the matter of a campaign under way"),
}
OFFER_KINDS = {"better": "green", "worse": "red", "alike": "grey", "too_few": "yellow"}


def offers_sentence(verdict: str, least: int) -> str:
    """Whether choosing by worth is any better than chance, as far as the ledger shows."""
    return {
        "better": _("Offers chosen by worth are taken more often than those chance picked."),
        "worse": _("Offers chance picked are taken more often: chances or values are wrong somewhere."),
        "alike": _("Whether choosing by worth does better than chance cannot be said yet."),
        "too_few": _("Too few to say: each way needs %(n)s offers whose days are over.") % {"n": least},
    }[verdict]
