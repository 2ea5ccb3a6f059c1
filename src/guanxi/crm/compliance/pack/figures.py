"""What an audit pack tells of a span of days, each part as plain rows in a fixed order. Within `whole_store`.

Nothing here depends on who asks or when: the same span over the same rows gives the same parts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit.models import CustomerView, ExportLog
from guanxi.crm.audit.selectors import between
from guanxi.crm.compliance.models import Incident, Restriction, SubjectRequest
from guanxi.crm.customers.words import CONSENT_CHANNELS, CONSENT_PURPOSES
from guanxi.crm.messaging.models import ChannelAccount
from guanxi.crm.organisation.models import Token
from guanxi.crm.policies.models import PolicyVersion, State
from guanxi.crm.policies.rules import in_force_from
from guanxi.crm.policies.selectors import COUNTING
from guanxi.crm.policies.words import kind_name
from guanxi.insight.policies import KINDS
from guanxi.web.lists import Column

# What a customer said last by the end of the span counts; of two words at once the one told to us, then the refusal.
_CONSENT = """
WITH said AS (
    SELECT party_id, purpose, channel, agreed, at, 1 AS told, at >= %(start)s AS within
    FROM messaging_consententry WHERE at < %(end)s
    UNION ALL
    SELECT party_id, purpose, channel, agreed, given_on::timestamptz, 0, given_on >= %(first)s
    FROM customers_consent WHERE given_on <= %(last)s
), standing AS (
    SELECT DISTINCT ON (party_id, purpose, channel) party_id, purpose, channel, agreed
    FROM said ORDER BY party_id, purpose, channel, at DESC, told DESC, agreed
), held AS (
    SELECT purpose, channel, SUM(agreed::int) AS agree, SUM((NOT agreed)::int) AS refuse
    FROM standing GROUP BY purpose, channel
), moved AS (
    SELECT purpose, channel, SUM((within AND agreed)::int) AS given, SUM((within AND NOT agreed)::int) AS refused
    FROM said GROUP BY purpose, channel
)
SELECT held.purpose, held.channel, held.agree, held.refuse, moved.given, moved.refused
FROM held JOIN moved ON moved.purpose = held.purpose AND moved.channel = held.channel
ORDER BY held.purpose, held.channel
"""


@dataclass(frozen=True)
class Span:
    """From the first to the last day, both in it, by the bank's clock."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The instant it begins."""
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def end(self) -> datetime:
        """The instant it is over."""
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time.min))


