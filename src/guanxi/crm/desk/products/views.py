"""Pages of the product library: the list and one product."""

from datetime import date
from typing import cast
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.crm.catalog import selectors
from guanxi.crm.catalog.rules import fit_of, history, sale_state
from guanxi.crm.customers.held import held
from guanxi.crm.desk.products import pictures
from guanxi.crm.desk.products.forms import asked_of
from guanxi.crm.desk.standing import standing_of
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.suitability import SuitabilityPolicy

SIZE = 50


@require_GET
@requires(Right.SEE_CUSTOMERS)
def products(request: ActingRequest) -> HttpResponse:
    """The bank's products that pass the filters of the address, fifty at a time, with what one's customers hold."""
    form, asked = asked_of(request.GET)
    counts = selectors.counts(asked, request.today)
    total = counts[asked.state]
    page = pictures.page_in(request.GET, total, SIZE)
    rows = list(selectors.products(asked, request.today)[page * SIZE : (page + 1) * SIZE])
    sums = held(request.reach, [row.product_code for row in rows], _as_of(request))
    told = {
        "form": form,
        "lines": [pictures.line(row, sums.get(row.product_code), request.today) for row in rows],
        "tabs": pictures.tabs(request.GET, asked, counts),
        "chips": pictures.chips(form, request.GET),
        "pages": pictures.pages(request.GET, page, total, SIZE),
        "total": total,
        "any_product": any(counts.values()),
        "run": standing_of(request).current,
    }
    return render(request, "desk/products.html", told)


@require_GET
@requires(Right.SEE_CUSTOMERS)
def product(request: ActingRequest, code: str) -> HttpResponse:
    """One product: terms, whom it suits, its versions, and what the reader's own customers hold of it."""
    found = selectors.product_of(code)
    if found is None:
        raise Http404(_("There is no such product."))
    policy = cast("SuitabilityPolicy | None", known(SuitabilityPolicy.kind, request.today))
    fit = None if policy is None else fit_of(found.offer, request.today, policy)
    state = sale_state(found.offer, request.today)
    told = {
        "product": found,
        "state": pictures.state(state),
        "terms": pictures.terms(found, request.today),
        "fit": fit,
        "suits": pictures.suits(found, fit, policy, state),
        "grades": pictures.grades(fit),
        "steps": pictures.steps(history(selectors.versions_of(found)), found.family),
        "held": held(request.reach, [code], _as_of(request)).get(code, selectors.Held()),
        "run": standing_of(request).current,
        "grade_kind": pictures.GRADE_KINDS.get(fit.grade if fit else "", "grey"),
        "holders_url": f"{reverse('desk:customers')}?{urlencode({'product': code})}",
        "may_segment": request.reach.may(Right.USE_SEGMENTS),
    }
    return render(request, "desk/product.html", told)


def _as_of(request: ActingRequest) -> date:
    current = standing_of(request).current
    return current.business_date if current is not None else request.today
