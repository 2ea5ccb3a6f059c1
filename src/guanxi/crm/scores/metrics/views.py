"""The pages of figures: all of them with their last proof, and one with its lineage."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores import selectors
from guanxi.crm.scores.metrics import words
from guanxi.crm.scores.metrics.picture import draw_lineage
from guanxi.insight.metrics.registry import lineage, metrics
from guanxi.web.lists import Column


@require_GET
@requires(Right.SEE_POLICIES)
def index(request: ActingRequest) -> HttpResponse:
    """Every registered figure; who may see runs also sees the bank's sums and whether they were proven."""
    sees_sums = request.reach.may(Right.SEE_RUNS)
    proofs = selectors.figure_proofs() if sees_sums else {}
    told = {
        "columns": _columns(sees_sums),
        "rows": [(words.said(metric), metric, proofs.get(metric.id)) for metric in metrics()],
        "sees_sums": sees_sums,
        "run": selectors.current_run(),
        "apart": [proof for proof in proofs.values() if not proof.is_proven],
    }
    return render(request, "metrics/list.html", told)


@require_GET
@requires(Right.SEE_POLICIES)
def detail(request: ActingRequest, metric: str) -> HttpResponse:
    """One figure: what it means, who answers for it, its SQL, where it stands, and what it was made from."""
    found = next((one for one in metrics() if one.id == metric), None)
    if found is None:
        raise Http404(f"no figure is registered as {metric}")
    sees_sums = request.reach.may(Right.SEE_RUNS)
    told = {
        "metric": found,
        "said": words.said(found),
        "pages": [words.PAGES[page] for page in found.shown],
        "drawing": draw_lineage(lineage(found)),
        "run": selectors.current_run(),
        "proof": selectors.figure_proofs().get(found.id) if sees_sums else None,
        "sees_sums": sees_sums,
    }
    return render(request, "metrics/detail.html", told)


def _columns(sees_sums: bool) -> list[Column]:
    sums = (
        [Column("figure", _("Sum over the bank"), "number"), Column("proof", _("Proof"))] if sees_sums else []
    )
    return [
        Column("name", _("Figure"), "name"),
        Column("definition", _("Definition")),
        Column("unit", _("Unit of measure")),
        Column("owner", _("Responsible department")),
        *sums,
    ]