@dataclass(frozen=True)
class Part:
    """One part of the pack: its title, its columns, its rows, and what is said when there are none."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    none: str


def parts_of(span: Span) -> list[Part]:
    """The four parts, in order."""
    return [consent(span), access(span), rules(span), exceptions(span)]


def consent(span: Span) -> Part:
    """By purpose and channel: how many customers agree and refuse at the end, and how many words the span brought."""
    told = {"start": span.start, "end": span.end, "first": span.first, "last": span.last}
    with connection.cursor() as cursor:
        cursor.execute(_CONSENT, told)
        found = cursor.fetchall()
    columns = [
        Column("purpose", _("Purpose of consent"), "name"),
        Column("channel", _("Channel of consent")),
        Column("agree", _("Customers who agree"), "number"),
        Column("refuse", _("Customers who refuse"), "number"),
        Column("given", _("Agreed in the span"), "number"),
        Column("refused", _("Refused in the span"), "number"),
    ]
    rows = [
        [str(CONSENT_PURPOSES.get(purpose, purpose)), str(CONSENT_CHANNELS.get(channel, channel)), *counts]
        for purpose, channel, *counts in found
    ]
    return Part(_("Consent statistics"), columns, rows, _("No word of consent is on record."))


def access(span: Span) -> Part:
    """By person: customers looked at, looks, numbers shown in full, files and rows taken; the most looked at first."""
    counts: dict[str, dict[str, Any]] = defaultdict(dict)
    looks = between(CustomerView.objects.all(), span.start, span.end).order_by().values("staff_no")
    for row in looks.annotate(
        name=Max("staff_name"),
        customers=Count("party_key", distinct=True),
        looks=Count("pk"),
        shown=Count("pk", filter=Q(what__startswith="reveal")),
    ):
        counts[row["staff_no"]] |= row
    files = between(ExportLog.objects.all(), span.start, span.end).order_by().values("staff_no")
    for taken in files.annotate(name=Max("staff_name"), files=Count("pk"), taken=Sum("rows")):
        counts[taken["staff_no"]] |= taken
    columns = [
        Column("name", _("Person"), "name"),
        Column("staff_no", _("Staff number")),
        Column("customers", _("Customers looked at"), "number"),
        Column("looks", _("Looks"), "number"),
        Column("shown", _("Numbers shown in full"), "number"),
        Column("files", _("Files taken"), "number"),
        Column("taken", _("Rows taken"), "number"),
    ]
    numbers = ("customers", "looks", "shown", "files", "taken")
    rows = [
        [one.get("name", ""), staff_no, *(one.get(name, 0) for name in numbers)]
        for staff_no, one in counts.items()
    ]
    rows.sort(key=lambda row: (-row[2], -row[5], row[1]))
    return Part(
        _("Access statistics"), columns, rows, _("Nobody looked at a customer or took a file in the span.")
    )


def rules(span: Span) -> Part:
    """Every policy in force on the last day, with its version, its first day, who proposed and who approved it."""
    columns = [
        Column("kind", _("Policy"), "name"),
        Column("version", _("Version"), "number"),
        Column("since", _("In force from"), "day"),
        Column("proposed", _("Proposed by")),
        Column("approved", _("Approved by")),
        Column("hash", _("Fingerprint")),
    ]
    versions = PolicyVersion.objects.filter(kind__in=KINDS, state__in=COUNTING, valid_from__isnull=False)
    by_kind: dict[str, dict[date, PolicyVersion]] = defaultdict(dict)
    for one in versions.select_related("proposed_by", "decided_by").defer("payload").order_by("kind"):
        by_kind[one.kind][one.valid_from] = one  # type: ignore[index]  # none without a day
    rows = []
    for kind, by_day in by_kind.items():
        counting = by_day[in_force_from(list(by_day), span.last) or min(by_day)]
        people = [_name(counting.proposed_by), _name(counting.decided_by)]
        rows.append(
            [str(kind_name(kind)), counting.version, counting.valid_from, *people, counting.content_hash]
        )
    return Part(_("Rule register"), columns, rows, _("No policy is in force."))


def exceptions(span: Span) -> Part:
    """What stood open at the end of the span: overdue, unreported, undecided, expired, switched off."""
    columns = [
        Column("kind", _("What stands open"), "name"),
        Column("which", _("Which one")),
        Column("since", _("Open since"), "day"),
    ]
    rows = [[kind, which, since] for kind, which, since in _open_at(span)]
    return Part(_("Open exceptions"), columns, rows, _("Nothing stood open at the end of the span."))


def _open_at(span: Span) -> Iterator[tuple[str, str, date | None]]:
    last, end = span.last, span.end
    overdue = SubjectRequest.objects.filter(due_on__lt=last).filter(Q(ended_on=None) | Q(ended_on__gt=last))
    for request in overdue.order_by("due_on", "pk"):
        yield _("Request overdue"), _("Request %(n)s") % {"n": request.pk}, request.due_on
    late = Incident.objects.filter(report_due_at__lt=end).filter(
        Q(reported_at=None) | Q(reported_at__gte=end)
    )
    for incident in late.order_by("report_due_at", "pk"):
        yield _("Incident not reported in time"), incident.title, _day(incident.report_due_at)
    kept = Restriction.objects.filter(since__lte=last, kept_until__lt=last).filter(
        Q(lifted_on=None) | Q(lifted_on__gt=last)
    )
    for restriction in kept.exclude(erasures__erased_on__lte=last).order_by("kept_until", "pk"):
        yield _("Legal retention over, not erased"), restriction.customer_no, restriction.kept_until
    waiting = PolicyVersion.objects.filter(state=State.PROPOSED, proposed_at__lt=end)
    for version in waiting.order_by("proposed_at", "pk"):
        yield (
            _("Policy waits for approval"),
            f"{kind_name(version.kind)} v{version.version}",
            _day(version.proposed_at),
        )
    working = Token.objects.filter(made_at__lt=end).filter(Q(stopped_at=None) | Q(stopped_at__gte=end))
    for token in working.filter(approved_at=None).order_by("made_at", "pk"):
        yield _("Token waits for approval"), token.name, _day(token.made_at)
    for token in working.filter(expires_at__lt=end).order_by("expires_at", "pk"):
        yield _("Approval of a token expired"), token.name, _day(token.expires_at)
    for channel in ChannelAccount.objects.filter(is_on=False).order_by("code"):
        yield _("Channel switched off"), channel.name, _day(channel.switched_at)


def _day(moment: datetime | None) -> date | None:
    return timezone.localtime(moment).date() if moment else None


def _name(person: Any) -> str | None:
    return person.name if person else None


def totals(parts: Sequence[Part]) -> Mapping[str, int]:
    """The sums on top of the page: looks, numbers in full, files, open exceptions."""
    _consent, seen, _rules, standing = parts
    return {
        "looks": sum(row[3] for row in seen.rows),
        "shown": sum(row[4] for row in seen.rows),
        "files": sum(row[5] for row in seen.rows),
        "standing": len(standing.rows),
    }
