"""What the pages of campaigns show: options of the wizard, the outlook in sentences, the funnel, the preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.campaigns import selectors, words
from guanxi.crm.campaigns.audience import events_on
from guanxi.crm.campaigns.eligible import REASONS, products_of
from guanxi.crm.campaigns.groups import payroll_groups
from guanxi.crm.campaigns.models import Campaign
from guanxi.crm.campaigns.pilots import Outlet, Pair, nearest_pairs
from guanxi.crm.campaigns.plan import ONLINE, Plan, credit_of
from guanxi.crm.campaigns.policy import campaign_policy
from guanxi.crm.campaigns.referring import Brought
from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.rules import shown_name
from guanxi.crm.messaging.filling import fill, recipients
from guanxi.crm.messaging.models import TemplateState, TemplateVersion
from guanxi.crm.organisation.models import Unit, UnitKind
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.segments.selectors import latest_of, segments_for
from guanxi.web.formats import count, money_short, percent

Choices = list[tuple[str, Any]]
GROUP_FAMILIES = ("time", "cd", "structured", "wealth", "fund", "insurance")


def options(reach: Reach, section: str, today: date) -> dict[str, Choices]:
    """The options of a section's fields as they are today."""
    if section == "audience":
        units = Unit.objects.filter(kind=UnitKind.OUTLET, pk__in=sorted(reach.unit_ids)).order_by("unit_no")
        outlets: Choices = [(unit.unit_no, unit.name) for unit in units]
        return {
            "segment": [("", "—"), *_segments(reach)],
            "trigger": [*words.TRIGGERS.items(), *_online_events(today)],
            "employer": [("", "—"), *_employers(today)],
            "pilot_units": outlets,
            "compare_units": outlets,
        }
    if section == "offer":
        return {"products": _products(today)}
    return {"templates": _templates()} if section == "steps" else {}


def _segments(reach: Reach) -> Choices:
    rows = list(segments_for(reach))
    versions = latest_of(rows)
    return [(f"{row.uuid}:{versions[row.pk].number}", row.name) for row in rows if row.pk in versions]


def _online_events(today: date) -> Choices:
    codes = [ONLINE + one.event_kind for one in events_on(today)]
    return [(code, words.trigger_name(code, today)) for code in codes]


def _employers(today: date) -> Choices:
    groups = payroll_groups(GROUP_FAMILIES, campaign_policy(today))
    return [(one.uuid, f"{one.name or '—'} · {count(one.people)} · {percent(one.share)}") for one in groups]


def _products(today: date) -> Choices:
    begun = Q(sold_from=None) | Q(sold_from__lte=today)
    rows = Product.objects.filter(begun, Q(sold_to=None) | Q(sold_to__gte=today)).exclude(family="loan")
    return [
        (
            row.product_code,
            " · ".join(filter(None, (row.name, str(row.get_family_display()), row.risk_grade))),
        )
        for row in rows.order_by("family", "product_code")[:200]
    ]


def _templates() -> Choices:
    rows = TemplateVersion.objects.filter(
        state=TemplateState.APPROVED, template__purpose="marketing", template__ended_at=None
    ).select_related("template")
    return [
        (f"{row.template.channel}:{row.pk}", f"{row.template.get_channel_display()} · {row.template.name}")
        for row in rows.order_by("template__channel", "template__code")
    ]


def suggested_pairs(reach: Reach, pilots: int = 2) -> list[Pair]:
    """Outlets within reach that are most alike, for a pilot; one query."""
    rows = (
        PartyScore.objects.filter(unit__kind=UnitKind.OUTLET, unit__in=sorted(reach.unit_ids))
        .values("unit__unit_no", "unit__name")
        .annotate(customers=Count("pk"), aum=Sum("aum_fen"), deposits=Sum("deposits_fen"))
        .order_by("unit__unit_no")
    )
    outlets = [
        Outlet(
            row["unit__unit_no"], row["unit__name"], row["customers"],
            (row["aum"] or 0) / 100 / row["customers"], (row["deposits"] or 0) / (row["aum"] or 1),
        )
        for row in rows
    ]  # fmt: skip
    return nearest_pairs(outlets, pilots) if len(outlets) > 1 else []


@dataclass(frozen=True)
class Bar:
    """One stage of the funnel; `share` of the first stage, in whole percent for the bar's width."""

    label: str
    number: int
    share: int
    note: str = ""


