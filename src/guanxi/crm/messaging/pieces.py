"""Useful information (资讯): pieces of content, how many each suits, what was sent of it, and who was handed one.

A piece is sent as a notice (purpose service) or by a campaign (purpose marketing): nothing goes out from here. What a
manager passes on himself is a contact like any other, and asked of permission like any other.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.selectors import numbers_of, visible_to
from guanxi.crm.interactions.pictures import bank_now
from guanxi.crm.interactions.services import log_contact
from guanxi.crm.messaging import audiences, filling
from guanxi.crm.messaging.audiences import Whom
from guanxi.crm.messaging.models import (
    Handed,
    Message,
    Origin,
    Piece,
    Purpose,
    Template,
    TemplateState,
    TemplateVersion,
)
from guanxi.crm.messaging.permission import Choice, may_contact
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.organisation.services import require
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.contact import Verdict

BY_PERSON = "wecom"
"""How a manager passes a piece on."""
PASSED_ON = "done"
"""The outcome such a contact is logged with (policy `interaction`)."""
USED: dict[str, Callable[[Sequence[int]], Sequence[str]]] = {}
"""By origin which of its decisions sent one of these template versions; the room of the decisions says it when it
starts. Notices are known here."""


@dataclass(frozen=True)
class Offer:
    """A piece that suits a customer: the words to pass on, whether that may be done now, and when it was done."""

    piece: Piece
    version: TemplateVersion
    text: str
    verdict: Verdict
    handed_on: date | None


@dataclass(frozen=True)
class Told:
    """One line of what a customer was told: which piece, when, through which channel, and what became of it."""

    title: str
    day: date | datetime
    channel: str
    state: str
    message: UUID | None = None


def listed(day: date, *, all_of_them: bool = False) -> QuerySet[Piece]:
    """The pieces that may be used on a day, the newest first; or every piece."""
    rows = Piece.objects.select_related("written_by").prefetch_related("templates")
    return rows if all_of_them else rows.filter(in_use(day))


def brought(key: str, day: date) -> Piece | None:
    """The piece in use with this public key, as an address brings it; None for anything else."""
    try:
        return listed(day).filter(uuid=UUID(key)).first() if key else None
    except ValueError:
        return None


def in_use(day: date) -> Q:
    """Neither retired nor outside of its days."""
    return Q(retired_at=None, valid_from__lte=day, valid_until__gte=day)


def versions_of(piece: Piece) -> list[TemplateVersion]:
    """The approved texts of a piece, one a channel at most; one whose template waits for approval is not there."""
    rows = TemplateVersion.objects.filter(template__in=piece.templates.all(), state=TemplateState.APPROVED)
    return list(rows.select_related("template").order_by("template__channel"))


@transaction.atomic
def make(
    *, by: Staff, title: str, topic: str, templates: Sequence[Template], whom: Whom, valid_from: date,
    valid_until: date, today: date, now: datetime,
) -> Piece:  # fmt: skip
    """Add a piece to the library. ValidationError for texts of two purposes or of one channel twice, for nobody, for
    days that are none."""
    require(by, Right.WRITE_MESSAGES, today)
    whom = audiences.settled(whom, reach_of(by, today), today)
    if not templates or len({one.purpose for one in templates}) > 1:
        raise ValidationError(_("Choose texts of one purpose: service or marketing."))
    if len({one.channel for one in templates}) < len(templates):
        raise ValidationError(_("Choose one text a channel."))
    if valid_until < max(valid_from, today):
        raise ValidationError(_("A piece ends after it begins and not in the past."))
    piece = Piece.objects.create(
        title=title.strip()[:80], topic=topic, purpose=templates[0].purpose, valid_from=valid_from,
        valid_until=valid_until, written_by=by, written_at=now, **whom.columns(),
    )  # fmt: skip
    piece.templates.set(templates)
    audit.record(
        by=by, verb="messaging.piece_made", on=piece, templates=sorted(one.code for one in templates)
    )
    return piece


@transaction.atomic
def retire(*, by: Staff, piece: Piece, today: date, now: datetime) -> Piece:
    """Take a piece out of use; what was sent of it stays on record."""
    require(by, Right.WRITE_MESSAGES, today)
    locked = Piece.objects.select_for_update().get(pk=piece.pk)
    if locked.retired_at is None:
        locked.retired_at = now
        locked.save(update_fields=["retired_at"])
        audit.record(by=by, verb="messaging.piece_retired", on=locked)
    return locked


def suitable(reach: Reach, party: Party, *, now: datetime, today: date) -> list[Offer]:
    """The pieces in use that suit a customer within reach and have an approved text, with what permission says now."""
    fits = [one for one in listed(today) if _meant(one, reach, party, today)]
    if not fits:
        return []
    known = filling.recipients([party.pk]).get(party.pk)
    passed = Handed.objects.filter(party__in=numbers_of(party)).order_by("day")
    done = dict(passed.values_list("piece", "day"))
    names, told = tier_names(today), []
    for piece in fits:
        version = _to_pass_on(piece)
        if version is None or known is None:
            continue
        try:
            filled = filling.fill(
                version, known, {}, tiers=names, until=today, masked=reach.hides_names, shown=True
            )
        except (KeyError, ValueError):
            continue
        told.append(
            Offer(piece, version, filled.text, _verdict(piece, version, party, now), done.get(piece.pk))
        )
    return told


@transaction.atomic
def hand(*, by: Staff, piece: Piece, party: Party, key: UUID, today: date, now: datetime) -> Handed:
    """Log that this person passed a piece on to a customer by WeCom; the same key again changes nothing.

    PermissionDenied without the right or out of reach; ValidationError for a piece that does not suit the customer, is
    not in use, or that permission forbids.
    """
    require(by, Right.LOG_CONTACTS, today)
    reach = reach_of(by, today)
    if not reach.covers(party.unit_id, party.keeper_id):
        raise PermissionDenied("not within reach")
    known = Handed.objects.filter(contact__client_key=key, contact__staff=by).first()
    if known is not None:
        return known
    found = listed(today).filter(pk=piece.pk).first()
    if found is None or not _meant(found, reach, party, today):
        raise ValidationError(_("This piece is not for this customer, or no longer in use."))
    version = _to_pass_on(found)
    if version is None:
        raise ValidationError(_("This piece has no approved text."))
    if not _verdict(found, version, party, now).allowed:
        raise ValidationError(_("The customer may not be contacted with it now."))
    note = _("Passed on: %(title)s") % {"title": found.title}
    contact = log_contact(
        by=by, party=party, channel=BY_PERSON, at=bank_now(today, now), outcome=PASSED_ON, note=note,
        client_key=key, today=today, now=now,
    )  # fmt: skip
    copies = {"unit_id": party.unit_id, "keeper_id": party.keeper_id}
    told = {"piece": found, "party": party, "version": version.pk, "day": today} | copies
    handed, _new = Handed.objects.get_or_create(contact=contact, defaults=told)
    audit.record(by=by, verb="messaging.piece_handed", on=found, party=party.pk)
    return handed


def sent(piece: Piece) -> tuple[Mapping[str, int], int]:
    """What was sent of a piece within sight: messages by state over notices and the rooms in USED; and how many
    were handed over by people."""
    versions = list(
        TemplateVersion.objects.filter(template__in=piece.templates.all()).values_list("pk", flat=True)
    )
    refs = {Origin.SERVICE.value: [one.ref for one in piece.notices.all()]}
    refs |= {origin: list(asks(versions)) for origin, asks in USED.items()}
    counts: Counter[str] = Counter()
    for origin, named in refs.items():
        rows = Message.objects.filter(origin=origin, ref__in=named, template_version__in=versions)
        counts.update(rows.values_list("state", flat=True) if named else ())
    return counts, Handed.objects.filter(piece=piece).count()


def told(reach: Reach, party: Party, most: int = 50) -> list[Told]:
    """What a customer within reach was told of the library, the latest first: by which channel and when."""
    if not visible_to(reach).filter(pk=party.pk).exists():
        return []
    titles = dict(
        TemplateVersion.objects.filter(template__pieces__isnull=False).values_list(
            "pk", "template__pieces__title"
        )
    )
    own = numbers_of(party)
    rows = Message.objects.filter(party__in=own, template_version__in=titles).order_by("-planned_at")[:most]
    lines = [
        Told(titles[one.template_version or 0], one.submitted_at or one.planned_at, str(one.get_channel_display()),
             str(one.get_state_display()), one.uuid)
        for one in rows
    ]  # fmt: skip
    passed = Handed.objects.filter(party__in=own).select_related("piece", "contact")
    lines += [
        Told(one.piece.title, one.contact.at, str(one.contact.get_channel_display()), _("Passed on by %(name)s") % {
            "name": one.contact.author_name})
        for one in passed.order_by("-day")[:most]
    ]  # fmt: skip
    return sorted(lines, key=lambda one: str(one.day), reverse=True)[:most]


def _meant(piece: Piece, reach: Reach, party: Party, today: date) -> bool:
    """Whether a piece is for this customer; one that sells is not for whom nothing is offered to."""
    if party.offers_paused and piece.purpose == Purpose.MARKETING:
        return False
    return audiences.suits(reach, Whom.of(piece), piece.written_by, party, today)


def _to_pass_on(piece: Piece) -> TemplateVersion | None:
    """The text a person passes on: the one for WeCom, else the first that is approved."""
    versions = versions_of(piece)
    return next(
        (one for one in versions if one.template.channel == BY_PERSON), versions[0] if versions else None
    )


def _verdict(piece: Piece, version: TemplateVersion, party: Party, now: datetime) -> Verdict:
    """What permission says to this piece by a person's WeCom at this instant."""
    choice = Choice(version.template.personal, version.template.topic)
    asked = may_contact(parties=[party.pk], channel=BY_PERSON, purpose=piece.purpose, at=now, choice=choice)
    return asked[party.pk]
