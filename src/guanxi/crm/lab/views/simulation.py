"""A simulation: how far it is, what came of it, who would move."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.lab import names, pictures, rules, selectors, services, words
from guanxi.crm.lab.forms import ProposeForm
from guanxi.crm.lab.models import Simulation, State
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.exports import ExportRefused, hand_out, notes_of, refused, rows_to_take
from guanxi.insight.months import month_end
from guanxi.insight.policies import load_policy
from guanxi.insight.policies.scope import ScopePolicy
from guanxi.web.lists import Column, address
from guanxi.web.sent import whole
from guanxi.web.sheets import Sheet

MOST_LOADS = 200


@require_GET
@requires(Right.PROPOSE_POLICY, Right.APPROVE_POLICY)
def page(request: ActingRequest, number: int) -> HttpResponse:
    """The figures of a finished simulation; until then how far it is."""
    simulation = _simulation(number)
    told = {
        "simulation": simulation,
        "state": words.STATES[simulation.state],
        "may_stop": rules.may_stop(simulation.state) and request.reach.may(Right.PROPOSE_POLICY),
        "words": words,
    }
    if simulation.state == State.DONE:
        told |= _figures(request, simulation)
    return render(request, "lab/simulation.html", told)


@require_GET
@requires(Right.PROPOSE_POLICY, Right.APPROVE_POLICY)
def progress(request: ActingRequest, number: int) -> HttpResponse:
    """How far it is, asked again each two seconds; when it has ended the page is loaded anew."""
    simulation = _simulation(number)
    answer = render(request, "lab/_progress.html", {"simulation": simulation, "words": words})
    if not rules.may_stop(simulation.state):
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@requires(Right.PROPOSE_POLICY)
def stop(request: ActingRequest, number: int) -> HttpResponse:
    """Stop it."""
    simulation = _simulation(number)
    try:
        services.stop_simulation(by=request.user, today=request.today, now=request.now, simulation=simulation)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("lab:simulation", number)


@require_POST
@requires(Right.PROPOSE_POLICY)
def propose(request: ActingRequest, number: int, draft: int) -> HttpResponse:
    """Propose a draft as a version; the simulation goes with it."""
    simulation = _simulation(number)
    form = ProposeForm(request.POST, prefix="propose")
    if not form.is_valid():
        messages.error(request, _("Say why."))
        return redirect("lab:simulation", number)
    try:
        version = services.propose_draft(
            by=request.user,
            today=request.today,
            now=request.now,
            simulation=simulation,
            number=draft,
            note=form.cleaned_data["note"],
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("lab:simulation", number)
    messages.success(request, _("Proposed with this simulation. Somebody else now decides about it."))
    return redirect("policies:detail", version.pk)


def _figures(request: ActingRequest, simulation: Simulation) -> dict[str, Any]:
    drafts = pictures.drafts_of(simulation)
    draft = drafts[_draft_number(request, simulation)]
    schemes = pictures.schemes_of(simulation)
    scheme = request.GET.get("scheme", "")
    scheme = scheme if scheme in schemes else schemes[0]
    ages, areas = pictures.groups(draft)
    loads = _loads(request, simulation, draft)
    return {
        "drafts": drafts,
        "draft": draft,
        "verdicts": [(one, pictures.verdict(simulation, one)) for one in drafts],
        "draft_tabs": [(one.name, address(request.GET, draft=str(one.number)), one is draft) for one in drafts],
        "scheme": scheme,
        "scheme_tabs": [
            (words.scheme_name(simulation.kind, one, draft.payload), address(request.GET, scheme=one), one == scheme)
            for one in schemes
        ],
        "matrix": pictures.matrix(simulation, draft, scheme),
        "comparison": pictures.comparison(simulation, drafts),
        "comparison_columns": pictures.comparison_columns(drafts),
        "ages": ages,
        "areas": areas,
        "group_columns": pictures.group_columns(),
        "loads": loads[:MOST_LOADS],
        "load_chart": pictures.load_chart(loads),
        "load_columns": pictures.load_columns(),
        "sees_loads": request.reach.sees_customers,
        "moving": pictures.moving_chart(simulation, drafts),
        "managed": pictures.managed_chart(simulation, drafts) if simulation.kind != "value" else None,
        "months": pictures.month_rows(draft),
        "month_columns": pictures.month_columns(),
        "as_of": month_end(simulation.month),
        "sees_names": request.reach.may(Right.SEE_CUSTOMERS),
        "may_propose": request.reach.may(Right.PROPOSE_POLICY),
        "propose_form": ProposeForm(prefix="propose"),
    }  # fmt: skip


def _loads(request: ActingRequest, simulation: Simulation, draft: pictures.Draft) -> list[pictures.Load]:
    """Loads name people, so they are by reach, as customers are."""
    reach = request.reach
    if not reach.sees_customers or not draft.figures["load"]:
        return []
    return pictures.loads(
        draft,
        units=selectors.unit_names(),
        staff=selectors.staff_names(),
        within=None if reach.whole_bank else selectors.units_in(reach),
        capacity=_capacity(request, simulation, draft),
    )


def _capacity(request: ActingRequest, simulation: Simulation, draft: pictures.Draft) -> int | None:
    try:
        policy = (
            load_policy("scope", draft.payload)
            if simulation.kind == "scope"
            else active("scope", request.today)
        )
    except KeyError:
        return None
    assert isinstance(policy, ScopePolicy)
    return policy.capacity_minutes


# --- by name


@require_GET
@requires(Right.PROPOSE_POLICY, Right.APPROVE_POLICY)
def named(request: ActingRequest, number: int) -> HttpResponse:
    """Customers within reach who would move under a draft, those with the most money first."""
    simulation, draft, way = _asked(request, number)
    rows = selectors.moves_within(request.reach, simulation, draft).filter(names.WAYS[way])
    found = names.page_of(rows, request.GET.get("after", ""), names.Telling(simulation, draft, request.reach))
    labels = {"": _("All"), "down": _("Lower"), "up": _("Higher")}
    told = {
        "simulation": simulation,
        "number": draft,
        "draft_name": simulation.drafts[draft]["name"],
        "tabs": [(label, address(request.GET, way=key), key == way) for key, label in labels.items()],
        "lines": found.lines,
        "next": address(request.GET, after=found.next) if found.next else None,
        "columns": names.columns(request.reach),
        "as_of": month_end(simulation.month),
        "may_export": request.reach.may(Right.EXPORT_CUSTOMERS),
        "file_url": f"{reverse('lab:named_file', args=(number,))}?{request.GET.urlencode()}",
        "words": words,
    }
    return render(request, "lab/named.html", told)


@require_GET
@requires(Right.PROPOSE_POLICY, Right.APPROVE_POLICY)
@requires(Right.EXPORT_CUSTOMERS)
def named_file(request: ActingRequest, number: int) -> HttpResponse:
    """The list as a workbook, limited as the role demands, and recorded."""
    simulation, draft, way = _asked(request, number)
    rows = selectors.moves_within(request.reach, simulation, draft).filter(names.WAYS[way])
    try:
        found = rows_to_take(request, rows)
    except ExportRefused as refusal:
        back = f"{reverse('lab:named', args=(number,))}?{request.GET.urlencode()}"
        return refused(request, refusal, "lab_moves", back)
    columns = [Column("number", _("Customer number")), *names.columns(request.reach)]
    lines = names.Telling(simulation, draft, request.reach).lines(found)
    cells = [[line.values[column.id] for column in columns] for line in lines]
    title = _("Who would move: %(draft)s") % {"draft": simulation.drafts[draft]["name"]}
    notes = notes_of(request, len(cells), [title], as_of=month_end(simulation.month))
    sheet = Sheet(title, columns, cells, notes)
    told = {"simulation": number, "draft": draft, "way": way}
    return hand_out(
        request,
        "lab_moves",
        [sheet],
        rows=len(cells),
        filters=told,
        customers=[row.party_id for row in found],
    )


def _asked(request: ActingRequest, number: int) -> tuple[Simulation, int, str]:
    """A finished simulation, the draft and the way of the address."""
    simulation = _simulation(number)
    if simulation.state != State.DONE:
        raise Http404
    way = request.GET.get("way", "")
    return simulation, _draft_number(request, simulation), way if way in names.WAYS else ""


def _draft_number(request: ActingRequest, simulation: Simulation) -> int:
    number = whole(request.GET.get("draft", "")) or 0
    return number if number < len(simulation.drafts) else 0


def _simulation(number: int) -> Simulation:
    return get_object_or_404(Simulation.objects.select_related("requested_by", "active_version"), pk=number)
