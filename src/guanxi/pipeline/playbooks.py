"""The night's part of the playbooks (经营方案): who enters and leaves them, and which of their steps are due.

Within the statements of `opening`, which has made `kept` (customers with a keeper) and `due_task`. A night lets at
most so many customers of a keeper in, those of the playbook named first and the wealthiest before the others, and
opens at most so many tasks for one keeper; what is held back comes the next night.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from guanxi.crm.segments.counting import Facts
from guanxi.crm.segments.models import Member, Segment, SegmentKind, SegmentVersion
from guanxi.insight.policies.base import Policy
from guanxi.insight.policies.playbook import Playbook, PlaybookPolicy
from guanxi.insight.segments import RuleRefused, offered, read_rule
from guanxi.lake.interactive import LakeReach, TooLong, facts_path, open_facts

_log = logging.getLogger(__name__)
DATABASE = "pipeline"
ORIGIN = "playbook"
Members = Mapping[str, Sequence[int]]


class Cursor(Protocol):
    """What runs a statement: psycopg's cursor, or Django's."""

    @property
    def rowcount(self) -> int:
        """Rows the last statement wrote."""

    def execute(self, query: Any, params: Any = None) -> Any:
        """Run one statement."""


_MEMBERS = "CREATE TEMPORARY TABLE playbook_member (playbook text, party_id bigint) ON COMMIT DROP"
_FILL = "INSERT INTO playbook_member SELECT %s, unnest(%s::bigint[])"
_BELONGS = """
CREATE TEMPORARY TABLE playbook_today ON COMMIT DROP AS
SELECT book.playbook, book.place, kept.party_id, kept.unit_id, kept.keeper_id, kept.aum_fen,
       CASE WHEN book.opened_within > 0 THEN LEAST(kept.since, %(today)s) ELSE %(today)s END AS entered_on
FROM unnest(%(books)s::text[], %(stages)s::text[], %(opened_within)s::int[], %(book_kinds)s::text[],
            %(by_segment)s::bool[]) WITH ORDINALITY
     AS book (playbook, stage, opened_within, kinds, by_segment, place)
JOIN kept ON kept.kind = ANY(string_to_array(book.kinds, ',')) AND (book.stage = '' OR kept.stage = book.stage)
 AND (book.opened_within = 0 OR kept.since > %(today)s - book.opened_within)
LEFT JOIN playbook_member AS member ON member.playbook = book.playbook AND member.party_id = kept.party_id
WHERE NOT book.by_segment OR member.party_id IS NOT NULL
"""
# Whose segment could not be counted tonight stays where it is.
_LEAVE = """
UPDATE segments_enrolment AS enrolment SET left_on = %(today)s
WHERE left_on IS NULL AND playbook <> ALL(%(uncounted)s::text[]) AND NOT EXISTS (
    SELECT 1 FROM playbook_today AS here
    WHERE here.playbook = enrolment.playbook AND here.party_id = enrolment.party_id
)
"""
_RETURN = """
UPDATE segments_enrolment AS enrolment SET left_on = NULL
FROM (
    SELECT DISTINCT ON (known.party_id, known.playbook) known.id, known.left_on
    FROM segments_enrolment AS known
    JOIN playbook_today AS here ON here.playbook = known.playbook AND here.party_id = known.party_id
    ORDER BY known.party_id, known.playbook, known.left_on DESC NULLS FIRST, known.id DESC
) AS latest
WHERE enrolment.id = latest.id AND latest.left_on > %(today)s - %(again_days)s
"""
_ENTER = """
INSERT INTO segments_enrolment (playbook, party_id, unit_id, keeper_id, entered_on, found_on)
SELECT playbook, party_id, unit_id, keeper_id, entered_on, %(today)s
FROM (
    SELECT here.*, ROW_NUMBER() OVER (PARTITION BY here.keeper_id ORDER BY place, aum_fen DESC, here.party_id) AS turn,
           COALESCE(let_in.customers, 0) AS already
    FROM playbook_today AS here
    LEFT JOIN (
        SELECT keeper_id, COUNT(*) AS customers FROM segments_enrolment WHERE found_on = %(today)s GROUP BY keeper_id
    ) AS let_in ON let_in.keeper_id = here.keeper_id
    WHERE NOT EXISTS (
        SELECT 1 FROM segments_enrolment AS known
        WHERE known.playbook = here.playbook AND known.party_id = here.party_id AND known.left_on IS NULL
    )
) AS waiting
WHERE turn + already <= %(entries_a_night)s
ON CONFLICT DO NOTHING
"""
# Of a plan that began before the customer was let in, what was due lately is due on that day; what is longer past is
# not asked for. A step again and again is one matter each time: its number is part of the subject, and the one before
# lapses.
_STEPS = """
INSERT INTO due_task (origin, party_id, subject, assignee_id, due_on, value_fen, urgency, reason, offer_family,
                      again_days, minutes)
