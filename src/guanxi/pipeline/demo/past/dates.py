"""Important dates (重要日子) that keepers noted: birthdays by the lunar calendar, wedding days, foundings.

The worklist, which is told after them, opens the tasks of the coming days.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from guanxi.crm.care.models import ImportantDate
from guanxi.crm.scores.models import PartyScore
from guanxi.insight.greetings import LEAP, LUNAR, lunar_day, lunar_year

KEEPERS, EACH = 40, 5
PERSONS = (
    # days from today, kind, by the lunar calendar, years ago (of a birthday: known, as the papers say), words, from
    (2, "birthday", True, 1, "", "customer"),
    (4, "wedding", False, 25, "银婚", "family"),
    (9, "birthday", True, None, "家里按农历过", "family"),
    (40, "other", False, 10, "小店开张", "customer"),
)
COMPANIES = ((3, "founding", False, 12, "", "public"), (60, "opening", False, 8, "", "papers"))


def tell(*, today: date) -> int:
    """A few dates for each of the first keepers; rows written, 0 when there are some."""
    if ImportantDate.objects.using("pipeline").exists():
        return 0
    rows = [
        _date(score, told, today)
        for scores in _books().values()
        for told, score in _matched([one for one in scores if one.kind == "person"], PERSONS)
        + _matched([one for one in scores if one.kind == "company"], COMPANIES)
    ]
    ImportantDate.objects.using("pipeline").bulk_create(rows)
    return len(rows)


def _books() -> dict[int, list[PartyScore]]:
    """The wealthiest customers of the first keepers, by keeper."""
    rows = PartyScore.objects.using("pipeline").filter(keeper__isnull=False, party__state="active")
    keepers = sorted(set(rows.values_list("keeper_id", flat=True)))[:KEEPERS]
    books: dict[int, list[PartyScore]] = defaultdict(list)
    for score in (
        rows.filter(keeper__in=keepers).select_related("party").order_by("keeper", "-aum_fen", "party")
    ):
        kept = books[score.keeper_id or 0]
        if sum(one.kind == score.kind for one in kept) < EACH:
            kept.append(score)
    return books


def _matched(
    scores: list[PartyScore], told: tuple[tuple[int, str, bool, int | None, str, str], ...]
) -> list[tuple[tuple[int, str, bool, int | None, str, str], PartyScore]]:
    return list(zip(told, scores, strict=False))


def _date(score: PartyScore, told: tuple[int, str, bool, int | None, str, str], today: date) -> ImportantDate:
    ahead, kind, lunar, ago, note, source = told
    assert score.keeper_id is not None  # asked for above
    day = today + timedelta(days=ahead)
    month, dom = lunar_day(day) if lunar else (day.month, day.day)
    calendar = (LEAP if month < 0 else LUNAR) if lunar else "solar"
    year = day.year - ago if ago else None
    if kind == "birthday":
        born = score.party.birth_date
        year = lunar_year(born) if ago and born else None
    return ImportantDate(
        party_id=score.party_id, unit_id=score.unit_id, keeper_id=score.keeper_id, staff_id=score.keeper_id, kind=kind,
        calendar=calendar, month=abs(month), dom=dom, year=year, note=note, source=source,
        noted_on=today - timedelta(days=30 + ahead),
    )  # fmt: skip
