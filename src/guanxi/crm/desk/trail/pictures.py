"""The trail as its pages show it: which rows, within which days, under which columns."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.crm.audit import selectors, words
from guanxi.crm.audit.forms import TrailForm
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.campaigns.models import Campaign
from guanxi.crm.desk.trail import coded
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.words import role_name
from guanxi.crm.policies.words import kind_name
from guanxi.crm.worklist.models import Origin
from guanxi.insight.staging.keys import party_key
from guanxi.insight.staging.mapping import read_mapping
from guanxi.web.lists import Column, address

LOOKED_BACK = timedelta(days=30)  # how far a person's usual day is looked for


def day_bounds(day: date | None) -> tuple[datetime | None, datetime | None]:
    """The instants a day begins and ends at the bank; open both ways without a day."""
    if day is None:
        return None, None
    start = timezone.make_aware(datetime.combine(day, time.min))
    return start, start + timedelta(days=1)


def rows_asked(tab: str, asked: dict[str, Any]) -> Any:
    """The rows of a tab that pass the filters."""
    first, last = day_bounds(asked.get("day"))
    staff_no = (asked.get("staff") or "").strip()
    if tab == "looks":
        looks = selectors.looks(staff_no=staff_no)
        return selectors.between(
            looks.filter(what=asked["verb"]) if asked.get("verb") else looks, first, last
        )
    if tab == "files":
        return selectors.between(selectors.exports(staff_no=staff_no), first, last)
    changes = selectors.changes(staff_no=staff_no)
    return selectors.between(
        changes.filter(verb=asked["verb"]) if asked.get("verb") else changes, first, last
    )


def deeds_of(tab: str) -> list[tuple[str, str]]:
    """What a tab may be narrowed to, in words."""
    if tab == "looks":
        return [(what, words.look_name(what)) for what in selectors.sorts_of_looks()]
    return [(verb, words.deed_name(verb)) for verb in selectors.verbs()] if tab == "changes" else []


def names_in(rows: Iterable[Any]) -> dict[str, str]:
    """The names of the people these deeds were about, by staff number, and of campaigns by uuid; two queries."""
    rows = list(rows)
    numbers = {str(number) for row in rows for number in _about(row)}
    names = dict(Staff.objects.filter(staff_no__in=numbers).values_list("staff_no", "name"))
    if named := coded.campaigns_in(rows):
        campaigns = Campaign.objects.filter(uuid__in=named).values_list("uuid", "name")
        names.update((str(uuid), name) for uuid, name in campaigns)
    return names


def _about(row: Any) -> list[Any]:
    details = getattr(row, "details", {})
    return [details[name] for name in coded.PEOPLE if details.get(name)]


def object_of(row: ChangeLog, names: Mapping[str, str]) -> str:
    """What a deed was done to: a post or leave cover by whose it is, a policy by its kind, a customer by no name."""
    if row.object_kind in ("organisation.post", "organisation.cover") and _about(row):
        number = str(_about(row)[0])
        return f"{names.get(number, '')} ({number})".strip()
    if row.object_kind == words.OF_CUSTOMERS:
        return _("a customer")
    if row.object_kind == "policies.policyversion":
        kind, _space, version = row.object_label.rpartition(" ")
        return f"{kind_name(kind)} {_('version %(n)s') % {'n': version.lstrip('v')}}"
    if row.object_kind == "worklist.task" and row.object_label.partition(" ")[0] in Origin.values:
        return str(Origin(row.object_label.partition(" ")[0]).label)
    return words.without_keys(coded.label_in_words(row.object_kind, row.object_label, names))


def details_of(row: ChangeLog, names: Mapping[str, str]) -> str:
    """What the service wrote down, codes in words and people by name."""
    details = coded.details_in_codes(row.object_kind, row.details, names)
    if "role" in details:
        details["role"] = role_name(str(details["role"]))
    return words.details_in_words(details)


def chips(form: TrailForm, query: Any) -> list[tuple[str, str]]:
    """The filters that are set, each with the address without it."""
    found = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name) if form.is_valid() else None
        if value:
            word = dict(getattr(field, "choices", ())).get(value, value)
            found.append((f"{field.label}: {word}", address(query, without=[name])))
    return found


def usual_day(now: datetime) -> list[selectors.Browsing]:
    """Who looked at more customers on the day of `now` than on their own average day; the trail counts real days."""
    start, end = day_bounds(timezone.localtime(now).date())
    assert start is not None
    assert end is not None
    return selectors.browsing(start, end, start - LOOKED_BACK)


def key_of(customer_no: str) -> int | None:
    """The key of a customer by the bank's number, made and not looked up: the reader may see no customer."""
    if settings.GUANXI_BANK is None or not customer_no.strip():
        return None
    return party_key(_source(settings.GUANXI_BANK / "mapping.toml"), customer_no.strip())


@lru_cache(maxsize=1)
def _source(file: Path) -> str:
    return read_mapping(file.read_text(encoding="utf8")).source


def columns_of(tab: str, *, person: bool = True) -> list[Column]:
    """The columns of a tab; without the person on that person's own page."""
    when, who = Column("at", _("When"), "moment"), Column("who", _("Who"), "name")
    rest = {
        "changes": [Column("what", _("What")), Column("on", _("On what")), Column("details", _("Details"))],
        "looks": [
            Column("customer", _("Customer")),
            Column("what", _("What")),
            Column("reason", _("Reason")),
        ],
        "files": [
            Column("what", _("What")),
            Column("rows", _("Rows"), "number"),
            Column("columns", _("Columns")),
            Column("filters", _("Filters")),
        ],
    }[tab]
    return [*([who] if person else []), when, *rest, Column("ip", _("From address"))]
