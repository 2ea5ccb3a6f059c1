"""Keeping (管户): the pool, hand-overs, exits with shared keeping, and tiers set by hand. Row-secured, each of them.

The keeper himself stands in `customers.KeeperTerm` (one open primary term a customer, by the database).
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.models import Party
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.scores.models import fields


def _party() -> "models.ForeignKey[Party, Party]":
    return models.ForeignKey(Party, models.CASCADE, db_constraint=False, db_index=False, related_name="+")


def _person() -> "models.ForeignKey[Staff | None, Staff | None]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )


def _somebody() -> "models.ForeignKey[Staff, Staff]":
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")


class PoolEntry(models.Model):
    """A customer in managed scope whom nobody keeps (待分配). The night opens it; whoever gets a keeper leaves it.

    `hints` are what the proposal goes by: the staff who brought the deposits, the main outlet, the outlet of the
    payroll company. `proposed` is the program's idea, `reason` why; neither counts until a person confirms.
    """

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    since = models.DateField()
    due_on = models.DateField()
    why = models.CharField(max_length=12)  # entered | re_entry | keeper_left
    hints = models.JSONField(default=dict, db_default={})
    proposed = _person()
    reason = models.JSONField(default=dict, db_default={})
    closed_on = models.DateField(null=True)
    closed_how = models.CharField(max_length=12, default="", db_default="")  # assigned | out_of_scope

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(closed_on=None), name="pool_once_while_open"
            )
        ]
        indexes = [models.Index("unit", "due_on", name="pool_unit", condition=Q(closed_on=None))]

    def __str__(self) -> str:
        return f"{self.party_id} {self.since}"


class HandOverState(models.TextChoices):
    """Where a hand-over stands."""

    OPEN = "open", _("Taker to be chosen")
    DRAWN = "drawn", _("Giver to sign")
    GIVEN = "given", _("Taker to sign")
    TAKEN = "taken", _("Supervisor to sign")
    DONE = "done", _("Handed over")
    CANCELLED = "cancelled", _("Cancelled")


STANDING = (HandOverState.OPEN, HandOverState.DRAWN, HandOverState.GIVEN, HandOverState.TAKEN)
MOVING = STANDING[1:]


class HandOver(models.Model):
    """A book, or part of one, on its way from one keeper to another (客户移交)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="hands_over")
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="takes_over"
    )
    state = models.CharField(
        max_length=10, choices=HandOverState, default=HandOverState.OPEN, db_default=HandOverState.OPEN.value
    )
    why = models.CharField(max_length=12)  # post_ended | balance | request | other
    note = models.CharField(max_length=200, default="", db_default="", blank=True)
    opened_on = models.DateField()
    due_on = models.DateField()
    opened_by = _person()  # nobody: a post ended
    file_hash = models.CharField(max_length=64, default="", db_default="")
    done_on = models.DateField(null=True)
    watch_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["giver", "unit"], condition=Q(state="open"), name="handover_one_open"
            ),
            models.CheckConstraint(name="handover_to_another", condition=~Q(giver=F("taker"))),
            models.CheckConstraint(
                name="handover_has_taker",
                condition=Q(state__in=("open", "cancelled")) | Q(taker__isnull=False),
            ),
            models.CheckConstraint(name="handover_done_has_day", condition=Q(state="done") ^ Q(done_on=None)),
        ]
        indexes = [models.Index("unit", "state", "due_on", name="handover_unit")]

    def __str__(self) -> str:
        return f"{self.giver_id} → {self.taker_id} {self.opened_on}"


class HandOverLine(models.Model):
    """One customer of a hand-over with his file as it was drawn: `file` never changes, `file_hash` proves it."""

    handover = models.ForeignKey(HandOver, models.CASCADE, related_name="lines")
    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    file = models.JSONField()
    file_hash = models.CharField(max_length=64)
    aum_fen = fields.fen()
    warned = models.BooleanField()
    visit_together = models.BooleanField()
    moved = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "party"], name="handoverline_once"),
        ]
        indexes = [models.Index("party", name="handoverline_party")]

    def __str__(self) -> str:
        return f"{self.handover_id} {self.party_id}"


class Signature(models.Model):
    """One of the three signatures; `for_giver`: somebody signed for a giver who is no longer there."""

    class Side(models.TextChoices):
        """Who signs as what."""

        GIVER = "giver", _("Giver")
        TAKER = "taker", _("Taker")
        SUPERVISOR = "supervisor", _("Supervisor")

    handover = models.ForeignKey(HandOver, models.CASCADE, related_name="signatures")
    side = models.CharField(max_length=10, choices=Side)
    staff = _somebody()
    at = models.DateTimeField()
    for_giver = models.BooleanField(default=False, db_default=False)
    file_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "side"], name="signature_once"),
            models.UniqueConstraint(fields=["handover", "staff"], name="signature_one_person_one_side"),
        ]

    def __str__(self) -> str:
        return f"{self.handover_id} {self.side}"


