"""The night's tasks from customers' important dates (重要日子), as the customers' keepers noted them.

Within the statements of `opening`, which has made `kept` and `due_task`. A birthday noted stands before the birth date
of the papers; which noted date is kept on which day: `insight.greetings.kept_on`. No tier is asked for: somebody
noted the date so that it is thought of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from guanxi.insight.greetings import LEAP, SOLAR, Kept, days, kept_on, lunar_words, lunar_year

BIRTHDAY, OTHERS = "birthday", "anniversary"

NOTED = """
INSERT INTO due_task (origin, party_id, subject, assignee_id, due_on, value_fen, urgency, reason, offer_family,
                      again_days)
SELECT CASE noted.kind WHEN 'birthday' THEN 'birthday' ELSE 'anniversary' END, kept.party_id,
       'date:' || noted.id || ':' || coming.day, kept.keeper_id, coming.day, kept.aum_fen, 0,
       jsonb_build_object(
           'code', 'date_' || noted.kind || CASE WHEN noted.year < coming.year THEN '_years' ELSE '' END,
           'day_on', coming.day, 'name_zh', coming.zh, 'name_en', coming.en, 'text', noted.note,
           'years', coming.year - noted.year), '', NULL
FROM unnest(%(kept_days)s::date[], %(kept_calendars)s::text[], %(kept_months)s::int[], %(kept_doms)s::int[],
            %(kept_years)s::int[], %(kept_zh)s::text[], %(kept_en)s::text[])
     AS coming (day, calendar, month, dom, year, zh, en)
JOIN care_importantdate AS noted
  ON noted.calendar = coming.calendar AND noted.month = coming.month AND noted.dom = coming.dom
 AND noted.ended_on IS NULL
JOIN customers_party AS own ON own.id = noted.party_id
JOIN kept ON kept.party_id = COALESCE(own.merged_into_id, own.id)
WHERE coming.day <= %(today)s
    + CASE noted.kind WHEN 'birthday' THEN %(lead_birthday)s::int ELSE %(lead_anniversary)s::int END
"""
NOT_NOTED = """
NOT EXISTS (
    SELECT 1 FROM care_importantdate AS noted JOIN customers_party AS own ON own.id = noted.party_id
    WHERE COALESCE(own.merged_into_id, own.id) = kept.party_id AND noted.kind = 'birthday' AND noted.ended_on IS NULL
)
"""
"""For who is greeted by the papers: nobody noted a birthday of the customer."""


def told_by(today: date, lead: Mapping[str, int]) -> dict[str, object]:
    """The dates kept from `today` on within the days that the policy's origins are shown ahead."""
    ahead = {"birthday": lead[BIRTHDAY], "anniversary": lead[OTHERS]}
    rows = list(_coming(today, max(ahead.values())))
    return {
        "lead_birthday": ahead["birthday"],
        "lead_anniversary": ahead["anniversary"],
        "kept_days": [day for day, _ in rows],
        "kept_calendars": [kept[0] for _, kept in rows],
        "kept_months": [kept[1] for _, kept in rows],
        "kept_doms": [kept[2] for _, kept in rows],
        "kept_years": [day.year if kept[0] == SOLAR else lunar_year(day) for day, kept in rows],
        "kept_zh": [_zh(kept) for _, kept in rows],
        "kept_en": [_en(kept) for _, kept in rows],
    }


def _coming(today: date, ahead: int) -> Iterator[tuple[date, Kept]]:
    for day in days(today, today + timedelta(days=ahead)):
        for kept in kept_on(day):
            yield day, kept


def _zh(kept: Kept) -> str:
    calendar, month, dom = kept
    if calendar == SOLAR:
        return f"{month}月{dom}日"
    return f"农历{lunar_words(month, dom, leap=calendar == LEAP)}"


def _en(kept: Kept) -> str:
    calendar, month, dom = kept
    return (
        f"{'' if calendar == SOLAR else 'lunar '}{month}/{dom}{' (leap month)' if calendar == LEAP else ''}"
    )