WITH step AS (
    SELECT * FROM unnest(%(step_books)s::text[], %(step_codes)s::text[], %(step_days)s::int[], %(step_every)s::int[],
        %(step_ends)s::int[], %(step_urgency)s::int[], %(step_minutes)s::int[], %(step_families)s::text[],
        %(step_told)s::text[]) AS told (playbook, code, on_day, every, ends, urgency, minutes, family, reason)
), timed AS (
    SELECT step.*, enrolment.party_id, enrolment.entered_on, enrolment.found_on, times.n,
           enrolment.entered_on + step.on_day + times.n * step.every AS planned_on
    FROM segments_enrolment AS enrolment
    JOIN step ON step.playbook = enrolment.playbook
    CROSS JOIN LATERAL (
        SELECT CASE WHEN step.every = 0 THEN 0
                    ELSE GREATEST((%(today)s + %(lead_playbook)s - enrolment.entered_on - step.on_day) / step.every, 0)
               END AS n
    ) AS times
    WHERE enrolment.left_on IS NULL
), due AS (
    SELECT timed.*, GREATEST(planned_on, found_on) AS due_on FROM timed
    WHERE planned_on <= %(today)s + %(lead_playbook)s AND planned_on + %(lapse_playbook)s >= found_on
      AND (ends = 0 OR planned_on <= entered_on + ends)
)
SELECT 'playbook', due.party_id, due.playbook || ':' || due.code || ':' || due.entered_on || ':' || due.n,
       kept.keeper_id, due.due_on, kept.aum_fen, due.urgency,
       due.reason::jsonb || jsonb_build_object('on', due.due_on - due.entered_on), due.family, NULL, due.minutes
FROM due JOIN kept ON kept.party_id = due.party_id
WHERE due.due_on + %(lapse_playbook)s >= %(today)s
"""
# What would be new beyond the number waits for the next night; what stands or was done is not counted again.
_HOLD_BACK = """
DELETE FROM due_task USING (
    SELECT fresh.party_id, fresh.subject,
           ROW_NUMBER() OVER (PARTITION BY fresh.assignee_id
               ORDER BY fresh.due_on, fresh.urgency DESC, fresh.value_fen DESC, fresh.party_id, fresh.subject)
           + COALESCE(given.tasks, 0) AS turn
    FROM due_task AS fresh
    LEFT JOIN (
        SELECT assignee_id, COUNT(*) AS tasks FROM worklist_task
        WHERE origin = 'playbook' AND opened_on = %(today)s GROUP BY assignee_id
    ) AS given ON given.assignee_id = fresh.assignee_id
    WHERE fresh.origin = 'playbook' AND NOT EXISTS (
        SELECT 1 FROM worklist_task AS known
        WHERE known.party_id = fresh.party_id AND known.origin = 'playbook' AND known.subject = fresh.subject
          AND known.state <> 'lapsed'
    )
) AS beyond
WHERE due_task.origin = 'playbook' AND due_task.party_id = beyond.party_id AND due_task.subject = beyond.subject
  AND beyond.turn > %(tasks_a_night)s
