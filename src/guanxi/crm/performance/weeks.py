"""How a frozen pack is shown: beside the pack before it, with names read now and within the reader's reach."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from guanxi.crm.customers.rules import shown_name
from guanxi.crm.customers.selectors import parties_by_id
from guanxi.crm.foresight.words import SIGNALS
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.performance import words
from guanxi.crm.performance.models import Decision, DecisionState, Efficiency, Measure, Pack
from guanxi.crm.performance.outputs import Shown, shown_outputs, team_outputs
from guanxi.crm.performance.packs import KEPT, SHOWN, count_in
from guanxi.crm.performance.rules import Count, seal
from guanxi.crm.worklist.models import Origin
from guanxi.web import formats
from guanxi.web.lists import Column
from guanxi.web.sheets import Sheet

STUCK_KINDS = ("warnings", "promises", "tasks", "pool")


@dataclass(frozen=True)
class Result:
    """A figure with how it moved against the pack before, and against the end of last month."""

    label: str
    code: str
    value: int | None
    week_change: int | None
    month_change: int | None


@dataclass(frozen=True)
class Process:
    """A process figure of all, and what it was in the pack before."""

    label: str
    now: str
    before: str


@dataclass(frozen=True)
class Stuck:
    """One stuck item."""

    kind: str
    name: str
    uuid: UUID | None
    party: int | None  # its key, where it may be named
    who: str
    since: date | None
    fen: int | None
    text: str


@dataclass(frozen=True)
class Picture:
    """The pack as it is shown."""

    first: date
    last: date
    as_of: date | None
    sealed: bool
    results: Sequence[Result]
    process: Sequence[Process]
    people: Sequence[Mapping[str, Any]]
    stuck: Sequence[Stuck]
    stuck_counts: Sequence[tuple[str, int]]
    compared_with: date | None
    outputs: Sequence[Shown] = ()  # of the team together, then of each person by name


def picture_of(pack: Pack, before: Pack | None, reach: Reach) -> Picture:
    """The pack beside the one before it; `sealed` says whether the content is what was frozen."""
    content = pack.content
    return Picture(
        date.fromisoformat(content["first"]),
        date.fromisoformat(content["last"]),
        pack.as_of,
        seal(content) == pack.sha256,
        [
            _result(code, content["results"][code], before)
            for code in words.RESULTS
            if code in content["results"]
        ],
        [_process(measure, pack, before) for measure in SHOWN],
        [_person(one) for one in content["people"]],
        _stuck(content["stuck"], reach),
        [(str(words.LISTS[kind][0]), content["stuck"][kind]["count"]) for kind in STUCK_KINDS],
        before.week if before else None,
        _outputs(content.get("outputs", ())),
    )


def _outputs(kept: Sequence[Mapping[str, Any]]) -> list[Shown]:
    """The adjusted outputs of a pack; none in a pack that was made before there were any."""
    rows = [
        Efficiency(
            staff=Staff(pk=one["staff"], name=one["name"]),
            **{name: one[name] for name in KEPT},
            **{name: date.fromisoformat(one[name]) for name in ("first", "last")},
        )
        for one in kept
    ]
    return shown_outputs([*team_outputs(rows), *rows])


def _result(code: str, values: Sequence[int | None], before: Pack | None) -> Result:
    value, _day, month = values
    was = before.content["results"].get(code, [None])[0] if before else None
    change = None if value is None or was is None else value - was
    return Result(str(words.RESULTS[code]), code, value, change, month)


def _process(measure: Measure, pack: Pack, before: Pack | None) -> Process:
    was = words.said(measure, count_in(before.content, measure)) if before else ""
    return Process(str(measure.label), words.said(measure, count_in(pack.content, measure)), was)


def _person(one: Mapping[str, Any]) -> Mapping[str, Any]:
    counts = {measure.value: words.said(measure, Count(*one[measure.value])) for measure in SHOWN}
    return {**one, **counts, "flagged": sum(one["flags"])}


def _stuck(content: Mapping[str, Any], reach: Reach) -> list[Stuck]:
    rows = [(kind, row) for kind in STUCK_KINDS for row in content[kind]["rows"]]
    parties = parties_by_id(reach, {row[0] for _kind, row in rows if row[0]})
    people = dict(
        Staff.objects.filter(pk__in={row[1] for _kind, row in rows if row[1]}).values_list("pk", "name")
    )
    found = []
    for kind, (party, person, since, fen, text) in rows:
        known = parties.get(party)
        hidden = _("kept elsewhere by now") if party else _("no customer")
        name = shown_name(known.name, hidden=reach.hides_names) if known else hidden
        day = date.fromisoformat(since) if since else None
        found.append(
            Stuck(
                str(words.LISTS[kind][0]),
                name,
                known.uuid if known else None,
                known.pk if known else None,
                people.get(person, ""),
                day,
                fen,
                _text(kind, text),
            )
        )
    return found


def _text(kind: str, text: str) -> str:
    if kind == "warnings":
        return str(SIGNALS.get(text, text))
    return str(Origin(text).label) if kind == "tasks" and text in Origin.values else text


def sheets_of(picture: Picture, decided: Iterable[Decision], notes: Sequence[str]) -> list[Sheet]:
    """The pack as the sheets of a workbook."""
    return [
        _results_sheet(picture, notes),
        *_process_sheets(picture),
        _outputs_sheet(picture),
        _stuck_sheet(picture),
        _decisions(decided),
    ]


def _results_sheet(picture: Picture, notes: Sequence[str]) -> Sheet:
    columns = [
        Column("what", _("Results"), "name"),
        Column("value", _("Now"), "money"),
        Column("week", _("Against the pack before"), "change_money"),
        Column("month", _("Against last month"), "change_money"),
    ]
    rows = [
        [one.label, one.value, one.week_change, one.month_change]
        for one in picture.results
        if one.code != "customers"
    ]
    return Sheet(_("Results"), columns, rows, notes)


def _process_sheets(picture: Picture) -> list[Sheet]:
    totals = Sheet(
        _("Process"),
        [
            Column("what", _("Process"), "name"),
            Column("now", _("These seven days")),
            Column("before", _("The pack before")),
        ],
        [
            *(
                [one.label, formats.count(one.value), ""]
                for one in picture.results
                if one.code == "customers"
            ),
            *([one.label, one.now, one.before] for one in picture.process),
        ],
    )
    columns = [Column("name", _("Person"), "name"), Column("unit", _("Outlet"))]
    columns += [Column(measure.value, str(measure.label)) for measure in SHOWN]
    columns.append(Column("flagged", _("Want a look"), "number"))
    rows = [
        [one["name"], one["unit"], *(one[measure.value] for measure in SHOWN), one["flagged"]]
        for one in picture.people
    ]
    return [totals, Sheet(_("People"), columns, rows)]


def _outputs_sheet(picture: Picture) -> Sheet:
    heads = (
        _("Output"), _("Actual"), _("Such customers elsewhere"), _("Adjusted difference"), _("An hour"),
        _("A contact that counts"),
    )  # fmt: skip
    columns = [
        Column("who", _("Who"), "name"),
        *(Column(f"output{at}", head) for at, head in enumerate(heads)),
    ]
    rows = [
        [
            one.who or _("The team together"), one.label, one.actual, one.expected,
            _said(one), one.an_hour[0], one.a_contact[0],
        ]
        for one in picture.outputs
    ]  # fmt: skip
    return Sheet(_("Output"), columns, rows)


def _said(one: Shown) -> str:
    """The difference behind what it says: a cell that begins with a plus sign is taken for a formula."""
    if not one.beyond:
        return str(one.verdict)
    told = {"verdict": one.verdict, "difference": one.beyond, "interval": one.span}
    return _("%(verdict)s: %(difference)s (%(interval)s)") % told


def _stuck_sheet(picture: Picture) -> Sheet:
    columns = [
        Column("kind", _("What is stuck"), "name"),
        Column("name", _("Customer"), "name"),
        Column("who", _("Whose")),
        Column("since", _("Stuck since"), "day"),
        Column("fen", _("Amount"), "money"),
        Column("text", _("About")),
    ]
    rows = [[one.kind, one.name, one.who, one.since, one.fen, one.text] for one in picture.stuck]
    return Sheet(_("Stuck items"), columns, rows)


def _decisions(decided: Iterable[Decision]) -> Sheet:
    columns = [
        Column("text", _("What was decided"), "name"),
        Column("owner", _("Who does it")),
        Column("due", _("By when"), "day"),
        Column("state", _("State")),
        Column("outcome", _("What came of it")),
    ]
    rows = [
        [one.text, one.owner.name, one.due_on, str(DecisionState(one.state).label), one.outcome]
        for one in decided
    ]
    return Sheet(_("Decisions"), columns, rows)
