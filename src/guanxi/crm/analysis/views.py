"""Pages of the workbench: the editor, one question with its result, queries kept; and the three sources."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.analysis import pictures, selectors, services, three
from guanxi.crm.analysis.models import Asked, AskedState
from guanxi.crm.analysis.policy import workbench_policy
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.crm.scores.exports import export_limit, hand_out, notes_of
from guanxi.insight.workbench.question import Kind, functions, plain
from guanxi.web import formats
from guanxi.web.sheets import Sheet

EXAMPLE = """SELECT p.unit_no, p.age_band, COUNT(*) AS customers, AVG(w.aum) AS mean_aum
FROM core.party AS p
JOIN feature.wealth_month AS w USING (party_key)
WHERE p.kind = 'person' AND w.month = DATE '{month}'
GROUP BY ALL
ORDER BY customers DESC"""


@require_GET
@requires(Right.USE_WORKBENCH)
def workbench(request: ActingRequest) -> HttpResponse:
    """The editor with the views beside it, one's last questions and the queries kept."""
    selectors.need(request.reach)
    return _editor(request, text=_text_of(request), saved=request.GET.get("saved", ""))


def _text_of(request: ActingRequest) -> str:
    """The query to begin with: a kept one, one asked before, else an example of the current month."""
    if "saved" in request.GET:
        return selectors.saved_or_404(request.reach, _uuid(request.GET["saved"])).text
    if "asked" in request.GET:
        return selectors.asked_or_404(request.reach, _uuid(request.GET["asked"])).text
    return ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _editor(
    request: ActingRequest, *, text: str, saved: str = "", wrong: str = "", name: str = ""
) -> HttpResponse:
    policy, data = _limits(request)
    month = data.business_date.replace(day=1).isoformat() if data else "2026-01-01"
    mine = [
        services.settle(one, now=request.now)
        for one in selectors.asked_for(request.reach)[: selectors.MOST_SHOWN]
    ]
    kept = list(selectors.saved_for(request.reach))
    told = {
        "text": text or EXAMPLE.format(month=month),
        "wrong": wrong,
        "policy": policy,
        "data": data,
        "shelves": pictures.shelves(),
        "functions": functions(),
        "saved": kept,
        "chosen": next((one for one in kept if str(one.uuid) == saved), None),
        "name": name,
        "asked": mine,
        "states": pictures.STATES,
        "me": request.user.pk,
    }
    return render(request, "analysis/workbench.html", told, status=422 if wrong else 200)


def _limits(request: ActingRequest) -> tuple[Any, Any]:
    try:
        policy = workbench_policy(request.today)
    except ValidationError:
        return None, None
    return policy, selectors.data_for(policy)


@require_POST
@requires(Right.USE_WORKBENCH)
def ask(request: ActingRequest) -> HttpResponse:
    """Run what stands in the editor; what may not be asked comes back with the reason."""
    text = plain(request.POST.get("text", ""))
    try:
        made = services.ask(
            by=request.user, reach=request.reach, text=text, today=request.today, now=request.now
        )
    except ValidationError as error:
        return _editor(
            request, text=text, saved=request.POST.get("saved", ""), wrong=" ".join(error.messages)
        )
    return redirect("analysis:asked", made.uuid)


@require_POST
@requires(Right.USE_WORKBENCH)
def save(request: ActingRequest) -> HttpResponse:
    """Keep what stands in the editor under a name."""
    text, name = plain(request.POST.get("text", "")), plain(request.POST.get("name", ""))
    try:
        kept = services.save(
            by=request.user, reach=request.reach, name=name, text=text,
            is_shared=request.POST.get("is_shared") == "on", now=request.now,
        )  # fmt: skip
    except ValidationError as error:
        return _editor(request, text=text, wrong=" ".join(error.messages), name=name)
    messages.success(request, _("Kept as “%(name)s”.") % {"name": kept.name})
    return redirect(f"{reverse('analysis:workbench')}?saved={kept.uuid}")


@require_POST
@requires(Right.USE_WORKBENCH)
def retire(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """Put a kept query away."""
    saved = selectors.saved_or_404(request.reach, uuid)
    services.retire(by=request.user, reach=request.reach, saved=saved, now=request.now)
    messages.success(request, _("Put away: “%(name)s”.") % {"name": saved.name})
    return redirect("analysis:workbench")


@require_POST
@requires(Right.USE_WORKBENCH)
def prepare(request: ActingRequest) -> HttpResponse:
    """Have the data of the current run made."""
    try:
        services.prepare(by=request.user, reach=request.reach, today=request.today)
        messages.success(request, _("The worker prepares the data; this takes from seconds to minutes."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("analysis:workbench")


@require_GET
@requires(Right.USE_WORKBENCH)
def asked(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """One question: still running, or its result as a table and a chart."""
    one = services.settle(selectors.asked_or_404(request.reach, uuid), now=request.now)
    answer = selectors.answer_of(one)
    told = {
        "one": one,
        "state": pictures.STATES[one.state],
        "kind": pictures.KINDS[one.kind],
        "failure": pictures.failure(one),
        "answer": answer,
        "rows": pictures.table(answer) if answer else [],
        "drawn": pictures.chart(answer) if answer else None,
        "may_take": _may_take(request, one),
        "names": [(name, pictures.name_of(name)) for name in one.tables],
    }
    return render(request, "analysis/asked.html", told)


def _may_take(request: ActingRequest, one: Asked) -> bool:
    """Groups and sums leave as a file, within the role's limit; rows of single customers stay on the screen."""
    return one.kind != Kind.ROWS and 0 < (one.rows or 0) <= export_limit(request)


@require_GET
@requires(Right.USE_WORKBENCH)
def progress(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """How it stands, asked again each two seconds; when it has ended the page is loaded anew."""
    one = services.settle(selectors.asked_or_404(request.reach, uuid), now=request.now)
    answer = render(request, "analysis/_progress.html", {"one": one})
    if one.state != AskedState.RUNNING:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@requires(Right.USE_WORKBENCH)
def stop(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """End it."""
    one = selectors.asked_or_404(request.reach, uuid)
    services.stop(by=request.user, reach=request.reach, asked=one)
    return redirect("analysis:asked", uuid)


@require_GET
@requires(Right.USE_WORKBENCH)
def file(request: ActingRequest, uuid: UUID) -> HttpResponse:
    """The result as a workbook, with the query over the table; recorded like every file."""
    one = selectors.asked_or_404(request.reach, uuid)
    answer = selectors.answer_of(one)
    if answer is None or not _may_take(request, one):
        limit = formats.count(export_limit(request))
        messages.error(request, _("Only groups leave as a file, at most %(limit)s rows.") % {"limit": limit})
        return redirect("analysis:asked", uuid)
    columns, rows = pictures.sheet(answer)
    shown = [" ".join(one.text.split())[:1000]]
    notes = notes_of(request, len(rows), shown, as_of=one.as_of)
    filters = {"shown": shown, "text": one.text, "asked": str(one.uuid)}
    sheet = Sheet(_("Result"), columns, rows, notes)
    return hand_out(request, "workbench", [sheet], rows=len(rows), filters=filters, customers=())


@require_GET
@requires(Right.USE_WORKBENCH)
def three_sources(request: ActingRequest) -> HttpResponse:
    """Own figures, benchmarks and surveys beside each other."""
    return render(request, "analysis/three_sources.html", three.page(request.reach, request.today))
