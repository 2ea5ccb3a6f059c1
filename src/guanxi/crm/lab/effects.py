"""After a version counts: the published figures beside those that its simulation had foretold."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.crm.lab import words
from guanxi.crm.lab.models import Attachment
from guanxi.crm.lab.selectors import counted_until
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.scores.models import UnitTier
from guanxi.insight.months import month_of
from guanxi.insight.policies import load_policy
from guanxi.insight.policies.tier import Scheme, TierPolicy
from guanxi.web import formats
from guanxi.web.lists import Column


@dataclass(frozen=True)
class Effect:
    """Rows by standing: what was foretold, and what each month since showed; `missing` says why there are none."""

    columns: list[Column]
    rows: list[list[Any]]
    chart: dict[str, Any] | None
    finding: str = ""
    missing: str = ""


def effect_of(version: PolicyVersion, attachment: Attachment | None) -> Effect:
    """The months since the version counts, at most twelve, beside the draft's last simulated month."""
    if attachment is None:
        return _nothing(_("No simulation was laid under this version, so nothing was foretold."))
    if version.kind != "tier":
        return _nothing(
            _("The published figures know no such standing: simulate the version before it, and compare.")
        )
    scheme = _scheme(version)
    actual = _actual(version, scheme)
    if not actual:
        return _nothing(_("No month has been published since it counts."))
    return _told(version, scheme, _foretold(attachment, scheme), actual)


def _nothing(why: str) -> Effect:
    return Effect([], [], None, missing=why)


def _scheme(version: PolicyVersion) -> Scheme:
    """The scheme that rates persons by their money."""
    policy = load_policy("tier", version.payload)
    assert isinstance(policy, TierPolicy)
    return next((one for one in policy.schemes if one.basis != "standing"), policy.schemes[0])


def _foretold(attachment: Attachment, scheme: Scheme) -> dict[int, tuple[int, int]]:
    months = attachment.simulation.result["drafts"][attachment.draft]["months"]
    return {
        standing: (customers, aum)
        for of, standing, customers, aum in months[-1]["ranks"]
        if of == scheme.code
    }


def _actual(version: PolicyVersion, scheme: Scheme) -> dict[date, dict[int, tuple[int, int]]]:
    if version.valid_from is None:
        return {}
    rated = UnitTier.objects.filter(kind__in=scheme.customer_kinds, tier_rank__gt=words.NONE)
    rows = rated.filter(month__gte=month_of(version.valid_from))
    until = counted_until(version)
    if until is not None:
        rows = rows.filter(month__lt=month_of(until))
    found: dict[date, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in rows.values("month", "tier_rank").annotate(n=Sum("customers"), fen=Sum("aum_fen")):
        found[row["month"]][row["tier_rank"]] = (row["n"], int(row["fen"] or 0))
    return dict(sorted(found.items())[-12:])


def _told(
    version: PolicyVersion,
    scheme: Scheme,
    foretold: Mapping[int, tuple[int, int]],
    actual: Mapping[date, Mapping[int, tuple[int, int]]],
) -> Effect:
    standings = words.Standings("tier", version.payload)
    last = max(actual)
    ranks = sorted({*foretold, *(rank for found in actual.values() for rank in found)})
    rows = [
        [
            standings.label(scheme.code, rank),
            foretold.get(rank, (0, 0))[0],
            actual[last].get(rank, (0, 0))[0],
            actual[last].get(rank, (0, 0))[0] - foretold.get(rank, (0, 0))[0],
            foretold.get(rank, (0, 0))[1],
            actual[last].get(rank, (0, 0))[1],
        ]
        for rank in reversed(ranks)
    ]
    return Effect(_columns(last), rows, _chart(standings, scheme, foretold, actual), _finding(rows, last))


def _columns(last: date) -> list[Column]:
    month = {"month": formats.month(last)}
    return [
        Column("tier", _("Tier"), "name"),
        Column("foretold", _("Simulated"), "number"),
        Column("actual", _("Actual, %(month)s") % month, "number"),
        Column("apart", _("Apart"), "change_number"),
        Column("foretold_aum", _("AUM, simulated"), "short"),
        Column("actual_aum", _("AUM, actual"), "short"),
    ]


def _chart(
    standings: words.Standings,
    scheme: Scheme,
    foretold: Mapping[int, tuple[int, int]],
    actual: Mapping[date, Mapping[int, tuple[int, int]]],
) -> dict[str, Any]:
    """Customers with a keeper by tier: the simulated figure first, then the months."""
    managed = [band.rank for band in scheme.bands if band.managed]
    return {
        "categories": [_("Simulated"), *(formats.month(month) for month in actual)],
        "series": [
            {
                "name": str(standings.label(scheme.code, rank)),
                "code": f"tier-{rank}",
                "values": [
                    foretold.get(rank, (0, 0))[0], *(found.get(rank, (0, 0))[0] for found in actual.values())
                ],
            }
            for rank in managed
        ],
    }  # fmt: skip


def _finding(rows: list[list[Any]], last: date) -> str:
    """How far reality stands from the simulation: half the sum of differences, as a share of customers."""
    everyone = sum(row[2] for row in rows)
    apart = sum(abs(row[3]) for row in rows) / 2
    return _("In %(month)s the tiers differ from the simulation by %(share)s of the customers.") % {
        "month": formats.month(last),
        "share": formats.percent(apart / everyone if everyone else None, 2),
    }
