"""The figures of one person as they are shown, and who in a team may need help with what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from guanxi.crm.interactions.models import Contact
from guanxi.crm.organisation.models import UnitScope
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.performance import selectors, words
from guanxi.crm.performance.measuring import Flags, Measuring
from guanxi.crm.performance.models import Advice, Dispute, Measure, TeamMedian
from guanxi.crm.performance.policy import Terms
from guanxi.crm.performance.rules import NOTHING, Count, Need, needs_of, sample
from guanxi.crm.performance.team import Member, team_of
from guanxi.crm.scores.reports.places import Place
from guanxi.web import formats


@dataclass(frozen=True)
class Shown:
    """One measure of a person in words: the figure, what was to be expected, the median of the team."""

    code: str
    label: str
    value: str
    expected: str
    median: str
    note: str = ""


@dataclass(frozen=True)
class Helped:
    """Somebody of the team with what the figures say about help needed."""

    member: Member
    needs: Sequence[tuple[str, str]]
    last: Advice | None


def figures_of(
    staff: Sequence[int], terms: Terms
) -> tuple[date | None, Mapping[int, Mapping[Measure, Count]]]:
    """The figures of people as the last night measured them, with its day; before the first night as of now.

    The night's are whole: a reader's own count misses contacts with customers who lie out of the reader's reach, so
    that a manager and the head would read two numbers of the same work.
    """
    as_of, nightly = selectors.figures_of(staff)
    return as_of, nightly if as_of else live_figures(staff, terms)


def live_figures(staff: Sequence[int], terms: Terms) -> Mapping[int, Mapping[Measure, Count]]:
    """The process figures of people as of now, as far as the reader sees; nothing is expected of them yet."""
    figures = Measuring(staff, terms).process()
    return {
        person: {measure: by[person] for measure, by in figures.items() if person in by} for person in staff
    }


def queue_of(reach: Reach, place: Place, terms: Terms) -> list[Helped]:
    """辅导队列: the people of whom a figure says that help may be needed, by name, the most pressing need first."""
    team = team_of(place.members, terms.on)
    _as_of, figures = figures_of([one.key for one in team], terms)
    last: dict[int, Advice] = {}
    for advice in selectors.advice_about(reach, [one.key for one in team]):
        last.setdefault(advice.staff_id, advice)
    found = []
    for member in team:
        needs = needs_of(figures.get(member.key, {}), terms.work)
        if needs:
            found.append(Helped(member, [_need(need) for need in needs], last.get(member.key)))
    return found


def _need(need: Need) -> tuple[str, str]:
    label = str(words.HELP[need.measure])
    if need.measure is Measure.CONVERSION:
        told = {"hits": need.count.hits, "expected": formats.decimal(need.count.expected)}
        return label, _("%(hits)s deals, %(expected)s to be expected of such customers") % told
    return label, words.said(need.measure, need.count)


def shown_of(member: Member, terms: Terms) -> tuple[list[Shown], date | None]:
    """Every measure of a person beside the median of the team; results and medians are of the last night."""
    as_of, everybody = figures_of([member.key], terms)
    figures = everybody.get(member.key, {})
    above = UnitScope.objects.filter(member=member.unit).values_list("unit_id", flat=True)
    medians = selectors.medians_for(above, member.role, as_of)
    return [
        _shown(measure, figures.get(measure, NOTHING), medians.get(measure)) for measure in Measure
    ], as_of


def _shown(measure: Measure, count: Count, median: TeamMedian | None) -> Shown:
    label = str(measure.label)
    if measure is Measure.RESULT:
        return _result(label, count, median)
    expected = ""
    if measure is Measure.CONVERSION and count.expected is not None:
        expected = formats.decimal(count.expected)
    value = words.said(measure, count) if count.cases else ""
    return Shown(measure.value, label, value, expected, _median(measure, median))


def _result(label: str, count: Count, median: TeamMedian | None) -> Shown:
    if not count.cases:
        return Shown("result", label, "", "", _median(Measure.RESULT, median))
    language = words.language()
    moved = formats.change_money(count.hits - count.cases, language).text
    value = f"{formats.money_short(count.hits, language)} ({moved})"
    expected = "" if count.expected is None else formats.money_short(round(count.expected), language)
    return Shown("result", label, value, expected, _median(Measure.RESULT, median))


def _median(measure: Measure, median: TeamMedian | None) -> str:
    if median is None:
        return ""
    plain = measure in {Measure.BROKEN, Measure.UNTOUCHED, Measure.CONTACTS}
    value = formats.decimal(median.value, 0) if plain else formats.percent(median.value)
    if measure in {Measure.CONVERSION, Measure.RESULT}:
        value = _("%(share)s of what was expected") % {"share": value}
    return _("%(value)s (%(people)s people, %(unit)s)") % {
        "value": value,
        "people": median.people,
        "unit": median.unit.name,
    }


@dataclass(frozen=True)
class Note:
    """A contact that is read or wants a look, with what was seen about it."""

    contact: Contact
    flags: Sequence[tuple[str, str]]


def notes_of(staff: int, terms: Terms) -> tuple[list[Note], list[Note]]:
    """The sample of the day (抽查) and the contacts that want a look, of one person."""
    measuring = Measuring([staff], terms)
    flagged = measuring.flagged(measuring.usual)
    keys = selectors.recent_notes(staff, measuring.usual.first, terms.on)
    drawn = sample(keys, terms.on, measuring.policy.sample_notes)
    found = {one.pk: one for one in selectors.contacts_by_key({*drawn, *sorted(flagged)[-50:]})}
    notes = {key: Note(contact, _flags(flagged.get(key))) for key, contact in found.items()}
    return [notes[key] for key in drawn if key in notes], [notes[key] for key in notes if key in flagged]


def _flags(flags: Flags | None) -> list[tuple[str, str]]:
    if flags is None:
        return []
    return [(str(label), str(about)) for name, (label, about) in words.FLAGS.items() if getattr(flags, name)]


def compared(advice: Advice) -> tuple[str, str]:
    """The figure before and after advice, each with its number of cases; empty while there is none."""
    before = words.said(advice.measure, Count(advice.before_hits or 0, advice.before_cases or 0))
    if advice.reviewed_on is None:
        return before, ""
    return before, words.said(advice.measure, Count(advice.after_hits or 0, advice.after_cases or 0))


def disputed(rows: Iterable[Dispute]) -> list[tuple[Dispute, str]]:
    """Disputes with the figure as it was disputed, in words."""
    return [(one, words.said(one.measure, Count(one.hits, one.cases))) for one in rows]
