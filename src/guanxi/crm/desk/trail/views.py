"""The pages of the trail, for compliance alone."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.crm.audit import seals, selectors, words
from guanxi.crm.audit.forms import CustomerForm, TrailForm
from guanxi.crm.audit.models import Seal
from guanxi.crm.desk.sealed import seal, unseal
from guanxi.crm.desk.trail import pictures
from guanxi.crm.organisation.access import requires
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.rules import Right
from guanxi.web.lists import address
from guanxi.web.paging import page_of

TABS = ("changes", "looks", "files")


@require_GET
@requires(Right.SEE_AUDIT)
def trail(request: ActingRequest) -> HttpResponse:
    """Changes, looks at customers, or files taken, newest first; who looks more than usual beside them."""
    tab = request.GET.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    form = TrailForm(request.GET, deeds=pictures.deeds_of(tab))
    page = page_of(pictures.rows_asked(tab, form.cleaned_data if form.is_valid() else {}), request.GET)
    newer, older = page.addresses(request.GET)
    titles = {"changes": _("Changes"), "looks": _("Looks at customers"), "files": _("Files taken")}
    told = {
        "tab": tab,
        "tabs": [(titles[name], address({}, tab=name), name == tab) for name in TABS],
        "title": titles[tab],
        "form": form,
        "chips": pictures.chips(form, request.GET),
        "rows": page.rows,
        "newer": newer,
        "older": older,
        "columns": pictures.columns_of(tab),
        "customer_form": CustomerForm(),
        "browsing": pictures.usual_day(request.now),
        "words": words,
        "shown": pictures,
        "names": pictures.names_in(page.rows),
    }
    return render(request, "audit/trail.html", told)


@require_GET
@requires(Right.SEE_AUDIT)
def staff(request: ActingRequest, staff_no: str) -> HttpResponse:
    """All one person did, saw and took."""
    tab = request.GET.get("tab", "looks")
    tab = tab if tab in TABS else "looks"
    page = page_of(pictures.rows_asked(tab, {"staff": staff_no}), request.GET)
    newer, older = page.addresses(request.GET)
    titles = {"looks": _("Looks at customers"), "changes": _("Changes"), "files": _("Files taken")}
    told = {
        "staff_no": staff_no,
        "name": selectors.name_of(staff_no),
        "tab": tab,
        "tabs": [(title, address({}, tab=name), name == tab) for name, title in titles.items()],
        "rows": page.rows,
        "newer": newer,
        "older": older,
        "columns": pictures.columns_of(tab, person=False),
        "words": words,
        "shown": pictures,
        "names": pictures.names_in(page.rows),
    }
    return render(request, "audit/staff.html", told)


@require_POST
@requires(Right.SEE_AUDIT)
def find(request: ActingRequest) -> HttpResponse:
    """From a customer number to that customer's trail; the number stays out of every address."""
    form = CustomerForm(request.POST)
    number = form.cleaned_data["customer_no"].strip() if form.is_valid() else ""
    key = pictures.key_of(number)
    if key is None:
        messages.error(request, _("Type a whole customer number."))
        return redirect("audit:trail")
    return redirect(f"{reverse('audit:customer', args=[key])}?number={seal(number)}")


@require_GET
@requires(Right.SEE_AUDIT)
def customer(request: ActingRequest, key: int) -> HttpResponse:
    """Who looked at one customer, and what was changed about them."""
    page = page_of(selectors.views_of_customer(key), request.GET)
    newer, older = page.addresses(request.GET)
    number = unseal(request.GET.get("number", ""))
    told = {
        "number": number if pictures.key_of(number) == key else "",
        "rows": page.rows,
        "newer": newer,
        "older": older,
        "columns": [column for column in pictures.columns_of("looks") if column.id != "customer"],
        "changes": selectors.changes().filter(object_kind=words.OF_CUSTOMERS, object_key=str(key))[:50],
        "words": words,
        "shown": pictures,
        "names": pictures.names_in(page.rows),
    }
    return render(request, "audit/customer.html", told)


@require_GET
@requires(Right.SEE_AUDIT)
def seal_state(request: ActingRequest) -> HttpResponse:
    """Whether the trail is what was sealed: computed again on each asking, so asked for by a button."""
    try:
        heads, unread = seals.heads_of(settings.GUANXI_SEALS_FILE), ""
    except ValueError as error:
        heads, unread = [], str(error)
    told = {
        "breaks": seals.verify(),
        "astray": seals.compare(heads),
        "heads": len(heads),
        "unread": unread,
        "seals": [Seal.objects.filter(table=table).order_by("-through_id").first() for table in words.TABLES],
        "words": words,
    }
    return render(request, "audit/_seals.html", told)
