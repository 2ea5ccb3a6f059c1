"""Pages of effects: the catalogue, one campaign's read-out with its workbook, evidence, the global control."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.campaigns.policy import effect_policy
from guanxi.crm.effects import pictures, selectors, services
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.exports import hand_out, notes_of
from guanxi.crm.scores.tiers import tier_names
from guanxi.web.sheets import Sheet


@require_GET
@requires(Right.SEE_EFFECTS)
def catalogue(request: ActingRequest) -> HttpResponse:
    """What worked for whom, the latest campaigns first."""
    rows = pictures.catalogue(selectors.stories(request.reach), tier_names(request.today))
    return render(request, "effects/catalogue.html", {"rows": rows})


@require_GET
@requires(Right.SEE_EFFECTS)
def readout(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One campaign: the verdict first, the interval over the days, subgroups with caution, how it was made."""
    story = selectors.story_or_404(request.reach, uuid)
    looks = list(selectors.looks(story.campaign)) if story.main else []
    told = {
        "story": story,
        "arms": [{**pictures.line(row), "chart": pictures.over_days(looks, row.arm)} for row in story.main],
        "groups": pictures.groups(story.groups, tier_names(request.today)),
        "others": [pictures.line(row) for row in story.others],
        "evidence": selectors.evidence_of(story.campaign),
        "policy": effect_policy(request.today),
        # How many are held out is told to whoever sees the whole bank alone.
        "whole": request.reach.whole_bank,
    }
    return render(request, "effects/readout.html", told)


@require_GET
@requires(Right.SEE_EFFECTS)
def readout_file(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The latest look as a workbook, with who took it and when."""
    story = selectors.story_or_404(request.reach, uuid)
    tiers = tier_names(request.today)
    whole = request.reach.whole_bank
    rows = [
        pictures.sheet_row(row, tiers, whole=whole) for row in (*story.main, *story.groups, *story.others)
    ]
    sheet = Sheet(
        _("Read-out"),
        pictures.sheet_columns(whole=whole),
        rows,
        notes_of(request, len(rows), [story.campaign.name]),
    )
    return hand_out(request, "effect", [sheet], rows=len(rows), filters={"campaign": str(uuid)})


@require_POST
@requires(Right.SEE_EFFECTS)
def keep(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Keep the latest look as evidence for a policy draft."""
    try:
        services.keep_evidence(
            by=request.user, reach=request.reach, campaign=uuid, note=request.POST.get("note", ""),
            today=request.today, now=request.now,
        )  # fmt: skip
        messages.success(request, _("Kept as evidence."))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("effects:readout", uuid=uuid)


@require_GET
@requires(Right.SEE_EFFECTS)
def global_control(request: ActingRequest) -> HttpResponse:
    """Who is held out of all marketing for a year, and why service is never withheld."""
    facts = pictures.global_facts(
        effect_policy(request.today), request.today, selectors.stories(request.reach)
    )
    return render(request, "effects/global.html", {"facts": facts})
