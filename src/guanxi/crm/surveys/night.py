"""The night asks (服务后回访问卷): a share of those served the day before, by message.

Nobody is asked without an approved template: a link that is not sent would spoil the response rate.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import PartyState
from guanxi.crm.interactions.models import Channel, Contact
from guanxi.crm.leads.program import within_the_bank
from guanxi.crm.messaging import services as messaging
from guanxi.crm.messaging.models import TemplateState, TemplateVersion
from guanxi.crm.organisation.selectors import members_of
from guanxi.crm.surveys import selectors
from guanxi.crm.surveys.guests import link_token
from guanxi.crm.surveys.models import Occasion, Survey, SurveyLink, SurveyState
from guanxi.crm.surveys.policy import survey_policy
from guanxi.crm.worklist.models import Task, TaskState
from guanxi.insight.policies.survey import SurveyPolicy

CHANNEL, PURPOSE, USE, ORIGIN = "sms", "service", "survey", "survey"
PLACES = 10_000
SERVED = {Occasion.VISIT: Channel.VISIT, Occasion.COUNTER: Channel.BRANCH}
DONE = {
    Occasion.VISIT: _("advice at your place"),
    Occasion.COUNTER: _("business at the counter"),
    Occasion.COMPLAINT: _("your complaint"),
}
"""What the customer is thanked for, as the text names it."""


@dataclass(frozen=True)
class Matter:
    """Something a customer may be asked about: who served, on which day."""

    party: int
    unit: int
    keeper: int | None
    staff: int | None
    subject: str


@transaction.atomic
def ask_after(*, today: date, now: datetime) -> int:
    """Ask after what was done the day before `today`, by each survey that asks then; how many are asked.

    The same night again asks nobody twice.
    """
    try:
        policy = survey_policy(today)
    except ValidationError:
        return 0
    rows = TemplateVersion.objects.filter(
        state=TemplateState.APPROVED, template__use=USE, template__channel=CHANNEL, template__ended_at=None
    )
    template = rows.order_by("template__code").first()
    if template is None:
        return 0
    surveys = Survey.objects.filter(state=SurveyState.OPEN).exclude(occasion=Occasion.BRANCH)
    with within_the_bank():
        return sum(
            _ask(survey, template, policy, today, now)
            for survey in surveys.select_related("unit").order_by("pk")
        )


def _ask(survey: Survey, template: TemplateVersion, policy: SurveyPolicy, today: date, now: datetime) -> int:
    units = members_of(survey.unit)
    drawn = {
        one.party: one
        for one in _matters(survey.occasion, today - timedelta(days=1))
        if one.unit in units and is_drawn(f"{survey.pk}:{one.subject}", policy.ask_share)
    }
    since = today - timedelta(days=policy.rest_days)
    rested = SurveyLink.objects.filter(party__in=drawn, sent_on__gt=since).values_list("party_id", flat=True)
    free = sorted(set(drawn) - set(rested))
    already = SurveyLink.objects.filter(survey=survey, sent_on=today).count()
    chosen = [drawn[party] for party in free[: max(0, policy.asks_a_day - already)]]
    version = selectors.latest_version(survey)
    until = today + timedelta(days=policy.link_days)
    links = SurveyLink.objects.bulk_create(
        SurveyLink(
            survey=survey, version=version, party_id=one.party, unit_id=one.unit, keeper_id=one.keeper,
            staff_id=one.staff, subject=one.subject, sent_on=today, until=until,
        )
        for one in chosen
    )  # fmt: skip
    if links:
        _send(survey, template, links, today, now)
    return len(links)


def _send(
    survey: Survey, template: TemplateVersion, links: list[SurveyLink], today: date, now: datetime
) -> None:
    base = str(settings.GUANXI_PUBLIC_URL).rstrip("/")
    with override("zh-hans"):  # the template's own language; its English form names the matter in Chinese too
        matter = str(DONE[Occasion(survey.occasion)])
    told = {"matter": matter, "day": (today - timedelta(days=1)).isoformat()}
    parties = [
        (link.party_id, {**told, "link": base + reverse("surveys:link", args=[link_token(link)])})
        for link in links
    ]
    messaging.queue(
        by=None, origin=ORIGIN, ref=f"{survey.uuid}:{today.isoformat()}", channel=CHANNEL, purpose=PURPOSE,
        template_version=template.pk, parties=parties, planned_at=now, now=now, expires_at=now + timedelta(days=2),
    )  # fmt: skip
    audit.record(by=None, verb="surveys.asked_many", on=survey, asked=len(links), day=today)


def _matters(occasion: str, day: date) -> Iterator[Matter]:
    """What happened that day with active customers."""
    if occasion == Occasion.COMPLAINT:
        tasks = Task.objects.filter(
            origin="complaint", state=TaskState.DONE, closed_on=day, party__state=PartyState.ACTIVE
        )
        for party, unit, keeper, staff in tasks.order_by("pk").values_list(
            "party_id", "unit_id", "keeper_id", "assignee_id"
        ):
            yield Matter(party or 0, unit, keeper, staff, f"complaint:{party}:{day}")
        return
    rows = Contact.objects.filter(
        channel=SERVED[Occasion(occasion)], day=day, party__state=PartyState.ACTIVE, party__merged_into=None
    )
    for party, unit, keeper, staff in rows.order_by("pk").values_list(
        "party_id", "unit_id", "keeper_id", "staff_id"
    ):
        yield Matter(party, unit, keeper, staff, f"{occasion}:{party}:{day}")


def is_drawn(key: str, share: Decimal) -> bool:
    """Whether this matter is among the share that is asked: always the same for the same key."""
    place = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % PLACES
    return place < share * PLACES
