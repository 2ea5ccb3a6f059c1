"""Pages of effects: the catalogue, one campaign's read-out with its workbook, evidence, the global control."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.campaigns.policy import effect_policy
from guanxi.crm.customers.selectors import party_or_404
from guanxi.crm.effects import first_offers, next_list, next_steps, pictures, selectors, services
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
        "kinds": pictures.draft_kinds(story) if request.reach.may(Right.PROPOSE_POLICY) else [],
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
    return hand_out(request, "effect", [sheet], rows=len(rows), filters={"campaign": str(uuid)}, customers=())


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


@require_POST
@requires(Right.PROPOSE_POLICY)
def draft(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """A draft in the policy lab that carries this look as evidence: its form opens, to change the number."""
    try:
        made = services.draft_from_readout(
            by=request.user, reach=request.reach, campaign=uuid, kind=request.POST.get("kind", ""),
            note=request.POST.get("note", ""), today=request.today, now=request.now,
        )  # fmt: skip
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("effects:readout", uuid=uuid)
    messages.success(request, _("The evidence is with a draft. Change the number it speaks for."))
    return redirect(f"{reverse('lab:new_draft', args=(made.kind,))}?from={made.pk}")


@require_GET
@requires(Right.SEE_CUSTOMERS)
def next_step(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The panel of a customer's page: what to do next, at most three, with reasons."""
    party = party_or_404(request.reach, uuid)
    told = next_steps.panel(request.reach, party, now=request.now, today=request.today)
    return render(request, "effects/_next.html", told)


@require_GET
@requires(Right.LOG_CONTACTS)
def next_actions(request: ActingRequest) -> HttpResponse:
    """The best offer of each customer one keeps, as many as the day has minutes for."""
    told = next_list.next_list(request.reach, now=request.now, today=request.today)
    shown = {"list": told, "stopped": pictures.stopped(told.stopped), "hidden": request.reach.hides_names}
    return render(request, "effects/next_actions.html", shown)


@require_POST
@requires(Right.LOG_CONTACTS)
def put_on_today(request: ActingRequest) -> HttpResponse:
    """The chosen offers become tasks of today."""
    put = next_list.put_on_today(
        by=request.user, reach=request.reach, customers=set(request.POST.getlist("chosen")), now=request.now,
        today=request.today,
    )  # fmt: skip
    for level, said in pictures.put_on(put):
        messages.add_message(request, level, said)
    return redirect("effects:next_actions")


@require_GET
@requires(Right.SEE_EFFECTS)
def tried(request: ActingRequest) -> HttpResponse:
    """First offers chosen by worth against those chance picked."""
    policy = effect_policy(request.today)
    told = first_offers.compared(request.reach, policy, request.today)
    return render(
        request, "effects/first_offers.html", {"told": pictures.offers(told, policy), "policy": policy}
    )


@require_GET
@requires(Right.SEE_EFFECTS)
def global_control(request: ActingRequest) -> HttpResponse:
    """Who is held out of all marketing for a year, and why service is never withheld."""
    policy = effect_policy(request.today)
    told = {
        "facts": pictures.global_facts(policy, request.today, selectors.stories(request.reach)),
        "lines": pictures.global_lines(selectors.global_looks(request.today, policy.global_months), policy),
        "whole": request.reach.whole_bank,
    }
    return render(request, "effects/global.html", told)