"""
_RECORD = """
INSERT INTO audit_changelog (at, staff_no, staff_name, request_id, verb, object_kind, object_key, object_label, details)
VALUES (%(now)s, '', '', '', 'segments.playbooks_night', 'scores.run', %(run)s, %(run)s, %(details)s)
"""


def steps_due(cursor: Cursor, told: Mapping[str, Any]) -> None:
    """Bring who is on a playbook to today and put the steps that are due into `due_task`, within the caller's night.

    Whoever moved is one line of the trail. `told`: `told_by` with the night's own `today`, `now` and, where a facts
    file was read, `members`.
    """
    members: Members = told.get("members", {})
    uncounted = [code for code, by_segment in zip(told["books"], told["by_segment"], strict=True)
                 if by_segment and code not in members]  # fmt: skip
    here = {**told, "uncounted": uncounted}
    cursor.execute(_MEMBERS)
    for code, keys in members.items():
        cursor.execute(_FILL, [code, list(keys)])
    cursor.execute("ANALYZE playbook_member")
    cursor.execute(_BELONGS, here)
    cursor.execute("ANALYZE playbook_today")
    moved = {}
    for name, statement in {"left": _LEAVE, "returned": _RETURN, "entered": _ENTER}.items():
        cursor.execute(statement, here)
        moved[name] = cursor.rowcount
    if any(moved.values()):
        details = json.dumps({"today": told["today"].isoformat(), **moved, "uncounted": uncounted})
        cursor.execute(_RECORD, {"now": told["now"], "run": told.get("run", ""), "details": details})
    cursor.execute(_STEPS, told)
    cursor.execute(_HOLD_BACK, told)
    cursor.execute("DROP TABLE playbook_today; DROP TABLE playbook_member")


def told_by(policies: Mapping[str, Policy]) -> dict[str, object]:
    """The playbooks in force as the statements ask for them; without such a policy everybody leaves them."""
    policy = policies.get(PlaybookPolicy.kind)
    known = policy if isinstance(policy, PlaybookPolicy) else PlaybookPolicy(0, 0, 0, (), ())
    steps = [(book, step) for book in known.playbooks for step in known.steps_of(book.playbook)]
    return {
        "entries_a_night": known.entries_a_night,
        "tasks_a_night": known.tasks_a_night,
        "again_days": known.again_days,
        "books": [book.playbook for book in known.playbooks],
        "stages": [book.life_stage for book in known.playbooks],
        "opened_within": [book.opened_within for book in known.playbooks],
        "book_kinds": [",".join(book.customer_kinds) for book in known.playbooks],
        "by_segment": [bool(book.segment) for book in known.playbooks],
        "step_books": [book.playbook for book, _ in steps],
        "step_codes": [step.code for _, step in steps],
        "step_days": [step.on_day for _, step in steps],
        "step_every": [step.every_days for _, step in steps],
        "step_ends": [book.runs_days for book, _ in steps],
        "step_urgency": [step.urgency_level for _, step in steps],
        "step_minutes": [step.minutes_each for _, step in steps],
        "step_families": [step.offered for _, step in steps],
        "step_told": [
            json.dumps(
                {
                    "code": ORIGIN, "name_zh": book.label_zh, "name_en": book.label_en, "do_zh": step.label_zh,
                    "do_en": step.label_en, "say_zh": step.say_zh, "say_en": step.say_en,
                },
                ensure_ascii=False,
            )
            for book, step in steps
        ],
    }  # fmt: skip


def members_of(policies: Mapping[str, Policy], run: str, *, home: Path | None = None) -> Members:
    """The kept customers of each segment that a playbook names, as the run's facts have them.

    A segment that is gone has none. Not there at all: one that cannot be counted tonight (no facts, an unreadable
    rule, too long); the night says so in its log.
    """
    policy = policies.get(PlaybookPolicy.kind)
    bound = [one for one in policy.playbooks if one.segment] if isinstance(policy, PlaybookPolicy) else []
    if not bound:
        return {}
    lake = (home or settings.GUANXI_BANK_HOME) / "lake"
    file = open_facts(facts_path(lake, run), **settings.GUANXI_FACTS)
    facts = Facts(file, LakeReach(whole_bank=True)) if file else None
    counted = {book.playbook: _members(book, facts) for book in bound}
    for code in (code for code, keys in counted.items() if keys is None):
        _log.warning("playbook %s: its segment could not be counted, nobody enters or leaves it", code)
    return {code: keys for code, keys in counted.items() if keys is not None}


def _members(book: Playbook, facts: Facts | None) -> Sequence[int] | None:
    version = _version(book)
    if version is None:
        return ()
    if version.segment.kind == SegmentKind.LIST:
        rows = Member.objects.using(DATABASE).filter(version=version)
        return list(rows.values_list("party_id", flat=True))
    if facts is None:
        return None
    try:
        return facts.kept_keys(read_rule(version.rule, offered(facts.columns)))
    except (RuleRefused, TooLong):
        return None


def _version(book: Playbook) -> SegmentVersion | None:
    key, number = book.segment_version or ("", 0)
    rows = SegmentVersion.objects.using(DATABASE).select_related("segment")
    found = Segment.objects.using(DATABASE).filter(uuid=key).values("pk")
    return rows.filter(segment__in=found, number=number).first()
