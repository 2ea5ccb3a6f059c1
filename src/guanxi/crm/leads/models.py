"""Leads (线索), their feedback, battle map and history; where they come from; opportunities (商机). All row-secured.

A lead's number to reach somebody stands here only as a keyed token and a masked form; the value itself, encrypted, in
`LeadSecret`, which fewer people see than the lead. The name is kept as a customer's name is: under row security,
shown cut to those who have not opened the lead.
"""

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.customers.models import Party
from guanxi.crm.leads.rules import OPEN, OWNED, POOLED, Deed, State
from guanxi.crm.organisation.models import Unit

STAFF = settings.AUTH_USER_MODEL


def _values(states: Iterable[State]) -> list[str]:
    return sorted(state.value for state in states)  # plain words, for the migration


class Kind(models.TextChoices):
    """Whom a lead is about."""

    PERSON = "person", _("Individual")
    COMPANY = "company", _("Company")


class Origin(models.TextChoices):
    """Where leads come from."""

    REFERRAL = "referral", _("Staff referral")
    COUNTER = "counter", _("Counter")
    PARTNER = "partner", _("Partner's list")
    ROSTER = "roster", _("Corporate roster")
    WEB = "web", _("Web form")


class LeadSource(models.Model):
    """A web form that may hand in leads for one outlet. Its token is kept as a hash; `calls` are of one minute."""

    name = models.CharField(max_length=60, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    token_hint = models.CharField(max_length=8)
    made_by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    minute = models.DateTimeField(null=True)
    calls = models.IntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return self.name


class LeadList(models.Model):
    """A list brought as a workbook (名单); `report` has counts and line numbers, never the lines themselves."""

    name = models.CharField(max_length=60)
    origin = models.CharField(max_length=8, choices=Origin)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    brought_by = models.ForeignKey(STAFF, models.PROTECT, related_name="+")
    brought_at = models.DateTimeField()
    report = models.JSONField(default=dict, db_default={})

    def __str__(self) -> str:
        return self.name


class Lead(models.Model):
    """Somebody who may become a customer. `unit` is the nearest outlet, `board` whose weekly meeting sees it published.

    `party` is the customer it is (known) or has become (won). `worth_fen`: what may come of it, in the base currency.
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=200)
    contact_kind = models.CharField(max_length=8)  # mobile, phone
    contact_token = models.CharField(max_length=64)
    contact_masked = models.CharField(max_length=40)
    agreed = models.BooleanField(default=False, db_default=False)  # to be called
    origin = models.CharField(max_length=8, choices=Origin)
    source = models.ForeignKey(LeadSource, models.PROTECT, null=True, related_name="leads")
    batch = models.ForeignKey(LeadList, models.PROTECT, null=True, related_name="leads")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="leads")
    board = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+")
    industry = models.CharField(max_length=16, default="", db_default="")
    note = models.CharField(max_length=400, default="", db_default="")
    worth_fen = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=[(one.value, one.value) for one in State])
    handed_by = models.ForeignKey(
        STAFF, models.PROTECT, null=True, db_index=False, related_name="leads_handed"
    )
    made_at = models.DateTimeField()
    made_on = models.DateField()
    published_on = models.DateField(null=True)
    owner = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="leads_owned")
    claimed_on = models.DateField(null=True)
    protected_until = models.DateField(null=True)
    contacted_on = models.DateField(null=True)
    interested_on = models.DateField(null=True)
    fed_back_on = models.DateField(null=True)
    converted_on = models.DateField(null=True)
    missing = models.JSONField(default=list, db_default=[])  # codes of rules.MISSING
    missing_note = models.CharField(max_length=200, default="", db_default="")
    expectation = models.CharField(max_length=200, default="", db_default="")
    returns = models.SmallIntegerField(default=0, db_default=0)
    party = models.ForeignKey(
        Party, models.SET_NULL, null=True, db_constraint=False, db_index=False, related_name="leads"
    )
    closed_on = models.DateField(null=True)
    close_reason = models.CharField(max_length=24, default="", db_default="")
    sold_fen = models.BigIntegerField(null=True)
    erased_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact_token"],
                condition=Q(state__in=_values(OPEN)),
                name="lead_once_while_open",
            ),
            models.CheckConstraint(
                name="lead_owner_where_owned",
                condition=~Q(state__in=_values(OWNED)) | Q(owner__isnull=False),
            ),
            models.CheckConstraint(
                name="lead_no_owner_in_pool",
                condition=~Q(state__in=_values(POOLED))
                | Q(owner__isnull=True),
            ),
            models.CheckConstraint(
                name="lead_published_has_board", condition=~Q(state=State.PUBLISH.value) | Q(board__isnull=False)
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["unit", "state"], name="lead_unit"),
            models.Index(fields=["owner", "state"], name="lead_owner"),
            models.Index(fields=["handed_by", "-made_at"], name="lead_handed"),
            models.Index(fields=["state", "protected_until"], name="lead_due"),
            models.Index(fields=["contact_token"], name="lead_token"),
        ]

    def __str__(self) -> str:
        return f"L{self.pk}"


class LeadSecret(models.Model):
    """The number itself, encrypted with the bank's vault key; there for owner, finder and the outlet's head alone."""

    lead = models.OneToOneField(Lead, models.CASCADE, primary_key=True, related_name="secret")
    kind = models.CharField(max_length=16)
    ciphertext = models.BinaryField()
    key_id = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.kind


class LeadEvent(models.Model):
    """What happened to a lead, by whom, for the page and for the rest after letting go; `staff` whom it concerned."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="events")
    deed = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Deed])
    by = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")
    staff = models.ForeignKey(STAFF, models.PROTECT, null=True, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()
    note = models.CharField(max_length=400, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["lead", "-at"], name="leadevent_lead")]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.deed}"


