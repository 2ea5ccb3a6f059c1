"""Photos as evidence of a visit (现场照片): added, taken off, read. Each write audited in its transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.interactions.policy import language
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.visits import rules
from guanxi.crm.visits.models import Visit, VisitPhoto, VisitState
from guanxi.crm.visits.policy import visit_policy
from guanxi.crm.visits.services import may_change, own, prove
from guanxi.crm.visits.words import REFUSED
from guanxi.insight.policies.base import speak
from guanxi.insight.policies.visit import VisitPolicy
from guanxi.web.photos import Photo, PhotoRefused, taken

_KB = 1024


def add_photos(
    *, by: Staff, visit: Visit, files: "Sequence[UploadedFile[bytes]]", today: date, now: datetime
) -> list[str]:
    """Keep each picture that can be kept; the words why, for each that cannot. One refused stops no other.

    PermissionDenied for somebody else's visit, ValidationError when its time for photos has not come or is over.
    """
    policy = visit_policy(today)
    if not may_change(visit, reach_of(by, today)):
        raise PermissionDenied(f"{by.staff_no} may not change this visit")
    refused = []
    for sent in files[: policy.photos_most + 1]:
        try:  # decoded before the visit is locked
            add_photo(by=by, visit=visit, photo=_read(sent, policy), today=today, now=now)
        except PhotoRefused as error:
            told = {"file": sent.name or "", "why": why_refused(error.code, policy)}
            refused.append(_("%(file)s was not taken: %(why)s.") % told)
    return refused


def _read(sent: "UploadedFile[bytes]", policy: VisitPolicy) -> Photo:
    """The picture in a file; its size is asked before a byte of it is read."""
    if (sent.size or 0) > policy.photo_kb * _KB:
        raise PhotoRefused("size")
    return taken(
        sent.read(), kinds=policy.photo_kinds, most_bytes=policy.photo_kb * _KB,
        most_pixels=policy.photo_megapixels * 1_000_000, longest_edge=policy.photo_edge,
    )  # fmt: skip


@transaction.atomic
def add_photo(*, by: Staff, visit: Visit, photo: Photo, today: date, now: datetime) -> VisitPhoto:
    """One picture more with a visit; a visit that took place is proved anew.

    PhotoRefused `many` above the policy's number and `known` for a picture that stands with a visit already.
    """
    policy = visit_policy(today)
    locked = _open_for_photos(visit, by, today, policy)
    if locked.photos.count() >= policy.photos_most:
        raise PhotoRefused("many")
    kept = VisitPhoto(
        visit=locked, party_id=locked.party_id, unit_id=locked.unit_id, keeper_id=locked.keeper_id, staff=by,
        content=photo.content, small=photo.small, width=photo.width, height=photo.height, sha256=photo.sha256,
        added_on=today, added_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            kept.save(force_insert=True)
    except IntegrityError as error:  # with this visit, or with one that this person may not even see
        raise PhotoRefused("known") from error
    audit.record(by=by, verb="visits.photo_added", on=locked, photo=kept.pk, sha256=kept.sha256)
    _prove_again(locked, policy)
    return kept


@transaction.atomic
def remove_photo(*, by: Staff, visit: Visit, number: int, today: date) -> None:
    """Take a picture off one's own visit again, while photos may still be added; its fingerprint stays in the trail."""
    policy = visit_policy(today)
    locked = _open_for_photos(visit, by, today, policy)
    found = locked.photos.defer("content", "small").filter(pk=number).first()
    if found is None:
        raise Http404
    audit.record(by=by, verb="visits.photo_removed", on=locked, photo=found.pk, sha256=found.sha256)
    found.delete()
    _prove_again(locked, policy)


def _open_for_photos(visit: Visit, by: Staff, today: date, policy: VisitPolicy) -> Visit:
    """One's own visit locked, while photos of it are evidence."""
    locked = own(visit, by, today)
    if locked.state == VisitState.CANCELLED or not rules.in_time(locked.day, today, policy.minutes_days):
        told = {"n": policy.minutes_days}
        raise ValidationError(_("Photos are added on the day of the visit or up to %(n)s days after.") % told)
    return locked


def _prove_again(visit: Visit, policy: VisitPolicy) -> None:
    if visit.state == VisitState.DONE:
        prove(visit, policy)


def why_refused(code: str, policy: VisitPolicy) -> str:
    """Why a picture was not taken, in the reader's language."""
    kinds = speak(language(), "、", ", ").join(kind.upper() for kind in policy.photo_kinds)
    size = f"{policy.photo_kb // _KB} MB" if policy.photo_kb >= _KB else f"{policy.photo_kb} KB"
    told = {"kinds": kinds, "size": size, "pixels": policy.photo_megapixels, "most": policy.photos_most}
    return str(REFUSED[code]) % told


def may_add(visit: Visit, reach: Reach, policy: VisitPolicy, today: date) -> bool:
    """Whether this person may add photos to this visit today."""
    is_open = visit.state != VisitState.CANCELLED and rules.in_time(visit.day, today, policy.minutes_days)
    return policy.photos_most > 0 and is_open and may_change(visit, reach)


def photos_of(visit: Visit) -> list[VisitPhoto]:
    """The photos of a visit that may be seen, without the pictures themselves."""
    return list(visit.photos.defer("content", "small").select_related("staff"))


def photo_or_404(reach: Reach, number: int, photo: int, *, small: bool) -> VisitPhoto:
    """A photo of a visit to a customer within reach, with the picture asked for; otherwise as not there at all."""
    rows = VisitPhoto.objects.defer("content" if small else "small")
    found = rows.filter(pk=photo, visit=number).first()
    if found is None or not reach.covers(found.unit_id, found.keeper_id):
        raise Http404
    return found
