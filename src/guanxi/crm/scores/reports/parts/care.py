"""Care given (维护密度): contacts against the days that customers had a keeper, by tier and unit."""

from collections.abc import Sequence

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.crm.scores.models import Care
from guanxi.crm.scores.reports.parts.base import (
    Asked,
    Chart,
    Part,
    Sums,
    Table,
    added,
    grouped,
    percent,
    share,
)
from guanxi.web import formats
from guanxi.web.lists import Column

SUMS = ("n", "days", "contacts", "reached", "uses")
PER_DAYS = 1000


def care(asked: Asked) -> Part:
    """Contacts for a thousand days kept, customers reached, entitlements used; says so before keepers are known."""
    rows: Sequence[Sums] = list(
        asked.of_month(Care.objects.all())
        .values("unit_id", "tier_rank")
        .annotate(
            n=Sum("customers"), days=Sum("kept_days"), contacts=Sum("contacts"), reached=Sum("reached_customers"),
            uses=Sum("entitlement_uses"),
        )
    )  # fmt: skip
    if not rows:
        return Part(
            missing=_(
                "Nothing is known yet: keepers are counted from the night after they were written down."
            )
        )
    by_tier = grouped(rows, SUMS, lambda row: row["tier_rank"])
    lines = [[asked.tier(rank), *_cells(by_tier[rank])] for rank in sorted(by_tier, reverse=True)]
    whole = added(rows, SUMS)
    total = [_("Total"), *_cells(whole)]
    tables = [Table(_("By tier held"), _columns(_("Tier")), lines, total)]
    if asked.place.children:
        branch = asked.place.branch_of
        by_unit = grouped(rows, SUMS, lambda row: branch[row["unit_id"]])
        names = {unit.pk: unit.name for unit in (*asked.place.children, asked.place.unit)}
        units = [[names[unit], *_cells(by_unit[unit])] for unit in names if unit in by_unit]
        tables.append(Table(_("By unit"), _columns(_("Unit")), units, total))
    series = [{"name": _("Contacts per 1,000 days kept"), "code": "", "values": [line[4] for line in lines]}]
    data = {"categories": [line[0] for line in lines], "series": series}
    chart = Chart("rows", data, _("Contacts per 1,000 days kept"), "number")
    note = _("Days kept: each customer counts one a day while he has a primary keeper.")
    return Part(_finding(whole), [chart], tables, [note])


def _columns(first: str) -> list[Column]:
    return [
        Column("what", first, "name"),
        Column("customers", _("Customers with a keeper"), "number"),
        Column("days", _("Days kept"), "number"),
        Column("contacts", _("Contacts made"), "number"),
        Column("density", _("Contacts per 1,000 days kept"), "decimal"),
        Column("reached", _("Customers reached"), "number"),
        Column("reached_share", _("Share reached"), "percent"),
        Column("uses", _("Entitlements used"), "number"),
    ]


def _cells(one: dict[str, int]) -> list[object]:
    return [
        one["n"], one["days"], one["contacts"], _density(one), one["reached"], share(one["reached"], one["n"]),
        one["uses"],
    ]  # fmt: skip


def _density(one: dict[str, int]) -> float | None:
    per_day = share(one["contacts"], one["days"])
    return None if per_day is None else round(per_day * PER_DAYS, 1)


def _finding(whole: dict[str, int]) -> str:
    return _(
        "%(n)s customers had a keeper; %(share)s of them were reached in the month, %(density)s contacts per 1,000 "
        "days kept."
    ) % {
        "n": formats.count(whole["n"]),
        "share": percent(share(whole["reached"], whole["n"])),
        "density": formats.decimal(_density(whole)),
    }
