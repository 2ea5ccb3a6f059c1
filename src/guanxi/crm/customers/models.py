"""The single view of a customer (客户). Every table here is row-secured: see organisation/row_security.py.

`Party.id` is the party key of the lake. Keys of parties carry no database constraint where the run fills the table by
the hundred thousand: it joins them to parties itself, and a check on each row would double its time.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.organisation.models import Unit
from guanxi.insight.suitability import Investor


class PartyKind(models.TextChoices):
    """Persons and the kinds of organisation; the contract's words."""

    PERSON = "person", _("Individual")
    SOLE_TRADER = "sole_trader", _("Sole trader")
    COMPANY = "company", _("Company")
    GOVERNMENT = "government", _("Government or public body")
    INTERBANK = "interbank", _("Bank or financial institution")


class PartyState(models.TextChoices):
    """Whether the customer is still one."""

    ACTIVE = "active", _("Active")
    CLOSED = "closed", _("Closed")
    DECEASED = "deceased", _("Deceased")


def _word(length: int = 32) -> "models.CharField[str | None, str | None]":
    return models.CharField(max_length=length, null=True, blank=True)  # unknown is not ''


class Party(models.Model):
    """A customer, person or organisation. `unit` manages it (客户归属机构); `keeper` is its primary keeper (管户人)."""

    without: frozenset[type[models.Model]] = frozenset()  # tables that traces.look saw to hold nothing of it

    id = models.BigIntegerField(primary_key=True)
    uuid = models.UUIDField(unique=True)
    customer_no = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=PartyKind)
    name = models.CharField(max_length=200, default="", db_default="")
    name_pinyin = models.CharField(max_length=200, default="", db_default="")
    sex = _word(8)
    birth_date = models.DateField(null=True, blank=True)
    since = models.DateField(null=True, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="parties")
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="keeps"
    )
    area = _word(16)
    village = _word(100)
    occupation = _word(100)
    employer_name = _word(200)
    resident_type = _word(16)
    size_class = _word(8)
    industry = _word(100)
    risk_grade = _word(2)
    risk_expires_on = models.DateField(null=True, blank=True)
    offers_paused = models.BooleanField(
        default=False, db_default=False
    )  # no page says it: see docs, Nothing offered
    due_diligence_on = models.DateField(null=True, blank=True)
    renown_kind = _word(24)
    renown_source = _word(200)
    renown_on = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=8, choices=PartyState, default=PartyState.ACTIVE, db_default=PartyState.ACTIVE.value
    )
    id_type = _word(16)
    id_masked = _word(40)
    id_valid = models.BooleanField(null=True)
    is_owner = models.BooleanField(default=True, db_default=True)
    # another number of a person who stands elsewhere: the old key forwards there, lists leave the row out
    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="merged",
    )
    merged_by = models.CharField(max_length=12, default="", db_default="")

    class Meta:
        verbose_name_plural = "parties"
        indexes = [
            models.Index(fields=["customer_no"], name="party_customer_no"),
            models.Index(fields=["unit", "name_pinyin", "id"], name="party_unit_name"),
            models.Index(fields=["keeper", "name_pinyin", "id"], name="party_keeper_name"),
            models.Index(fields=["merged_into"], name="party_merged", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.customer_no

    def investor(self, *, professional: bool = False) -> Investor:
        """As suitability asks about this customer. Whether professional is known of what the night looked at."""
        return Investor(
            self.risk_grade, self.risk_expires_on, self.birth_date, professional, self.offers_paused
        )


class NameGram(models.Model):
    """Two neighbouring letters of a name: search by part of a name without an index that row security switches off."""

    gram = models.CharField(max_length=2)
    party = models.ForeignKey(
        Party, models.CASCADE, db_constraint=False, db_index=False, related_name="grams"
    )
    unit = models.ForeignKey(Unit, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "gram"], name="namegram_once")]
        indexes = [
            models.Index(fields=["gram", "unit", "party"], name="namegram_unit"),
            models.Index(fields=["gram", "keeper", "party"], name="namegram_keeper"),
        ]

    def __str__(self) -> str:
        return self.gram


class Identifier(models.Model):
    """What finds a customer exactly: the keyed token of an identity or card number, with its masked form."""

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="identifiers")
    kind = models.CharField(max_length=16)  # id, card, customer_no
    token = models.CharField(max_length=64)
    masked = models.CharField(max_length=40, default="", db_default="")
    valid = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "kind", "token"], name="identifier_once")]
        indexes = [models.Index(fields=["token"], name="identifier_token")]

    def __str__(self) -> str:
        return f"{self.kind} {self.masked}"


class ContactPoint(models.Model):
    """A phone, address or account to reach a customer by (联系方式); the value itself stands in the vault only."""

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="contact_points")
    kind = models.CharField(max_length=16)  # mobile, phone, email, wecom, address
    token = models.CharField(max_length=64)
    masked = models.CharField(max_length=200, default="", db_default="")
    is_primary = models.BooleanField(default=False, db_default=False)
    valid = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "kind", "token"], name="contactpoint_once")]
        indexes = [models.Index(fields=["token"], name="contactpoint_token")]

    def __str__(self) -> str:
        return f"{self.kind} {self.masked}"


class Consent(models.Model):
    """What a customer agreed to or refused, per purpose and channel; the latest `given_on` counts (授权同意)."""

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="consents")
    purpose = models.CharField(max_length=16)
    channel = models.CharField(max_length=16)
    agreed = models.BooleanField()
    given_on = models.DateField()
    source = _word(100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party", "purpose", "channel", "given_on"], name="consent_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose}/{self.channel}"


