"""Three months of playbooks (经营方案): who entered when, the steps done, some late, some that nobody came to.

The segment that the bank's policy binds is made first, as an analyst made it. Tonight's entries and steps are the
night's, opened once more now that the past is there.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from guanxi.crm.policies.selectors import in_force
from guanxi.crm.segments.models import Segment, SegmentKind, SegmentVersion
from guanxi.insight.policies.playbook import PlaybookPolicy
from guanxi.insight.policies.worklist import WorklistPolicy
from guanxi.insight.segments import payload_of, read_rule, rule_hash
from guanxi.pipeline import playbooks
from guanxi.pipeline.demo.past._campaign_cast import people_of, ten
from guanxi.pipeline.opening import open_tasks

USING = "pipeline"
DAYS = 84
PAID_LATELY = {"all": [{"fact": "salary_on", "is": "done", "values": [45]}]}

_TOLD = "SELECT EXISTS (SELECT 1 FROM worklist_task WHERE origin = 'playbook' AND closed_on < %s)"
# What the first nights began is begun anew, weeks earlier.
_CLEARED = "DELETE FROM worklist_task WHERE origin = 'playbook'; DELETE FROM segments_enrolment"
# Six in ten of those who belong, entered over the weeks; new customers all, on the day after they opened.
_ENTERED = """
INSERT INTO segments_enrolment (playbook, party_id, unit_id, keeper_id, entered_on, found_on)
SELECT told.playbook, told.id, told.unit_id, told.keeper_id, told.entered_on,
       CASE WHEN told.opened_within > 0 THEN LEAST(told.entered_on + 1, %(today)s - 1) ELSE told.entered_on END
FROM (
    SELECT book.playbook, book.opened_within, party.id, party.unit_id, party.keeper_id,
           CASE WHEN book.opened_within > 0 THEN party.since
                ELSE GREATEST(%(today)s - (4 + (party.id %% 9973 * 7 + book.place * 11) %% %(days)s)::int,
                              COALESCE(party.since, DATE '1900-01-01')) END AS entered_on
    FROM unnest(%(books)s::text[], %(stages)s::text[], %(opened_within)s::int[], %(book_kinds)s::text[],
                %(by_segment)s::bool[]) WITH ORDINALITY
         AS book (playbook, stage, opened_within, kinds, by_segment, place)
    JOIN customers_party AS party ON party.kind = ANY(string_to_array(book.kinds, ','))
    JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id AND keeper.is_active
    LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
    WHERE party.state = 'active' AND party.merged_into_id IS NULL AND (book.stage = '' OR score.stage = book.stage)
      AND (book.opened_within = 0 OR party.since > %(today)s - book.opened_within)
      AND (book.opened_within > 0 OR party.id %% 10 < 6)
      AND (NOT book.by_segment OR party.id = ANY(%(in_segment)s::bigint[]))
) AS told
WHERE told.entered_on < %(today)s
ON CONFLICT DO NOTHING
"""
# What was due: seven in ten done in time, one late, one that nobody came to, one still to do while it is fresh.
_STEPS = """
INSERT INTO worklist_task (party_id, unit_id, keeper_id, assignee_id, origin, subject, due_on, opened_on, state,
                           value_fen, urgency, minutes, reason, offer_family, outcome, closed_at, closed_on,
                           closed_by_id)
SELECT due.party_id, due.unit_id, due.keeper_id, due.keeper_id, 'playbook', due.subject, due.due_on,
       GREATEST(due.due_on - 3, due.entered_on),
       CASE WHEN due.fate = 9 THEN 'lapsed' ELSE 'done' END, COALESCE(score.aum_fen, 0), due.urgency, due.minutes,
       due.reason::jsonb || jsonb_build_object('on', due.on_day), due.family,
       CASE WHEN due.fate = 9 THEN 'too_late' ELSE 'done' END,
       due.closed_on + TIME '10:20' + (due.party_id %% 300)::int * interval '1 minute', due.closed_on,
       CASE WHEN due.fate <> 9 THEN due.keeper_id END
