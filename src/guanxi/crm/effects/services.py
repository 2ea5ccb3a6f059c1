"""Writes: a read-out kept as evidence."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.crm.audit import services as audit
from guanxi.crm.effects import selectors
from guanxi.crm.effects.models import Evidence
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.organisation.services import require

KEPT = (
    "measure", "arm", "dimension", "subgroup", "n_treated", "n_control", "lift", "low", "high", "fixed_low",
    "fixed_high", "verdict", "reason", "srm_p",
)  # fmt: skip


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
