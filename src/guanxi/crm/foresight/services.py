"""Writes on the register of models: a version is kept, asked for, switched on by a second person, switched off."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from guanxi.crm.assessments.activities import MODEL
from guanxi.crm.assessments.services import need_assessment
from guanxi.crm.audit import services as audit
from guanxi.crm.foresight import rules
from guanxi.crm.foresight.models import ModelState, ModelVersion, RiskGrade
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.second_person import check_second_person
from guanxi.crm.organisation.services import require


@transaction.atomic
def keep_version(
    *, purpose: str, kind: str, body: str, sha256: str, card: dict[str, Any], kept: bool, why: str, run_id: str,
    business_date: date, now: datetime,
) -> ModelVersion:  # fmt: skip
    """A new version of a purpose as training made it; it changes no figure until two persons switch it on."""
    last = ModelVersion.objects.filter(purpose=purpose).aggregate(last=Max("version"))["last"] or 0
    version = ModelVersion.objects.create(
        purpose=purpose, version=last + 1, kind=kind, body=body, sha256=sha256, card=card, kept=kept, why=why,
        run_id=run_id, business_date=business_date, made_at=now,
    )  # fmt: skip
    audit.record(by=None, verb="foresight.model_made", on=version, sha256=sha256, kept=kept, why=why)
    return version


@transaction.atomic
def ask_on(*, by: Staff, today: date, version: ModelVersion, risk_grade: str, note: str) -> ModelVersion:
    """Ask for a version to serve, as its owner, with its risk grade; another person answers."""
    require(by, Right.PROPOSE_POLICY, today)
    locked = _locked(version)
    if not rules.may_ask(locked.state, has_body=bool(locked.body)):
        raise ValidationError(_("This version cannot be switched on."))
    if risk_grade not in RiskGrade.values:
        raise ValidationError(_("Choose a risk grade."))
    locked.state, locked.asked_by, locked.owner = ModelState.ASKED, by, by
    locked.risk_grade, locked.note = risk_grade, note
    locked.decided_by, locked.decided_at = None, None
    locked.save()
    audit.record(by=by, verb="foresight.model_asked", on=locked, risk_grade=risk_grade, note=note)
    return locked


@transaction.atomic
def switch_on(*, by: Staff, today: date, now: datetime, version: ModelVersion, sha256: str) -> ModelVersion:
    """Let exactly the model that was read serve from the next night; what served before is off.

    NotAssessed while no impact assessment covers it.
    """
    # all of the purpose, in order: of two versions switched on at once the second finds the first one on
    list(ModelVersion.objects.select_for_update(of=("self",)).filter(purpose=version.purpose).order_by("pk"))
    locked = _decidable(by, today, version)
    need_assessment([f"{MODEL}.{locked.purpose}"], today=today)
    if sha256 != locked.sha256:
        raise ValidationError(_("This version is no longer what you have read. Read it again."))
    for served in ModelVersion.objects.filter(purpose=locked.purpose, state=ModelState.ON):
        served.state = ModelState.OFF
        served.save(update_fields=["state"])
        audit.record(by=by, verb="foresight.model_replaced", on=served, by_version=locked.version)
    _decide(locked, by, now, ModelState.ON)
    audit.record(by=by, verb="foresight.model_on", on=locked, sha256=sha256)
    return locked


@transaction.atomic
def refuse(*, by: Staff, today: date, now: datetime, version: ModelVersion, note: str) -> ModelVersion:
    """Turn the question down, with the reason."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    locked = _decidable(by, today, version)
    locked.note = note
    _decide(locked, by, now, ModelState.REFUSED)
    audit.record(by=by, verb="foresight.model_refused", on=locked, note=note)
    return locked


@transaction.atomic
def switch_off(*, by: Staff, today: date, now: datetime, version: ModelVersion, note: str) -> ModelVersion:
    """Stop a model at once, with the reason; the rule serves from the next night."""
    if not note.strip():
        raise ValidationError(_("Say why."))
    if not _may(by, today, Right.PROPOSE_POLICY):
        require(by, Right.APPROVE_POLICY, today)
    locked = _locked(version)
    if not rules.may_switch_off(locked.state):
        raise ValidationError(_("This version is not on."))
    locked.note = note
    _decide(locked, by, now, ModelState.OFF)
    audit.record(by=by, verb="foresight.model_off", on=locked, note=note)
    return locked


def _may(by: Staff, today: date, right: Right) -> bool:
    try:
        require(by, right, today)
    except PermissionDenied:
        return False
    return True


def _locked(version: ModelVersion) -> ModelVersion:
    return ModelVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)


def _decidable(by: Staff, today: date, version: ModelVersion) -> ModelVersion:
    require(by, Right.APPROVE_POLICY, today)
    locked = _locked(version)
    if locked.state != ModelState.ASKED:
        raise ValidationError(_("Nobody waits for an answer about this version."))
    if not rules.may_decide(locked.state, asker=locked.asked_by_id, decider=by.pk):
        raise PermissionDenied("Who asked for a model does not switch it on.")
    check_second_person(by, (locked.asked_by_id,), today)
    return locked


def _decide(version: ModelVersion, by: Staff, now: datetime, state: str) -> None:
    version.state, version.decided_by, version.decided_at = state, by, now
    version.save(update_fields=["state", "decided_by", "decided_at", "note"])
