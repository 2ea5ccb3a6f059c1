"""The tree of units, its people, the posts they hold and since when, who stands in for whom, tokens of systems."""

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class UnitKind(models.TextChoices):
    """The levels of the tree; the root is always the legal entity (法人)."""

    LEGAL_ENTITY = "legal_entity", _("Legal entity")
    BRANCH = "branch", _("Branch")
    OUTLET = "outlet", _("Outlet")


class Area(models.TextChoices):
    """Where an outlet stands."""

    URBAN = "urban", _("Urban")
    COUNTY = "county", _("County town")
    TOWNSHIP = "township", _("Township")


class Unit(models.Model):
    """A unit (机构). `UnitScope` holds the tree's closure; both are published by the run from the bank's extract."""

    unit_no = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=16, choices=UnitKind)
    area = models.CharField(max_length=16, choices=Area, null=True, blank=True)  # noqa: DJ001  # absent is not ''  # absent is not ''

    class Meta:
        ordering = ["unit_no"]
        constraints = [
            models.CheckConstraint(
                name="unit_root_is_legal_entity",
                condition=Q(parent__isnull=False) | Q(kind=UnitKind.LEGAL_ENTITY),
            )
        ]

    def __str__(self) -> str:
        return self.name


class UnitScope(models.Model):
    """Each unit with itself (depth 0) and every unit below it: a subtree is one index lookup."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="scope")
    member = models.ForeignKey(Unit, models.CASCADE, related_name="above")
    depth = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "member"], name="unitscope_once")]

    def __str__(self) -> str:
        return f"{self.unit_id} ⊇ {self.member_id}"


class StaffManager(BaseUserManager["Staff"]):
    """Finds people by staff number, which is also what they sign in with."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        """The person with this staff number (工号)."""
        return self.get(staff_no=username)


class Staff(AbstractBaseUser):
    """A member of staff (员工). What one may do follows from the posts held today, not from flags here.

    `session_epoch` is part of the session's hash: raising it ends every session of that person at once.
    """

    staff_no = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True, db_default=True)
    is_demo = models.BooleanField(default=False, db_default=False)
    password = models.CharField(max_length=200, default="!", db_default="!")
    session_epoch = models.IntegerField(default=0, db_default=0)
    language = models.CharField(max_length=10, default="zh-hans", db_default="zh-hans")

    USERNAME_FIELD = "staff_no"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[StaffManager] = StaffManager()

    class Meta:
        ordering = ["staff_no"]
        verbose_name_plural = "staff"

    def __str__(self) -> str:
        return f"{self.name} ({self.staff_no})"

    def get_session_auth_hash(self) -> str:
        """Changes with the password and with the epoch."""
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac("guanxi.crm.organisation.session", value, algorithm="sha256").hexdigest()


class Role(models.TextChoices):
    """What a post makes of a person; the extract's own words (contract: staff.post)."""

    RELATIONSHIP_MANAGER = "relationship_manager", _("Relationship manager")
    CORPORATE_MANAGER = "corporate_manager", _("Corporate manager")
    PLANNER = "planner", _("Wealth planner")
    TELLER = "teller", _("Teller")
    LOBBY = "lobby", _("Lobby manager")
    OUTLET_HEAD = "outlet_head", _("Outlet head")
    SUPERVISOR = "supervisor", _("Supervisor")
    ANALYST = "analyst", _("Analyst")
    ADMINISTRATOR = "administrator", _("Administrator")
    COMPLIANCE = "compliance", _("Compliance officer")
    OTHER = "other", _("Other")


