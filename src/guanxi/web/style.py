"""The style page: every part, with made-up figures, in both languages. Only in development and in the demo."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.web.forms import DayInput, MoneyField
from guanxi.web.frame import DataCondition, DataState, Frame, Person, Place
from guanxi.web.lists import Column, address, address_for_sort

View = Callable[..., HttpResponse]
AS_OF = date(2026, 10, 31)
COMPONENTS = ("demand", "time", "wealth", "fund", "insurance")


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    amount = MoneyField(
        label=gettext_lazy("Amount"), required=False, help_text=gettext_lazy("In yuan, two places at most.")
    )
    when = forms.DateField(label=gettext_lazy("Day"), widget=DayInput, required=False)
    tier = forms.ChoiceField(
        label=gettext_lazy("Tier"),
        choices=[("3", gettext_lazy("Gold")), ("4", gettext_lazy("Platinum"))],
        required=False,
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[("reached", gettext_lazy("Reached")), ("not", gettext_lazy("Not reached"))],
        widget=forms.RadioSelect,
        required=False,
    )
    promise = forms.BooleanField(label=gettext_lazy("Something was promised"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )


def page(request: HttpRequest) -> HttpResponse:
    """GET /style: all parts on one page."""
    _only_where_shown()
    return render(request, "web/style.html", _sample(request))


def part(request: HttpRequest, kind: str) -> HttpResponse:
    """GET /style/part/<kind>: what the style page's lazy parts load."""
    _only_where_shown()
    if kind == "broken":
        return HttpResponse(status=500)
    return render(request, f"web/style/_{'dialog' if kind == 'dialog' else 'part'}.html", {"as_of": AS_OF})


def _only_where_shown() -> None:
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404


def _sample(request: HttpRequest) -> dict[str, Any]:
    form = SampleForm({"name": "", "amount": "12,3x"}) if "errors" in request.GET else SampleForm()
    return {
        "frame": sample_frame(request),
        "current": "customers",
        "as_of": AS_OF,
        "form": form,
        "columns": _columns(),
        "people": _people(),
        "sort": request.GET.get("sort", "-aum"),
        "sort_url": address_for_sort(request.GET),
        "chips": [
            (_("Tier: gold"), address(request.GET, without=["tier"])),
            (_("Branch: Guanqian"), address(request.GET, without=["unit"])),
            (_("Wealth at least 200,000"), address(request.GET, without=["aum"])),
        ],
        "charts": _charts(),
    }


def sample_frame(request: HttpRequest) -> Frame:
    """A frame with all ten places, as the style page and the tests draw it."""
    words = (
        ("today", _("Today"), "checklist"),
        ("customers", _("Customers"), "users"),
        ("leads", _("Leads"), "flag"),
        ("marketing", _("Marketing"), "target-arrow"),
        ("products", _("Products"), "pig-money"),
        ("service", _("Service"), "heart-handshake"),
        ("structure", _("Customer analysis"), "chart-area-line"),
        ("reports", _("Reports"), "report-analytics"),
        ("team", _("Team"), "users-group"),
        ("system", _("System"), "settings"),
    )
    conditions: dict[str, DataCondition] = {"stale": "stale", "failed": "failed", "none": "none"}
    condition = conditions.get(request.GET.get("data", ""), "green")
    return Frame(
        navigation=[Place(key, label, f"/style?at={key}", icon) for key, label, icon in words],
        person=Person(
            _("Li Min"), _("Relationship manager, Guanqian branch"), [(_("My settings"), "/style")]
        ),
        data=DataState(condition, None if condition == "none" else AS_OF, url="/style"),
        home_url="/style",
        search_url="/style/search",
        logout_url="/style",
        language_url="/language",
    )


def search(request: HttpRequest) -> HttpResponse:
    """POST /style/search: two made-up finds, or none."""
    _only_where_shown()
    return render(request, "web/style/_search.html", {"found": "0" not in request.POST.get("q", "")})


def _columns() -> list[Column]:
    return [
        Column("name", _("Customer"), "name", fixed=True),
        Column("tier", _("Tier"), "text", sort="tier"),
        Column("aum", _("Wealth (AUM)"), "money", sort="aum"),
        Column("moved", _("Since last month"), "change_money"),
        Column("share", _("Time deposits"), "percent"),
        Column("due", _("Next maturity"), "day", sort="due"),
        Column("keeper", _("Keeper"), "text"),
        Column("actions", "", "actions"),
    ]


