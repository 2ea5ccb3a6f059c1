"""The audit pack on a page and as a workbook, for compliance alone."""

import hashlib

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from guanxi.crm.audit import services as audit
from guanxi.crm.compliance.incidents.pictures import tabs
from guanxi.crm.compliance.pack.figures import Span, parts_of, totals
from guanxi.crm.compliance.pack.forms import SpanForm, usual_span
from guanxi.crm.compliance.pack.workbook import TYPE, workbook_of
from guanxi.crm.compliance.policy import compliance_policy
from guanxi.crm.compliance.sight import for_compliance
from guanxi.crm.organisation.middleware import ActingRequest

BAD = 422
WITHOUT_POLICY = 1  # days looked back by a bank without a policy: today alone


def _asked(request: ActingRequest) -> tuple[SpanForm, Span | None]:
    """The form, and its span; the policy's days up to today where nothing was asked, None where it cannot be read."""
    if not {"first", "last"} & set(request.GET):
        policy = compliance_policy(request.today)
        days = policy.pack_days if policy else WITHOUT_POLICY
        span = usual_span(timezone.localtime(request.now).date(), days)
        return SpanForm(initial={"first": span.first, "last": span.last}), span
    form = SpanForm(request.GET)
    return form, form.span() if form.is_valid() else None


@require_GET
@for_compliance
def page(request: ActingRequest) -> HttpResponse:
    """Consent, access, rules and open exceptions of a span."""
    form, span = _asked(request)
    told = {"form": form, "span": span, "tabs": tabs("pack")}
    if span is None:
        return render(request, "compliance/pack.html", told, status=BAD)
    parts = parts_of(span)
    running = span.last >= timezone.localtime(request.now).date()
    return render(
        request, "compliance/pack.html", told | {"parts": parts, "totals": totals(parts), "running": running}
    )


@require_GET
@for_compliance
def file(request: ActingRequest) -> HttpResponse:
    """The same as a workbook; taking it is recorded with its hash."""
    form, span = _asked(request)
    if span is None:
        return render(
            request, "compliance/pack.html", {"form": form, "span": None, "tabs": tabs("pack")}, status=BAD
        )
    parts = parts_of(span)
    content = workbook_of(span, parts)
    audit.exported(
        by=request.user, what="audit_pack", rows=sum(len(part.rows) for part in parts),
        columns=[column.id for part in parts for column in part.columns],
        filters={"first": span.first, "last": span.last}, content_hash=hashlib.sha256(content).hexdigest(),
        customers=(),
    )  # fmt: skip
    answer = HttpResponse(content, content_type=TYPE)
    name = f"audit-pack-{span.first.isoformat()}-{span.last.isoformat()}.xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
