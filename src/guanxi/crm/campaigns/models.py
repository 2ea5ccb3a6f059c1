"""Campaigns (营销活动): what was decided, who was assigned to what, who is treated, and how far each one is.

Who is held out (对照组) stands in `Assignment` alone, of which the application's login sees no row at all; `Recipient`
holds the treated, row-secured like every list of customers, and says nothing about arms.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.leads.models import Lead
from guanxi.crm.organisation.models import Unit
from guanxi.crm.scores.models import fields


class State(models.TextChoices):
    """Where a campaign stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    ENDED = "ended", _("Ended")


LAUNCHED = (State.RUNNING, State.PAUSED, State.STOPPED, State.ENDED)


class VersionState(models.TextChoices):
    """What became of a content that was handed in for approval."""

    SUBMITTED = "submitted", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Turned down")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Campaign(models.Model):
    """One campaign; `plan` is its whole content (campaigns.plan.Plan), the columns beside it are copies for lists.

    `unit`: whose campaign it is; those below it take part. `measure`: aum | product | retention | contribution, with
    `family` where it is about a product family. `cluster`: unit of assignment (customer, household, employer, manager).
    """

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, default="standard", db_default="standard")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, db_default=State.DRAFT.value)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="campaigns")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    plan = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    metric = models.CharField(max_length=40, default="", db_default="")
    measure = models.CharField(max_length=16, default="", db_default="")
    family = models.CharField(max_length=16, default="", db_default="")
    cluster = models.CharField(max_length=12, default="customer", db_default="customer")
    horizon_days = models.IntegerField(default=90, db_default=90)
    planned_n = models.IntegerField(default=0, db_default=0)  # customers assigned, held-out ones included
    cost_fen = models.BigIntegerField(default=0, db_default=0)  # as planned
    counts = models.JSONField(default=dict, db_default={})  # audience, dropped by reason, eligible, treated
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    launched_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(state="draft"), name="campaign_draft_name_once"
            ),
            models.CheckConstraint(
                name="campaign_launched_has_day",
                condition=Q(state__in=[state.value for state in LAUNCHED]) ^ Q(launched_on__isnull=True),
            ),
        ]
        indexes = [models.Index("state", "starts_on", name="campaign_state")]

    def __str__(self) -> str:
        return str(self.uuid)


class CampaignVersion(models.Model):
    """A content as handed in: a second person decides on exactly this one, known by its hash (经办 / 复核)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    plan = models.JSONField()
    content_hash = models.CharField(max_length=64)
    outlook = models.JSONField(default=dict, db_default={})  # what was shown before it was handed in
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.SUBMITTED)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="campaignversion_once"),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state="submitted"), name="campaignversion_one_waiting"
            ),
            models.CheckConstraint(
                name="campaignversion_four_eyes",
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=F("submitted_by"))
                | Q(state="withdrawn"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} v{self.number}"


class Step(models.Model):
    """One step of a launched campaign, copied from the approved plan: what is done, when, and on which condition."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="steps")
    number = models.SmallIntegerField()
    kind = models.CharField(max_length=8)  # message, task
    after_days = models.SmallIntegerField()  # after the customer entered
    condition = models.CharField(max_length=12, default="always", db_default="always")
    channel = models.CharField(max_length=8, default="", db_default="")
    templates = models.JSONField(default=list, db_default=[])  # template versions, one an arm
    minutes = models.SmallIntegerField(null=True)
    script = models.CharField(max_length=500, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="campaignstep_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id} #{self.number}"


class Wave(models.Model):
    """A part of the audience that enters on a day; with a trigger, whom a night found."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="waves")
    number = models.IntegerField()
    due_on = models.DateField()
    share = models.DecimalField(max_digits=5, decimal_places=4, default=1)  # of the audience
    entered_on = models.DateField(null=True)
    counts = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="campaignwave_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id} wave {self.number}"


class Assignment(models.Model):
    """Who is in which arm; `control` is held out. Written and read by the pipeline's login alone.

    `cluster` is the key of the assigned unit. `contaminated_on`: the day a held-out customer was contacted with the
    campaign's matter all the same. The read-out keeps everybody where the draw put them.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="assignments")
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    cluster = models.CharField(max_length=64)
    arm = models.CharField(max_length=12)
    wave = models.IntegerField()
    assigned_on = models.DateField()
    exposed_on = models.DateField(null=True)
    contaminated_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "party"], name="campaignassignment_once")]
        indexes = [models.Index("party", "campaign", name="campaignassignment_party")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.party_id}"


class Recipient(models.Model):
    """A treated customer, as the branch sees it: entered, contacted, bought. `unit` and `keeper` are copies.

    `bought_*` is the ledger's word: an account of the offered family opened within the campaign's days.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="recipients")
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    unit = fields.unit()
    keeper = fields.keeper()
    wave = models.IntegerField()
    entered_on = models.DateField()
    reached_on = models.DateField(null=True)
    replied_on = models.DateField(null=True)
    bought_on = models.DateField(null=True)
    bought_fen = models.BigIntegerField(default=0, db_default=0)
    trigger = models.JSONField(default=dict, db_default={})  # what set it off: the matter's day and amount

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "party"], name="campaignrecipient_once")]
        indexes = [
            models.Index("party", "campaign", name="campaignrecipient_party"),
            models.Index("campaign", "unit", name="campaignrecipient_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.party_id}"


class StepDone(models.Model):
    """That a step was taken for a customer, once: a message queued, a task opened, or passed over with the reason."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    step = models.SmallIntegerField()
    done_on = models.DateField()
    outcome = models.CharField(max_length=16)  # queued, opened, or why not

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "party", "step"], name="campaignstepdone_once")
        ]
        indexes = [models.Index("party", name="campaignstepdone_party")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.party_id} #{self.step}"


class Referral(models.Model):
    """Member gets member (老带新): a treated customer brought somebody, who came as a lead.

    `noted_by` none: by the customer's own link. `brought`: the customer the newcomer became. Qualified and rewarded by
    the ledger alone, a newcomer once in the bank. Amounts in fen.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="referrals")
    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    lead = models.OneToOneField(Lead, models.CASCADE, related_name="referral")
    brought = models.ForeignKey(
        Party, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    noted_on = models.DateField()
    consent_version = models.CharField(max_length=20)
    qualified_fen = models.BigIntegerField(null=True)
    reward = models.CharField(max_length=100, default="", db_default="")
    rewarded_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brought"],
                condition=Q(rewarded_on__isnull=False),
                name="campaignreferral_rewarded_once",
            ),
            models.CheckConstraint(
                name="campaignreferral_not_oneself",
                condition=Q(brought__isnull=True) | ~Q(brought=F("party")),
            ),
            models.CheckConstraint(
                name="campaignreferral_reward_has_newcomer",
                condition=Q(rewarded_on__isnull=True) | Q(brought__isnull=False),
            ),
        ]
        indexes = [
            models.Index("party", name="campaignreferral_party"),
            models.Index("campaign", "noted_on", name="campaignreferral_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.lead_id}"


class CampaignEvent(models.Model):
    """What happened to a campaign, for its page; the trail has it too."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    on = models.DateField()
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=16)
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        indexes = [models.Index("campaign", "at", name="campaignevent_at")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.verb}"