class Post(models.Model):
    """A post held at a unit (岗位), from `valid_from` to the day before `valid_to` (NULL: no end known)."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    role = models.CharField(max_length=24, choices=Role)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "unit", "role"], condition=Q(valid_to__isnull=True), name="post_one_open"
            ),
            models.UniqueConstraint(fields=["staff", "unit", "role", "valid_from"], name="post_once_a_day"),
            models.CheckConstraint(name="post_ends_after_start", condition=Q(valid_to__gt=F("valid_from"))),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.role} @ {self.unit_id}"


class Cover(models.Model):
    """Leave cover (代班): `covering` sees what `absent` sees, both days included, and gains no right of theirs."""

    absent = models.ForeignKey(Staff, models.PROTECT, related_name="covered_by")
    covering = models.ForeignKey(Staff, models.PROTECT, related_name="covers")
    first_day = models.DateField()
    last_day = models.DateField()
    note = models.CharField(max_length=200, default="", db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["absent", "covering", "first_day"], name="cover_once"),
            models.CheckConstraint(name="cover_days_in_order", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(name="cover_by_another", condition=~Q(absent=F("covering"))),
        ]
        indexes = [models.Index(fields=["covering", "last_day"], name="cover_now")]

    def __str__(self) -> str:
        return f"{self.covering_id} for {self.absent_id}"


class PostRequestState(models.TextChoices):
    """Where a request for a post stands."""

    ASKED = "asked", pgettext_lazy("post request", "Waits for a second person")
    GRANTED = "granted", pgettext_lazy("post request", "Granted")
    REFUSED = "refused", pgettext_lazy("post request", "Turned down")


class PostRequest(models.Model):
    """A post that somebody asked for and another grants or turns down (岗位复核).

    `replaces`: the post it moves from.
    """

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="post_requests")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+")
    role = models.CharField(max_length=24, choices=Role)
    valid_from = models.DateField()
    replaces = models.ForeignKey(Post, models.SET_NULL, null=True, db_index=False, related_name="+")
    state = models.CharField(max_length=8, choices=PostRequestState, default=PostRequestState.ASKED)
    asked_by = models.ForeignKey(Staff, models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, db_index=False, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["staff", "unit", "role"], condition=Q(state="asked"), name="postrequest_once"
            ),
            models.CheckConstraint(
                name="postrequest_by_two",
                condition=~Q(state="granted") | Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.role} {self.state}"


class LicenceKind(models.TextChoices):
    """Qualifications that selling to customers asks for (从业资格)."""

    FUND = "fund", _("Fund sales qualification")
    INSURANCE = "insurance", _("Insurance sales registration")
    WEALTH = "wealth", _("Wealth management qualification")


class Licence(models.Model):
    """A qualification of a person with its number, good from `issued_on` to `expires_on` (NULL: no end), both included.

    One is never changed: a renewal is another row. `ended_on` is the first day it no longer counts, when it was taken
    away or recorded in error.
    """

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="licences")
    kind = models.CharField(max_length=12, choices=LicenceKind)
    number = models.CharField(max_length=64)
    issued_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "kind", "number", "issued_on"], name="licence_once"),
            models.CheckConstraint(
                name="licence_days_in_order",
                condition=Q(expires_on=None) | Q(expires_on__gte=F("issued_on")),
            ),
        ]
        indexes = [models.Index(fields=["expires_on"], name="licence_expiry", condition=Q(ended_on=None))]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.kind} {self.number}"


class SignInFailure(models.Model):
    """A failed sign-in. The name tried is kept as a keyed hash: people type passwords into the wrong box."""

    at = models.DateTimeField()
    account = models.CharField(max_length=64)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="signin_account"),
            models.Index(fields=["ip", "at"], name="signin_ip"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Token(models.Model):
    """A bearer token of a system (接口令牌), of which only the hash is kept; `begins` helps to tell two apart.

    It acts as `staff`, sees what that person's posts let it see, and does what `scopes` name. `per_minute` NULL: the
    usual limit. It works from its approval until it expires or is stopped.
    """

    name = models.CharField(max_length=60, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    begins = models.CharField(max_length=8, default="", db_default="")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="tokens")
    scopes = models.JSONField(default=list, db_default=[])
    per_minute = models.IntegerField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, models.PROTECT, null=True, db_index=False, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Staff, models.PROTECT, null=True, db_index=False, related_name="+")
    expires_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="token_approved_by_another",
                condition=Q(approved_by=None) | Q(made_by=None) | ~Q(approved_by=F("made_by")),
            ),
            models.CheckConstraint(
                name="token_per_minute", condition=Q(per_minute=None) | Q(per_minute__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def works_at(self, now: datetime) -> bool:
        """Approved, not stopped, not expired."""
        ended = self.stopped_at is not None or (self.expires_at is not None and self.expires_at <= now)
        return self.approved_at is not None and not ended


class Knock(models.Model):
    """How often somebody not signed in opened a door within a minute; who it was stands here as a keyed hash only."""

    key = models.CharField(max_length=64, primary_key=True)
    minute = models.DateTimeField(db_index=True)
    times = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.minute} {self.times}"