class LeadFeedback(models.Model):
    """What the owner found out: resources or none, which, and the three key persons (三类关键人)."""

    lead = models.OneToOneField(Lead, models.CASCADE, related_name="feedback")
    by = models.ForeignKey(STAFF, models.PROTECT, db_index=False, related_name="+")
    at = models.DateTimeField()
    has_resources = models.BooleanField()
    resources = models.CharField(max_length=400, default="", db_default="")
    decides = models.CharField(max_length=100, default="", db_default="")  # 决策人员
    informs = models.CharField(max_length=100, default="", db_default="")  # 提供线索人员
    operates = models.CharField(max_length=100, default="", db_default="")  # 具体操作人员

    def __str__(self) -> str:
        return f"{self.lead_id}"


class MapStep(models.Model):
    """One step of the battle map (公关作战图): whom to win, by whom, by when."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="steps")
    whom = models.CharField(max_length=100)
    what = models.CharField(max_length=200)
    staff = models.ForeignKey(STAFF, models.PROTECT, db_index=False, related_name="+")
    due_on = models.DateField()
    done_on = models.DateField(null=True)

    class Meta:
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.due_on}"


class LeadLook(models.Model):
    """That somebody opened a published lead of nobody's on a day: what the daily limit counts."""

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="looks")
    staff = models.ForeignKey(STAFF, models.PROTECT, db_index=False, related_name="+")
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "day", "lead"], name="leadlook_once_a_day")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.lead_id}"


class LeadDelivery(models.Model):
    """A call of a web form under its idempotency key, with the hash of what it said."""

    source = models.ForeignKey(LeadSource, models.PROTECT, db_index=False, related_name="+")
    key = models.CharField(max_length=80)
    body_hash = models.CharField(max_length=64)
    lead = models.ForeignKey(Lead, models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "lead deliveries"
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="leaddelivery_once")]

    def __str__(self) -> str:
        return self.key


class Specialism(models.Model):
    """An industry somebody knows: leads of it come to them first (行业归类原则)."""

    staff = models.ForeignKey(STAFF, models.CASCADE, db_index=False, related_name="specialisms")
    industry = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "industry"], name="specialism_once")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.industry}"


class Opportunity(models.Model):
    """A deal in the making (商机), of a customer or of a lead; `amount_fen` in the base currency."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    party = models.ForeignKey(
        Party, models.CASCADE, null=True, db_constraint=False, related_name="opportunities"
    )
    lead = models.ForeignKey(Lead, models.CASCADE, null=True, related_name="opportunities")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+")
    keeper = models.ForeignKey(STAFF, models.PROTECT, null=True, db_index=False, related_name="+")
    owner = models.ForeignKey(STAFF, models.PROTECT, db_index=False, related_name="opportunities")
    title = models.CharField(max_length=100)
    family = models.CharField(max_length=16, choices=Family)
    stage = models.CharField(max_length=16)
    stage_on = models.DateField()
    amount_fen = models.BigIntegerField()
    expected_on = models.DateField()
    outcome = models.CharField(max_length=4, default="", db_default="")  # won, lost; empty while open
    reason = models.CharField(max_length=24, default="", db_default="")
    closed_on = models.DateField(null=True)
    made_on = models.DateField()

    class Meta:
        verbose_name_plural = "opportunities"
        constraints = [
            models.CheckConstraint(
                name="opportunity_of_one", condition=Q(party__isnull=True) ^ Q(lead__isnull=True)
            ),
            models.CheckConstraint(
                name="opportunity_ends_with_reason",
                condition=Q(outcome="", reason="", closed_on__isnull=True)
                | (Q(outcome__in=("won", "lost"), closed_on__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(name="opportunity_amount", condition=Q(amount_fen__gt=0)),
        ]
        indexes = [
            models.Index(fields=["owner", "outcome"], name="opportunity_owner"),
            models.Index(fields=["unit", "outcome"], name="opportunity_unit"),
        ]

    def __str__(self) -> str:
        return f"O{self.pk}"
