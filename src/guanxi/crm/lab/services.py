"""Writes of the lab: drafts, simulations, proposals that stand on them, and the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as queue

from guanxi.crm.audit import services as audit
from guanxi.crm.lab import rules
from guanxi.crm.lab.models import Attachment, Draft, Simulation, State
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.services import require
from guanxi.crm.policies import services as policies
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.policies.selectors import policy_of, version_in_force
from guanxi.insight.policies import PolicyError, read_policy

JOB = "lab.simulate"  # the worker's task, see guanxi.pipeline.jobs


@dataclass(frozen=True)
class Tried:
    """A content to try, with the name it is shown under and where it came from."""

    name: str
    payload: Mapping[str, Any]
    content_hash: str
    draft: int | None = None
    version: int | None = None
    evidence: Sequence[Mapping[str, str]] = ()

    @classmethod
    def of_draft(cls, draft: Draft) -> "Tried":
        """A draft of the lab."""
        return cls(
            draft.name, draft.payload, draft.content_hash, draft=draft.pk, evidence=tuple(draft.evidence)
        )

    @classmethod
    def of_version(cls, version: PolicyVersion) -> "Tried":
        """A version somebody proposed."""
        name = _("version %(n)s") % {"n": version.version}
        return cls(name, version.payload, version.content_hash, version=version.pk)

    def kept(self) -> dict[str, Any]:
        """As the simulation keeps it."""
        return {
            "name": self.name,
            "payload": dict(self.payload),
            "content_hash": self.content_hash,
            "draft": self.draft,
            "version": self.version,
            "evidence": list(self.evidence),
        }


@transaction.atomic
def save_draft(
    *, by: Staff, today: date, now: datetime, kind: str, name: str, payload: Mapping[str, Any],
    evidence: Sequence[Mapping[str, str]] = (),
) -> Draft:  # fmt: skip
    """A sound content kept under a name; ValidationError says in plain words what is wrong with it.

    `evidence` (see Draft) goes with it: to the simulation, to the proposal, to whoever decides.
    """
    require(by, Right.PROPOSE_POLICY, today)
    if kind not in rules.KINDS or not name.strip():
        raise ValidationError(_("Give the draft a name."))
    try:
        policy = read_policy(kind, payload)
    except PolicyError as error:
        raise ValidationError(str(error)) from error
    problems = policy.problems(get_language() or "zh")
    if problems:
        raise ValidationError(problems)
    draft = Draft.objects.create(
        kind=kind,
        name=name.strip()[:80],
        payload=policy.to_payload(),
        content_hash=policy.content_hash(),
        made_by=by,
        made_at=now,
        evidence=[dict(one) for one in evidence],
    )
    audit.record(by=by, verb="lab.draft_saved", on=draft, content_hash=draft.content_hash)
    return draft


@transaction.atomic
def draft_from_evidence(
    *, by: Staff, today: date, now: datetime, kind: str, name: str, evidence: Mapping[str, str]
) -> Draft:
    """A draft that says what counts today and carries what was measured: its author changes the numbers next.

    Raises ValidationError for a kind the lab does not know or of which nothing counts.
    """
    require(by, Right.PROPOSE_POLICY, today)
    standing = version_in_force(kind, today) if kind in rules.KINDS else None
    if standing is None:
        raise ValidationError(_("Nothing counts yet: the first run takes it from the bank's folder."))
    payload = policy_of(standing).to_payload()
    return save_draft(by=by, today=today, now=now, kind=kind, name=name, payload=payload, evidence=[evidence])


@transaction.atomic
def drop_draft(*, by: Staff, today: date, draft: Draft) -> None:
    """Take a draft off the list; simulations made with it keep their copy."""
    require(by, Right.PROPOSE_POLICY, today)
    Draft.objects.filter(pk=draft.pk).update(dropped=True)
    audit.record(by=by, verb="lab.draft_dropped", on=draft)


@transaction.atomic
def request_simulation(
    *, by: Staff, today: date, now: datetime, kind: str, tried: Sequence[Tried], month: date, months: int
) -> Simulation:
    """Ask for a simulation; the worker runs it. The row and its job are committed together."""
    require(by, Right.PROPOSE_POLICY, today)
    active = version_in_force(kind, today)
    if active is None:
        raise ValidationError(_("Nothing counts yet: the first run takes it from the bank's folder."))
    hashes = [one.content_hash for one in tried]
    if not rules.may_try(kind=kind, hashes=hashes, active_hash=active.content_hash, months=months):
        raise ValidationError(
            _("Choose one to three drafts that differ from each other and from what counts.")
        )
    simulation = Simulation.objects.create(
        kind=kind,
        active_version=active,
        drafts=[one.kept() for one in tried],
        month=month,
        months=months,
        requested_by=by,
        requested_at=now,
    )
    # One at a time: a simulation uses the whole machine.
    queue.configure_task(JOB, queue="lab", lock="lab").defer(simulation=simulation.pk)
    audit.record(by=by, verb="lab.requested", on=simulation, drafts=hashes, month=month, months=months)
    return simulation


@transaction.atomic
def stop_simulation(*, by: Staff, today: date, now: datetime, simulation: Simulation) -> None:
    """Stop one that waits or runs; the worker notices at its next piece."""
    require(by, Right.PROPOSE_POLICY, today)
    locked = Simulation.objects.select_for_update(of=("self",)).get(pk=simulation.pk)
    if not rules.may_stop(locked.state):
        raise ValidationError(_("It has ended already."))
    locked.state, locked.finished_at = State.STOPPED, now
    locked.save(update_fields=["state", "finished_at"])
    audit.record(by=by, verb="lab.stopped", on=locked)


@transaction.atomic
def propose_draft(
    *, by: Staff, today: date, now: datetime, simulation: Simulation, number: int, note: str
) -> PolicyVersion:
    """Propose one of a simulation's drafts as a version; the simulation goes with it to whoever decides."""
    if simulation.state != State.DONE or not 0 <= number < len(simulation.drafts):
        raise ValidationError(_("Only what has been simulated can be proposed from here."))
    tried = simulation.drafts[number]
    version = policies.propose(
        by=by, today=today, now=now, kind=simulation.kind, payload=tried["payload"], note=note
    )
    _attach(by, now, version, simulation, number)
    return version