def _people() -> list[dict[str, Any]]:
    rows = [
        (_("Wang Jianguo"), 4, 52311842, 1098020, 0.6123, date(2026, 11, 8)),
        (_("Chen Guifang"), 3, 31200000, -8210000, 0.8, date(2026, 11, 2)),
        (_("Suzhou Hengtai Textile Co."), 6, 1234567890123, 0, 0.25, None),
        (_("Zhou Jie"), 2, 8640055, 120000, 0.4555, date(2027, 1, 15)),
        (_("Xu Min"), None, None, None, None, None),
    ]
    names = ("name", "rank", "aum", "moved", "share", "due")
    return [dict(zip(names, row, strict=True)) for row in rows]


MONTHS = (*(f"2025-{number}" for number in (11, 12)), *(f"2026-{number:02d}" for number in range(1, 11)))


def _charts() -> dict[str, dict[str, Any]]:
    tiers = [_("Basic"), _("Silver"), _("Gold"), _("Platinum"), _("Diamond")]
    return {
        "area": _area(),
        "bars": {
            "categories": MONTHS,
            "series": [
                {"name": _("Customers lost"), "values": [31, 28, 44, 39, 25, 22, 27, 30, 18, 16, 21, 19]}
            ],
        },
        "rows": _by_tier(tiers),
        "line": _lines(),
        "lorenz": _curve(),
        "matrix": _moves(tiers),
    }


def _area() -> dict[str, Any]:
    labels = (_("Demand deposits"), _("Time deposits"), _("Wealth products"), _("Funds"), _("Insurance"))
    starts = (6_200_000, 30_000_000, 9_000_000, 2_500_000, 1_500_000)
    parts = enumerate(zip(COMPONENTS, labels, starts, strict=True))
    return {
        "categories": MONTHS,
        "series": [
            {
                "code": code,
                "name": label,
                "values": [start + step * 173_000 * (index - 1) for step in range(12)],
            }
            for index, (code, label, start) in parts
        ],
    }


def _by_tier(tiers: list[str]) -> dict[str, Any]:
    amounts = [198_000_000_000, 89_000_000_000, 61_000_000_000, 22_000_000_000, 9_000_000_000]
    codes = [f"tier-{rank}" for rank in range(1, 6)]
    return {
        "categories": tiers,
        "series": [{"name": _("Wealth (AUM)"), "values": amounts, "codes": codes}],
    }


def _lines() -> dict[str, Any]:
    outlet = (912, 915, 913, 920, 921, 925, 930, 928, 931, 933, 935, 940)
    bank = (900, 901, 902, 905, 904, 906, 910, 911, 912, 910, 913, 915)
    named = ((_("Guanqian branch"), outlet), (_("The bank"), bank))
    series = [{"name": name, "values": [per_mille / 1000 for per_mille in values]} for name, values in named]
    return {"categories": MONTHS, "series": series, "zero": False}


def _curve() -> dict[str, Any]:
    points = [[0, 0], [0.01, 0.22], [0.05, 0.51], [0.1, 0.66], [0.2, 0.81], [0.4, 0.93], [0.7, 0.99], [1, 1]]
    return {"mark": 0.2, "series": [{"name": _("Wealth (AUM)"), "points": points}]}


def _moves(tiers: list[str]) -> dict[str, Any]:
    cells = [
        [16120, 212, 31, 4, 0],
        [148, 1702, 96, 7, 1],
        [12, 61, 344, 18, 0],
        [0, 4, 11, 82, 3],
        [0, 0, 1, 2, 21],
    ]
    amounts = [[9_000_000_00 + 1000 * x * y for x in range(5)] for y in range(5)]
    return {
        "row_name": _("Before"),
        "column_name": _("After"),
        "rows": tiers,
        "columns": tiers,
        "cells": cells,
        "extra": {"name": _("Wealth (AUM)"), "unit": "money", "cells": amounts},
    }


def addresses(guard: Callable[[View], View]) -> list[URLPattern]:
    """The routes below /style, each view behind the guard of whoever hangs them into a site."""
    return [
        path("", guard(page), name="style"),
        path("/part/<slug:kind>", guard(part), name="style-part"),
        path("/search", guard(search), name="style-search"),
    ]