def funnel(
    campaign: Campaign,
    told: selectors.Funnel,
    sent: Mapping[str, int],
    *,
    whole: bool,
    answered: tuple[int, int] = (0, 0),
) -> list[Bar]:
    """Audience → may be asked → treated → sent → replied → reached → took it. A branch begins with its own treated."""
    counts = campaign.counts
    stages: list[tuple[str, int, str]] = []
    if whole:
        stages = [
            (_("Audience"), counts.get("audience", 0), ""),
            (_("May be asked"), counts.get("eligible", 0), ""),
        ]
    stages.append((_("Treated"), told.treated, ""))
    if sent:
        out = sum(sent.get(state, 0) for state in ("accepted", "delivered"))
        stages += [(_("Message accepted"), out, ""), (_("Message delivered"), sent.get("delivered", 0), "")]
        said = _("%(n)s of them want no more") % {"n": count(answered[1])} if answered[1] else ""
        stages.append((_("Replied"), answered[0], said))
    stages.append((_("Reached by a person"), told.reached, ""))
    if campaign.family or campaign.plan.get("products"):
        amount = money_short(told.bought_fen, get_language()) if told.bought else ""
        stages.append((_("Took the product"), told.bought, amount))
    most = max((number for _label, number, _note in stages), default=0) or 1
    return [Bar(label, number, round(100 * number / most), note) for label, number, note in stages]


def brought(told: Brought) -> list[Bar]:
    """Handed in → a customer → rewarded, of a referral campaign."""
    amount = money_short(told.fen, get_language()) if told.rewarded else ""
    stages = [
        (_("Newcomers brought"), told.brought, ""), (_("Customers by now"), told.customers, ""),
        (_("Rewarded"), told.rewarded, amount),
    ]  # fmt: skip
    return [
        Bar(label, number, round(100 * number / (told.brought or 1)), note) for label, number, note in stages
    ]


def credited(campaign: Campaign, told: selectors.Funnel) -> list[tuple[str, str, int]]:
    """What each line is credited with of what was taken so far: its name, its share, fen."""
    credit = Plan.read(campaign.plan).credit
    amounts = credit_of(told.bought_fen, credit)
    return [
        (str(words.LINES.get(one.line, one.line)), percent(one.share), amounts[one.line]) for one in credit
    ]


def sending(sent: Mapping[str, int]) -> list[tuple[str, int]]:
    """Where the messages that were not delivered stand, in words; states without any are left out."""
    names = {
        "planned": _("Waiting to be sent"), "claimed": _("Waiting to be sent"), "submitting": _("being handed over"),
        "accepted": _("no receipt yet"), "failed": _("failed"), "refused": _("not permitted"),
        "expired": _("too late"), "unknown": _("in doubt"), "stopped": _("stopped"),
    }  # fmt: skip
    told: dict[str, int] = {}
    for state, name in names.items():
        if number := sent.get(state, 0):
            told[name] = told.get(name, 0) + number
    return list(told.items())


def outlook_sentences(told: Mapping[str, Any], plan: Plan) -> list[tuple[str, str]]:
    """The outlook in plain sentences, each with its kind (info, success, warning)."""
    if told.get("problem"):
        return [("warning", str(words.PROBLEMS.get(told["problem"], told["problem"])))]
    said = [_sight_words(told, plan)] if plan.measure and told.get("eligible") else []
    if told.get("tasks"):
        kind = "warning" if told["overloaded"] or told["minutes"] > told["capacity"] else "success"
        said.append((kind, _(
            "Keepers need %(need)s minutes; campaigns may take %(free)s of theirs. "
            "%(over)s of %(all)s managers would have more than they can do.",
        ) % {"need": count(told["minutes"]), "free": count(told["capacity"]), "over": told["overloaded"],
             "all": told["managers"]}))  # fmt: skip
    if told.get("asked"):
        said.append(_clash_words(told["asked"], sum(told["clash"].values())))
    if plan.budget is not None and told.get("cost_fen", 0) > plan.budget * 100:
        said.append(("warning", _("The cost may exceed the budget.")))
    return said


def _clash_words(asked: int, stopped: int) -> tuple[str, str]:
    """How many of those asked about the contact rules would stop."""
    if not stopped:
        return "success", _("Of %(asked)s customers asked about, all could be sent the first message.") % {
            "asked": count(asked)
        }
    return "warning" if stopped * 2 > asked else "info", _(
        "Of %(asked)s customers asked about, %(stopped)s could not be sent the first message: see the reasons.",
    ) % {"asked": count(asked), "stopped": count(stopped)}


