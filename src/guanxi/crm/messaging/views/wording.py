"""Templates: the list, one with its versions and preview, the editor with faults as one writes, approval."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.crm.messaging import pictures, wording
from guanxi.crm.messaging.forms import AboutForm, TextsForm
from guanxi.crm.messaging.models import Template, TemplateVersion
from guanxi.crm.messaging.wording import About
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right

MAKING = "template_new"


@require_GET
@requires(Right.SEE_MESSAGES)
def templates(request: ActingRequest) -> HttpResponse:
    """All templates with what stands of each."""
    told = {
        "rows": pictures.template_rows(),
        "may_write": request.reach.may(Right.WRITE_MESSAGES),
    }
    return render(request, "messaging/templates.html", told)


@require_GET
@requires(Right.SEE_MESSAGES)
def template(request: ActingRequest, code: str) -> HttpResponse:
    """One template: what is approved, what waits, its history; a preview for one customer when asked."""
    found = _template(code)
    told = pictures.template_page(found, today=request.today)
    told |= pictures.preview(
        request.reach, told["shown"], request.GET.get("customer", ""), today=request.today
    )
    told |= {
        "may_write": request.reach.may(Right.WRITE_MESSAGES),
        "may_approve": request.reach.may(Right.APPROVE_MESSAGES),
        "own": told["shown"] is not None and told["shown"].written_by_id == request.user.pk,
    }
    return render(request, "messaging/template.html", told)


@require_http_methods(["GET", "POST"])
@requires(Right.WRITE_MESSAGES)
def new(request: ActingRequest) -> HttpResponse:
    """A new template: what it is, then its text."""
    about, texts = AboutForm(request.POST or None), TextsForm(request.POST or None)
    if request.method == "POST" and about.is_valid() and texts.is_valid():
        try:
            made = wording.make_template(
                by=request.user, about=About(**about.cleaned_data), texts=texts.texts(), today=request.today,
                now=request.now,
            )  # fmt: skip
        except ValidationError as error:
            about.add_error(None, error.messages)
        else:
            return redirect("messaging:template", made.template.code)
    told = {"about": about, "texts": texts, "template": None}
    return render(request, "messaging/edit.html", told, status=422 if about.errors or texts.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Right.WRITE_MESSAGES)
def edit(request: ActingRequest, code: str) -> HttpResponse:
    """Write the draft of a template; one waiting for approval becomes a draft again."""
    found = _template(code)
    texts = TextsForm(request.POST or None, initial=TextsForm.told(pictures.latest(found)))
    if request.method == "POST" and texts.is_valid():
        wording.write(
            by=request.user, template=found, texts=texts.texts(), today=request.today, now=request.now
        )
        messages.success(request, _("The draft is kept."))
        return redirect("messaging:template", code)
    faults = pictures.linted(found, pictures.latest(found), today=request.today)
    return render(
        request, "messaging/edit.html", {"template": found, "about": None, "texts": texts, **faults}
    )


@require_POST
@requires(Right.WRITE_MESSAGES)
def lint(request: ActingRequest) -> HttpResponse:
    """What stands against the text being written, and how it looks on a phone; nothing is kept."""
    texts = TextsForm(request.POST)
    texts.is_valid()
    known = Template.objects.filter(code=request.POST.get("template", "")).first()
    about = known or Template(
        channel=request.POST.get("channel", "sms"), purpose=request.POST.get("purpose", "marketing"),
        use=request.POST.get("use", ""),
    )  # fmt: skip
    return render(request, "messaging/_lint.html", pictures.linted(about, texts.texts(), today=request.today))


@require_POST
@requires(Right.WRITE_MESSAGES)
def propose(request: ActingRequest, code: str) -> HttpResponse:
    """Hand the draft to somebody else."""
    return _done(
        request, code, _("Handed in for approval."),
        lambda version: wording.propose(
            by=request.user, version=version, today=request.today, note=request.POST.get("note", "")
        ),
    )  # fmt: skip


@require_POST
@requires(Right.APPROVE_MESSAGES)
def decide(request: ActingRequest, code: str) -> HttpResponse:
    """Approve exactly what was read, or turn it down."""
    told: dict[str, Any] = {"by": request.user, "today": request.today, "now": request.now}
    if request.POST.get("word") == "approve":
        content_hash = request.POST.get("hash", "")
        return _done(
            request, code, _("Approved."),
            lambda version: wording.approve(version=version, content_hash=content_hash, **told),
        )  # fmt: skip
    note = request.POST.get("note", "")
    return _done(
        request, code, _("Turned down."), lambda version: wording.reject(version=version, note=note, **told)
    )


@require_POST
@requires(Right.APPROVE_MESSAGES)
def withdraw(request: ActingRequest, code: str) -> HttpResponse:
    """Let nothing more go by the approved text."""
    found, note = _template(code), request.POST.get("note", "")
    try:
        wording.withdraw(by=request.user, template=found, note=note, today=request.today, now=request.now)
        messages.success(request, _("Withdrawn: nothing more is sent with it."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("messaging:template", code)


def _done(
    request: ActingRequest, code: str, said: str, deed: Callable[[TemplateVersion], Any]
) -> HttpResponse:
    """Do it to the open version and say what came of it."""
    version = _template(code).versions.filter(state__in=wording.OPEN).first()
    if version is None:
        messages.error(request, _("There is no draft."))
        return redirect("messaging:template", code)
    try:
        deed(version)
        messages.success(request, said)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("messaging:template", code)


def _template(code: str) -> Template:
    return get_object_or_404(Template, code=code)
