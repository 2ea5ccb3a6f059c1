"""Hand-overs (客户移交): list, draw, read and sign, print; the watch over the book afterwards."""

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.audit import services as audit
from guanxi.crm.keeping import pictures, selectors, words
from guanxi.crm.keeping.models import HandOver
from guanxi.crm.keeping.services import handover as services
from guanxi.crm.keeping.views.common import done, tabs
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import Right
from guanxi.crm.organisation.selectors import keepers_in
from guanxi.web.pdf import mark_of, pdf_response
from guanxi.web.sent import whole


class DrawForm(forms.Form):
    """Who gives, who takes, whom, and why."""

    giver = forms.IntegerField(widget=forms.HiddenInput)
    unit = forms.IntegerField(widget=forms.HiddenInput)
    taker = forms.ModelChoiceField(Staff.objects.none(), label=gettext_lazy("Taker"))
    whole = forms.BooleanField(label=gettext_lazy("The whole book"), required=False)
    why = forms.ChoiceField(label=gettext_lazy("Why"), choices=words.WHY_CHOICES)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)


@require_GET
@requires(Right.LOG_CONTACTS)
def listed(request: ActingRequest) -> HttpResponse:
    """What is on its way, what waits for oneself, and the books being watched."""
    rows = list(selectors.handovers(request.reach).order_by("-opened_on", "-pk")[: pictures.AT_ONCE])
    told = {
        "tabs": tabs(request, "handovers"),
        "lines": pictures.handover_lines(rows, request.reach, request.today),
        "decides": request.reach.may(Right.DECIDE_KEEPING),
        "books": pictures.books_to_give(request.reach) if request.reach.may(Right.DECIDE_KEEPING) else [],
    }
    return render(request, "keeping/handovers.html", told)


@require_GET
@requires(Right.DECIDE_KEEPING)
def new(request: ActingRequest) -> HttpResponse:
    """One keeper's customers at a unit, to hand over all or some."""
    giver, unit = _giver(request, request.GET.get("giver", ""), request.GET.get("unit", ""))
    form = DrawForm(initial={"giver": giver.pk, "unit": unit.pk, "whole": True})
    _offer(form, request, giver, unit)
    return _choosing(request, form, giver, unit, frozenset())


@require_POST
@requires(Right.DECIDE_KEEPING)
def draw(request: ActingRequest) -> HttpResponse:
    """Draw it: from here on its files are frozen and the giver may sign."""
    giver, unit = _giver(request, request.POST.get("giver", ""), request.POST.get("unit", ""))
    form = DrawForm(request.POST)
    _offer(form, request, giver, unit)
    marked = frozenset(key for text in request.POST.getlist("chosen") if (key := whole(text)) is not None)
    if not form.is_valid():
        return _choosing(request, form, giver, unit, marked)
    given = form.cleaned_data
    made: list[HandOver] = []
    drawn = done(
        request,
        lambda: made.append(services.draw(
            by=request.user, reach=request.reach, giver=giver, taker=given["taker"], unit=unit,
            parties=None if given["whole"] else marked, why=given["why"], note=given["note"], today=request.today,
        )),
        _("The hand-over is drawn. The giver signs first."),
    )  # fmt: skip
    if not drawn:
        return _choosing(request, form, giver, unit, marked)
    return redirect("keeping:handover", made[0].pk)


@require_GET
@requires(Right.LOG_CONTACTS)
def page(request: ActingRequest, number: int) -> HttpResponse:
    """The files, the signatures and, once done, how the book fares."""
    return render(
        request,
        "keeping/handover.html",
        pictures.handover(request.reach, _found(request, number), request.today),
    )


@require_POST
@requires(Right.LOG_CONTACTS)
def sign(request: ActingRequest, number: int) -> HttpResponse:
    """Sign exactly the files that were read."""
    done(
        request,
        lambda: services.sign(
            by=request.user, reach=request.reach, handover=_found(request, number),
            file_hash=request.POST.get("file_hash", ""), today=request.today, now=request.now,
        ),
        _("Signed."),
    )  # fmt: skip
    return redirect("keeping:handover", number)


@require_POST
@requires(Right.DECIDE_KEEPING)
def cancel(request: ActingRequest, number: int) -> HttpResponse:
    """Stop it, with the reason."""
    done(
        request,
        lambda: services.cancel(
            by=request.user, reach=request.reach, handover=_found(request, number),
            note=request.POST.get("note", ""), today=request.today,
        ),
        _("The hand-over is stopped."),
    )  # fmt: skip
    return redirect("keeping:handover", number)


@require_GET
@requires(Right.LOG_CONTACTS)
def printed(request: ActingRequest, number: int) -> HttpResponse:
    """The files as a sheet, with the signatures so far; taking it is one row of the trail."""
    case = _found(request, number)
    told = pictures.handover(request.reach, case, request.today)
    audit.exported(
        by=request.user, what="handover", rows=len(told["lines"]), columns=["file"], filters={"handover": case.pk},
        content_hash=case.file_hash, customers=[line.party_id for line in told["lines"]],
    )  # fmt: skip
    mark = mark_of(request.user.name, request.user.staff_no, request.now)
    return pdf_response("keeping/handover_print.html", told, _("Hand-over %(n)s") % {"n": case.pk}, mark=mark)


def _found(request: ActingRequest, number: int) -> HandOver:
    case = selectors.handovers(request.reach).filter(pk=number).first()
    if case is None:
        raise Http404
    return case


def _giver(request: ActingRequest, person: str, unit: str) -> tuple[Staff, Unit]:
    """A keeper who has customers at a unit within reach."""
    giver = Staff.objects.filter(pk=whole(person) or 0).first()
    at = Unit.objects.filter(pk=whole(unit) or 0, pk__in=request.reach.unit_ids).first()
    if giver is None or at is None or not pictures.keeps_at(giver, at):
        raise Http404
    return giver, at


def _choosing(
    request: ActingRequest, form: DrawForm, giver: Staff, unit: Unit, marked: frozenset[int]
) -> HttpResponse:
    """The book to choose from, with what was given so far."""
    lines = pictures.book_lines(request.reach, giver, unit, request.today)
    told = {"form": form, "giver": giver, "unit": unit, "lines": lines, "marked": marked}
    return render(request, "keeping/new_handover.html", told)


def _offer(form: DrawForm, request: ActingRequest, giver: Staff, unit: Unit) -> None:
    field = form.fields["taker"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = keepers_in([unit.pk], request.today).exclude(pk=giver.pk).order_by("name", "pk")
