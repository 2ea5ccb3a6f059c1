"""Writes: a read-out kept as evidence."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.effects import selectors, words
from guanxi.crm.effects.models import Evidence
from guanxi.crm.lab import services as lab
from guanxi.crm.lab.models import Draft
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.services import require

KEPT = (
    "measure", "arm", "dimension", "subgroup", "n_treated", "n_control", "lift", "low", "high", "fixed_low",
    "fixed_high", "verdict", "reason", "srm_p",
)  # fmt: skip


@transaction.atomic
def draft_from_readout(
    *, by: Staff, reach: Reach, campaign: UUID, kind: str, note: str, today: date, now: datetime
) -> Draft:
    """The latest look kept as evidence, and a draft in the policy lab that carries it; another person decides later.

    Raises ValidationError as `keep_evidence` does, and for a kind the lab does not try.
    """
    kept = keep_evidence(by=by, reach=reach, campaign=campaign, note=note, today=today, now=now)
    story = selectors.story_or_404(reach, campaign)
    told = {
        "title": kept.name, "day": kept.day.isoformat(), "note": kept.note, "by": by.name, "link": "effects:readout",
        "key": str(campaign), "finding": " ".join(words.sentence(row) for row in story.main),
    }  # fmt: skip
    name = _("After %(name)s") % {"name": kept.name}
    return lab.draft_from_evidence(by=by, today=today, now=now, kind=kind, name=name, evidence=told)


@transaction.atomic
def keep_evidence(
    *, by: Staff, reach: Reach, campaign: UUID, note: str, today: date, now: datetime
) -> Evidence:
    """Freeze the latest look of a campaign with a note, as evidence for a policy draft.

    Raises ValidationError without a note or a look, and where the groups are not as drawn: that is no evidence.
    """
    require(by, Right.SEE_EFFECTS, today)
    story = selectors.story_or_404(reach, campaign)
    if not story.main:
        raise ValidationError(_("Nothing was read out yet."))
    if any(row.verdict == "blocked" for row in story.main):
        raise ValidationError(_("The groups are not as drawn: this is no evidence."))
    if not note.strip():
        raise ValidationError(_("Say what it is evidence for."))
    lines = [
        {name: getattr(row, name) for name in KEPT} for row in (*story.main, *story.groups, *story.others)
    ]
    kept = Evidence.objects.create(
        campaign=campaign, name=story.campaign.name, day=story.main[0].day, lines=lines, note=note.strip()[:200],
        made_by=by, made_at=now,
    )  # fmt: skip
    audit.record(by=by, verb="effects.evidence_kept", on=kept, campaign=str(campaign), day=str(kept.day))
    return kept