class ExitState(models.TextChoices):
    """Where an exit stands."""

    PROPOSED = "proposed", _("Proposed by rule")
    NOTICED = "noticed", _("Decided, notice running")
    APPEALED = "appealed", _("Appealed")
    KEPT = "kept", _("Kept in scope")
    LEFT = "left", _("Left to shared keeping")
    DROPPED = "dropped", _("No longer proposed")


EXIT_STANDING = (ExitState.PROPOSED, ExitState.NOTICED, ExitState.APPEALED)


class ExitProposal(models.Model):
    """One customer's exit (客户退出): proposed by rule, decided by a person, appealed once at most.

    Nobody leaves by machine: the database refuses `left` (and `noticed`) without a person's decision.
    """

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    book = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+")
    state = models.CharField(
        max_length=10, choices=ExitState, default=ExitState.PROPOSED, db_default=ExitState.PROPOSED.value
    )
    proposed_on = models.DateField()
    months_below = models.SmallIntegerField()
    measure_fen = fields.fen()
    # frozen for the page of fairness
    age_band = fields.word(16)
    sex = fields.word(8)
    area = fields.word(16)
    decided_by = _person()
    decided_at = models.DateTimeField(null=True)
    decided_on = models.DateField(null=True)
    decision_note = models.CharField(max_length=300, default="", db_default="")
    leaves_on = models.DateField(null=True)
    appealed_by = _person()
    appealed_on = models.DateField(null=True)
    appeal_note = models.CharField(max_length=300, default="", db_default="")
    heard_by = _person()
    heard_on = models.DateField(null=True)
    heard_note = models.CharField(max_length=300, default="", db_default="")
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(state__in=EXIT_STANDING), name="exit_once_while_open"
            ),
            models.CheckConstraint(
                name="exit_needs_a_person",
                condition=Q(state__in=("proposed", "dropped"))
                | Q(decided_by__isnull=False, decided_at__isnull=False, decided_on__isnull=False)
                & ~Q(decision_note=""),
            ),
            models.CheckConstraint(
                name="exit_notice_has_day",
                condition=~Q(state__in=("noticed", "left")) | Q(leaves_on__isnull=False),
            ),
            models.CheckConstraint(
                name="exit_heard_by_another",
                condition=Q(heard_by=None) | Q(appealed_by__isnull=False) & ~Q(heard_by=F("decided_by")),
            ),
        ]
        indexes = [
            models.Index("unit", "state", "proposed_on", name="exit_unit"),
            models.Index("party", name="exit_party"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.state}"


class SharedKeeping(models.Model):
    """A customer kept by the outlet together (网点共管) since an exit; never by nobody."""

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    exit = models.ForeignKey(ExitProposal, models.PROTECT, null=True, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True)
    ended_how = models.CharField(max_length=12, default="", db_default="")  # re_entry | asked | assigned
    contact_days = models.SmallIntegerField()
    later_contact_days = models.SmallIntegerField()
    steps_down_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party"], condition=Q(until=None), name="shared_once_while_open")
        ]
        indexes = [models.Index("unit", "since", name="shared_unit", condition=Q(until=None))]

    def __str__(self) -> str:
        return f"{self.party_id} {self.since}"


class OverrideState(models.TextChoices):
    """Where a tier set by hand stands."""

    PROPOSED = "proposed", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Turned down")
    WITHDRAWN = "withdrawn", _("Taken back")
    ENDED = "ended", _("Ended early")


class TierOverride(models.Model):
    """A tier set by hand (人工调整), or with no rank a protection (保护期): proposed by one, approved by another.

    Both days count. The night reads it as ops.tier_override.
    """

    party = _party()
    unit = fields.unit()
    keeper = fields.keeper()
    scheme = models.CharField(max_length=32)
    tier_rank = models.SmallIntegerField(null=True)
    reason = models.CharField(max_length=300)
    valid_from = models.DateField()
    valid_to = models.DateField()
    state = models.CharField(
        max_length=10, choices=OverrideState, default=OverrideState.PROPOSED,
        db_default=OverrideState.PROPOSED.value,
    )  # fmt: skip
    proposed_by = _somebody()
    proposed_at = models.DateTimeField()
    decided_by = _person()
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(state="proposed"), name="override_one_question"
            ),
            models.CheckConstraint(
                name="override_second_person",
                condition=~Q(state__in=("approved", "ended"))
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="override_days_in_order",
                condition=~Q(state__in=("proposed", "approved")) | Q(valid_to__gte=F("valid_from")),
            ),
        ]
        indexes = [
            models.Index("party", F("valid_from").desc(), name="override_party"),
            models.Index("unit", "state", name="override_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.party_id} {self.tier_rank} {self.valid_from}"