def _sight_words(told: Mapping[str, Any], plan: Plan) -> tuple[str, str]:
    """What this audience can show, said so that nobody launches in the dark."""
    if told.get("small_group") or told.get("visible") is None:
        return "warning", _(
            "This branch is too small to see anything: the held-out group would be %(n)s."
        ) % {"n": told["held_out"]}
    visible = lift_words(told["visible"], plan.measure)
    if told["sight"] == "enough":
        return "success", _("An effect of %(lift)s or more will show; you hope for %(hoped)s.") % {
            "lift": visible, "hoped": lift_words(float(plan.hoped or 0), plan.measure)
        }  # fmt: skip
    if told["sight"] == "too_small":
        return "warning", _(
            "Only an effect of %(lift)s or more would show, and you hope for %(hoped)s: "
            "%(needed)s customers in each group would be needed.",
        ) % {"lift": visible, "hoped": lift_words(float(plan.hoped or 0), plan.measure),
             "needed": count(told.get("needed") or 0)}  # fmt: skip
    return "info", _("An effect of %(lift)s or more would show.") % {"lift": visible}


def lift_words(lift: float, measure: str) -> str:
    """A lift in the measure's unit: percentage points, or yuan a customer."""
    if measure in ("product", "retention"):
        return _("%(n)s percentage points") % {"n": f"{lift * 100:.2f}".rstrip("0").rstrip(".")}
    return _("%(n)s yuan a customer") % {"n": f"{lift:,.0f}"}


def reasons(told: Mapping[str, int], names: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Counts by reason in words, the most frequent first."""
    return [
        (str(names.get(code, code)), number) for code, number in sorted(told.items(), key=lambda one: -one[1])
    ]


def dropped(told: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Who was left out, by reason."""
    return reasons(told.get("dropped", {}), REASONS)


@dataclass(frozen=True)
class Sample:
    """A recipient as the preview shows one: name as the right allows, what each message would say."""

    name: str
    texts: Sequence[str]


def samples(plan: Plan, parties: Sequence[int], reach: Reach, today: date) -> list[Sample]:
    """The first recipients with their rendered messages, masked for whoever sees customers masked."""
    people = Party.objects.in_bulk(list(parties))
    versions = TemplateVersion.objects.select_related("template").in_bulk(
        [key for step in plan.steps for key in step.templates]
    )
    known = recipients(people) if versions else {}
    offers = products_of(plan)
    names = dict(Product.objects.filter(product_code__in=offers).values_list("product_code", "name"))
    told = {
        "product": "、".join(names.values()),
        "day": plan.ends_on,
        "maturity_day": plan.ends_on,
        "amount": 0,
    }
    told = {code: value for code, value in told.items() if value != ""}
    made = []
    for key in parties:
        if key not in people:
            continue
        texts = [_text(version, known.get(key), told, reach, today) for version in versions.values()]
        made.append(Sample(shown_name(people[key].name, hidden=reach.hides_names), texts))
    return made


@dataclass(frozen=True)
class Wording:
    """A text that a step would send, as it was approved: its fields not yet filled in."""

    step: int
    name: str
    text: str


def wordings(plan: Plan) -> list[Wording]:
    """Every text of the plan in the order of its steps, for who decides about it; one query, none without messages."""
    wanted = [(number, key) for number, step in enumerate(plan.steps, 1) for key in step.templates]
    keys = {key for _number, key in wanted}
    versions = TemplateVersion.objects.select_related("template").in_bulk(keys) if keys else {}
    found = [(number, versions[key]) for number, key in wanted if key in versions]
    return [Wording(number, one.template.name, one.texts["zh"]["text"]) for number, one in found]


def _text(version: TemplateVersion, one: Any, told: Mapping[str, Any], reach: Reach, today: date) -> str:
    if one is None:
        return ""
    try:
        return fill(
            version,
            one,
            told,
            tiers=tier_names(today),
            until=today + timedelta(days=1),
            masked=reach.hides_names,
            shown=True,
        ).text
    except (KeyError, ValueError) as missing:
        return _("This template asks for “%(field)s”, which a campaign does not know.") % {
            "field": str(missing).strip("'")
        }


def panel(reach: Reach, party: Party) -> dict[str, Any]:
    """The customer page's panel: campaigns in which this customer is treated; one query."""
    return {
        "campaigns_in": selectors.campaigns_of(reach, party),
        "campaign_kinds": words.STATES,
        "may_see_campaigns": reach.may(Right.SEE_CAMPAIGNS),
    }