@transaction.atomic
def attach(
    *, by: Staff, today: date, now: datetime, version: PolicyVersion, simulation: Simulation
) -> Attachment:
    """Lay a finished simulation under a version whose content it tried; a later one takes an earlier one's place."""
    require(by, Right.PROPOSE_POLICY, today)
    hashes = [one["content_hash"] for one in simulation.drafts]
    if simulation.state != State.DONE or version.content_hash not in hashes:
        raise ValidationError(_("This simulation did not try this version."))
    return _attach(by, now, version, simulation, hashes.index(version.content_hash))


def _attach(
    by: Staff, now: datetime, version: PolicyVersion, simulation: Simulation, number: int
) -> Attachment:
    told = {"simulation": simulation, "draft": number, "attached_by": by, "attached_at": now}
    attachment, _made = Attachment.objects.update_or_create(version=version, defaults=told)
    audit.record(by=by, verb="lab.attached", on=version, simulation=simulation.pk, draft=number)
    return attachment


@transaction.atomic
def propose_return(*, by: Staff, today: date, now: datetime, version: PolicyVersion) -> PolicyVersion:
    """Propose again what counted before `version`: one deed, and another person decides as always."""
    counted = PolicyVersion.objects.filter(kind=version.kind, state__in=("active", "retired"))
    former = (
        counted.filter(valid_from__lt=version.valid_from).order_by("-valid_from").first()
        if version.valid_from
        else None
    )
    if former is None:
        raise ValidationError(_("Nothing counted before this version."))
    note = _("Back to version %(n)s") % {"n": former.version}
    payload = policy_of(former).to_payload()
    return policies.propose(by=by, today=today, now=now, kind=version.kind, payload=payload, note=note)