class Relation(models.Model):
    """`party` is the `kind` of `other` (spouse, child, employee, …); evidence: declared or payroll."""

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="relations")
    other = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="related_from")
    kind = models.CharField(max_length=16)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=16, default="declared", db_default="declared")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "other", "kind"], name="relation_once")]

    def __str__(self) -> str:
        return self.kind


class Holding(models.Model):
    """An account as seen from one party: owned with a `share`, or a role without wealth (agent, guardian, authorised).

    Money is of the whole account: `balance_fen` in hundredths of its own currency, `*_base_fen` in the base currency.
    `card_ends` and `short_fen` are the night's reminders (账户提醒): the card ends soon; the next debit lacks so much.
    """

    party = models.ForeignKey(Party, models.CASCADE, db_constraint=False, related_name="holdings")
    account_no = models.CharField(max_length=64)
    role = models.CharField(max_length=16, default="holder", db_default="holder")
    share = models.DecimalField(max_digits=9, decimal_places=8, default=1, db_default=1)
    is_primary = models.BooleanField(default=True, db_default=True)
    product_code = _word(64)
    product_name = _word(200)
    family = models.CharField(max_length=16, choices=Family)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    currency = models.CharField(max_length=3)
    balance_fen = models.BigIntegerField(null=True)
    in_transit_fen = models.BigIntegerField(default=0, db_default=0)
    balance_base_fen = models.BigIntegerField(null=True)
    in_transit_base_fen = models.BigIntegerField(default=0, db_default=0)
    rate = models.DecimalField(max_digits=18, decimal_places=8, null=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    matures_on = models.DateField(null=True)
    term_days = models.IntegerField(null=True)
    rolls_over = models.BooleanField(null=True)
    in_aum = models.BooleanField(default=True, db_default=True)
    state = models.CharField(max_length=16, default="open", db_default="open")
    card_masked = _word(40)
    card_expires_on = models.DateField(null=True)
    card_ends = models.BooleanField(default=False, db_default=False)
    due_on = models.DateField(null=True)
    due_fen = models.BigIntegerField(null=True)
    paid_from_no = _word(64)
    short_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "account_no", "role"], name="holding_once")]
        indexes = [models.Index(fields=["account_no"], name="holding_account")]

    def __str__(self) -> str:
        return f"{self.family} {self.currency}"


class Credit(models.Model):
    """Credit grade, line, use and expiry (评级授信)."""

    party = models.OneToOneField(
        Party, models.CASCADE, primary_key=True, db_constraint=False, related_name="credit"
    )
    grade = _word(16)
    line_fen = models.BigIntegerField(null=True)
    used_fen = models.BigIntegerField(null=True)
    expires_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.grade or "—"


class VaultEntry(models.Model):
    """A protected value, encrypted: the only place it stands. Who may not see the owner of the token sees no row."""

    token = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=16)
    ciphertext = models.BinaryField()
    key_id = models.CharField(max_length=32)

    class Meta:
        verbose_name_plural = "vault entries"

    def __str__(self) -> str:
        return self.kind


class KeeperTerm(models.Model):
    """Who kept a customer and when (管户); one open primary term at most, secondary keepers (协办) beside it."""

    party = models.ForeignKey(Party, models.CASCADE, related_name="keeper_terms")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="keeper_terms")
    is_primary = models.BooleanField(default=True, db_default=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party"],
                condition=Q(valid_to__isnull=True, is_primary=True),
                name="keeper_one_primary",
            ),
            models.UniqueConstraint(fields=["party", "staff", "valid_from"], name="keeper_once_a_day"),
            models.CheckConstraint(name="keeper_ends_after_start", condition=Q(valid_to__gt=F("valid_from"))),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} keeps {self.party_id}"


class PartyLink(models.Model):
    """The identity register: which source number belongs to which party, since when and by whose word.

    Numbers of parties of several numbers; every other number is a party of its own. Merge and un-merge only open and
    close links. It is an input of the run, so it holds no personal value.
    """

    source = models.CharField(max_length=32)
    source_no = models.CharField(max_length=64)
    own_key = models.BigIntegerField(default=0, db_default=0)
    party_key = models.BigIntegerField()
    party_uuid = models.UUIDField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=32, default="first_member", db_default="first_member")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_no"], condition=Q(valid_to__isnull=True), name="partylink_one_open"
            ),
            models.UniqueConstraint(
                fields=["source", "source_no", "valid_from"], name="partylink_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.source_no}"


class SavedView(models.Model):
    """A list's filters, sort and columns that a person keeps as a tab."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40, default="customers", db_default="customers")
    name = models.CharField(max_length=60)
    query = models.JSONField(default=dict, db_default={})
    position = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["staff", "page", "name"], name="savedview_name_once")]

    def __str__(self) -> str:
        return self.name


from guanxi.crm.customers.archive.models import Note, ProfileChange  # noqa: E402
from guanxi.crm.customers.documents.models import Document, DocumentContent  # noqa: E402
from guanxi.crm.customers.identity.models import (  # noqa: E402  # Django looks for an app's models here
    HouseholdHint,
    IdentityDecision,
    IdentityPair,
    PartySource,
    StoppedMember,
)

__all__ = [
    "Consent",
    "ContactPoint",
    "Credit",
    "Document",
    "DocumentContent",
    "Holding",
    "HouseholdHint",
    "Identifier",
    "IdentityDecision",
    "IdentityPair",
    "KeeperTerm",
    "NameGram",
    "Note",
    "Party",
    "PartyKind",
    "PartyLink",
    "PartySource",
    "PartyState",
    "ProfileChange",
    "Relation",
    "SavedView",
    "StoppedMember",
    "VaultEntry",
]