FROM (
    SELECT enrolment.*, step.*,
           enrolment.playbook || ':' || step.code || ':' || enrolment.entered_on || ':0' AS subject,
           enrolment.entered_on + step.on_day AS due_on, chance.fate,
           enrolment.entered_on + step.on_day + CASE
               WHEN chance.fate = 9 THEN %(lapse)s + 1 WHEN chance.fate = 8 THEN 3
               ELSE -(chance.fate %% 3) END AS closed_on
    FROM segments_enrolment AS enrolment
    JOIN unnest(%(step_books)s::text[], %(step_codes)s::text[], %(step_days)s::int[], %(step_urgency)s::int[],
                %(step_minutes)s::int[], %(step_families)s::text[], %(step_told)s::text[])
         AS step (of_book, code, on_day, urgency, minutes, family, reason) ON step.of_book = enrolment.playbook
    CROSS JOIN LATERAL (SELECT ((enrolment.party_id %% 9973 * 13 + step.on_day * 7) %% 10)::int AS fate) AS chance
) AS due
LEFT JOIN scores_partyscore AS score ON score.party_id = due.party_id
WHERE due.closed_on < %(today)s AND due.closed_on >= due.entered_on
ON CONFLICT DO NOTHING
"""


def tell(*, today: date) -> int:
    """Write the past of the playbooks as of `today`; returns the rows written, 0 when it was told before."""
    policies = in_force(today)
    policy = policies.get(PlaybookPolicy.kind)
    with connections[USING].cursor() as cursor:
        cursor.execute(_TOLD, [today])
        told_before = cursor.fetchone()
        cursor.execute("SELECT id FROM scores_run WHERE is_current")
        run = cursor.fetchone()
        worklist = policies.get(WorklistPolicy.kind)
        if not isinstance(policy, PlaybookPolicy) or not isinstance(worklist, WorklistPolicy):
            return 0
        if run is None or (told_before and told_before[0]):
            return 0
        rows = sum(
            _segment(*book.segment_version, book.segment_name, today)
            for book in policy.playbooks
            if book.segment_version
        )
        members = playbooks.members_of(policies, str(run[0]))
        told: dict[str, Any] = playbooks.told_by(policies) | {
            "today": today, "days": DAYS, "lapse": worklist.rule_of(playbooks.ORIGIN).lapse_days,
            "in_segment": [key for keys in members.values() for key in keys],
        }  # fmt: skip
        cursor.execute(_CLEARED)
        for statement in (_ENTERED, _STEPS):
            cursor.execute(statement, told)
            rows += int(cursor.rowcount)
    morning = datetime.combine(today, time(8, 40), timezone.get_current_timezone())
    connection = connections[USING].connection
    assert connection is not None
    return rows + open_tasks(connection, today - timedelta(days=1), run=str(run[0]), now=morning).rows


def _segment(key: str, number: int, name: str, today: date) -> int:
    """Who was paid a salary lately, as an analyst made it for the whole bank; 0 where it is there or nobody could."""
    people = people_of(today)
    if people is None or Segment.objects.using(USING).filter(uuid=key).exists():
        return 0
    analyst, _boss, bank = people
    rule, made_at = read_rule(PAID_LATELY), ten(today - timedelta(days=DAYS + 10))
    segment = Segment.objects.using(USING).create(
        uuid=key,
        kind=SegmentKind.RULE,
        name=name,
        purpose="工资留存",
        owner=analyst,
        shared_with=bank,
        made_at=made_at,
    )
    SegmentVersion.objects.using(USING).create(
        segment=segment, number=number, rule=payload_of(rule), content_hash=rule_hash(rule), made_by=analyst,
        made_at=made_at,
    )  # fmt: skip
    return 2
