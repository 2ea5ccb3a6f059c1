"""What this room's panel and pages show; no request, no markup."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.behaviour import selectors, words
from guanxi.crm.behaviour.models import Event, Recent
from guanxi.crm.behaviour.policy import event_policy
from guanxi.crm.behaviour.rollup import LONG, SHORT
from guanxi.crm.catalog.selectors import product_of
from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.insight.policies.behaviour_event import BehaviourEventPolicy
from guanxi.web.formats import is_chinese, money_words
from guanxi.web.lists import Column

MOST_EVENTS, MOST_LINES, DAYS = 100, 50, 7


@dataclass(frozen=True)
class Row:
    """A kind of event and how often."""

    name: str
    words: str


@dataclass(frozen=True)
class Online:
    """What a customer did lately."""

    last: str
    left: str
    rows: list[Row]
    channels: list[tuple[str, str]]
    log_url: str


def panel(reach: Reach, party: Party, today: date) -> dict[str, Any]:
    """线上行为: what was done last, how often in 7 and 30 days, the product left half-way, which channels."""
    rows = selectors.recent_of(reach, party)
    policy = event_policy(today)
    return {"online": _online(rows, policy, party, reach) if rows and policy else None}


def _online(rows: Sequence[Recent], policy: BehaviourEventPolicy, party: Party, reach: Reach) -> Online:
    newest = max(rows, key=lambda row: row.last_at)
    left = max((row for row in rows if row.left_at), key=lambda row: _instant(row.left_at), default=None)
    counts: dict[str, Counter[int]] = {}
    sources: dict[str, str] = {}
    for row in rows:
        for kind, (short, long, _last) in row.counts.items():
            counts.setdefault(kind, Counter()).update({SHORT: short, LONG: long})
        for source, day in row.sources.items():
            sources[source] = max(day, sources.get(source, ""))
    told = {"kind": kind_name(policy, newest.last_kind), "source": words.source_name(newest.last_source)}
    shown = [
        Row(
            kind_name(policy, kind),
            _("%(short)s times in 7 days, %(long)s in 30") % {"short": each[SHORT], "long": each[LONG]},
        )
        for kind, each in sorted(counts.items(), key=lambda one: (-one[1][LONG], one[0]))
        if each[LONG]
    ]
    return Online(
        _("%(when)s: %(kind)s (%(source)s)") % {**told, "when": _when(newest.last_at)},
        _left_words(policy, left) if left else "",
        shown,
        [
            (words.source_name(source), day)
            for source, day in sorted(sources.items(), key=lambda one: one[1], reverse=True)
        ],
        reverse("behaviour:log", args=[party.uuid]) if may_see_log(reach) else "",
    )


def may_see_log(reach: Reach) -> bool:
    """Whether single events are shown: to who may see protected values, not to the counter nor to who sees no names."""
    return reach.may(Right.REVEAL) and not reach.masked


def _left_words(policy: BehaviourEventPolicy, row: Recent) -> str:
    product = product_of(row.left_product) if row.left_product else None
    name = product.name if product else row.left_product
    parts = [kind_name(policy, row.left_kind), name, _when(_instant(row.left_at))]
    return " · ".join(part for part in parts if part)


def _instant(at: datetime | None) -> datetime:
    assert at is not None
    return at


def _when(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def kind_name(policy: BehaviourEventPolicy | None, code: str) -> str:
    """A kind of event in the reader's words; the code of one that is registered no more."""
    one = policy.kind_of(code) if policy else None
    if one is None:
        return code
    return one.label_zh if is_chinese(get_language() or "zh") else one.label_en


def log(events: Iterable[Event], today: date) -> dict[str, Any]:
    """The single events as a table."""
    policy = event_policy(today)
    return {
        "columns": [Column("at", _("When"), "text"), Column("kind", _("What")), Column("source", _("Channel")),
                    Column("properties", _("Details"))],
        "rows": [
            [_when(one.at), kind_name(policy, one.kind), words.source_name(one.source), _details(policy, one)]
            for one in events
        ],
        "most": MOST_EVENTS,
    }  # fmt: skip


def _details(policy: BehaviourEventPolicy | None, one: Event) -> str:
    """The properties by their registered names, amounts as money."""
    amounts = {
        each.property_name
        for each in (policy.event_properties if policy else ())
        if each.event_kind == one.kind and each.property_type == "fen"
    }
    language = get_language() or "zh"
    told = [
        f"{name.removesuffix('_fen')} {money_words(value, language)}"
        if name in amounts
        else f"{name} {value}"
        for name, value in sorted(one.properties.items())
    ]
    return ", ".join(told)


def intake(today: date) -> dict[str, Any]:
    """What came in the last days by system and kind, what was dropped and refused."""
    batches = selectors.batches(today, DAYS)
    systems = batches.values("token__name").annotate(
        requests=Count("pk"), came_sum=Sum("came"), new_sum=Sum("new"), known_sum=Sum("known"),
        waiting_sum=Sum("waiting"), refused_sum=Sum("refused"),
    ).order_by("token__name")  # fmt: skip
    dropped: Counter[str] = Counter()
    for counts in batches.exclude(dropped={}).values_list("dropped", flat=True):
        dropped.update(counts)
    refused = selectors.refused_lines(today, DAYS)
    return {
        "days": DAYS,
        "system_columns": [
            Column("system", _("System"), "name"), *_numbers(
                requests=_("Requests"), came=_("Events"), new=_("New events"), known=_("Known before"),
                waiting=_("Of nobody known"), refused=_("Lines refused"),
            )
        ],
        "systems": [list(row.values()) for row in systems],
        **_kinds(today),
        "dropped_columns": [Column("reason", _("Reason")), *_numbers(times=_("Events"))],
        "dropped": [[str(words.DROPPED.get(reason, reason)), times] for reason, times in dropped.most_common()],
        "refused_columns": [
            Column("at", _("When")), Column("system", _("System"), "name"), *_numbers(line=_("Line number")),
            Column("kind", _("Kind of event")), Column("why", _("Why")),
        ],
        "refused": [_refused(line) for line in refused[:MOST_LINES]],
        "refused_count": sum(row["refused_sum"] for row in systems),
    }  # fmt: skip


def _refused(line: Any) -> list[Any]:
    why = str(words.REASONS.get(line.reason, line.reason))
    return [
        _when(line.batch.taken_at), line.batch.token.name, line.line, line.kind,
        f"{why} ({line.property_name})" if line.property_name else why,
    ]  # fmt: skip


def _kinds(today: date) -> dict[str, Any]:
    policy = event_policy(today)
    times: Counter[str] = Counter()
    for kind, _source, number in selectors.kind_days(today - timedelta(days=DAYS)):
        times[kind] += number
    return {
        "kind_columns": [
            Column("kind", _("Kind of event"), "name"), Column("means", _("Means")), Column("purpose", _("Used for")),
            *_numbers(kept=_("Kept for (days)"), times=_("Events")),
        ],
        "kinds": [
            [kind_name(policy, one.event_kind), words.meaning_name(one.meaning), words.purpose_name(one.use_for),
             one.keep_days, times[one.event_kind]]
            for one in (policy.event_kinds if policy else ())
        ],
    }  # fmt: skip


def _numbers(**labels: str) -> list[Column]:
    return [Column(name, label, "number") for name, label in labels.items()]
