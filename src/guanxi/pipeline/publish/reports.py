"""The bank's tables of sums and the three lists: replaced whole with each run, they are small."""

from __future__ import annotations

from dataclasses import dataclass

_PLACE = """
LEFT JOIN publish.unit AS unit ON unit.no = report.unit_no
CROSS JOIN (SELECT MIN(id) AS id FROM publish.unit) AS root
"""
_KEEPER = "LEFT JOIN publish.staff AS keeper ON keeper.no = report.keeper_no"
_UNIT = "COALESCE(unit.id, root.id)"


@dataclass(frozen=True)
class Replaced:
    """A PostgreSQL table emptied and filled again, in the publishing transaction."""

    table: str
    columns: tuple[str, ...]
    select: str


def _sums(
    table: str, report: str, groups: dict[str, str], sums: dict[str, str], *, keeper: bool = False
) -> Replaced:
    """A table of sums by group; units the extract does not know are counted under the root."""
    chosen = {**groups, **{column: f"SUM({expression})" for column, expression in sums.items()}}
    select = ", ".join(f"{expression} AS {column}" for column, expression in chosen.items())
    joins = _PLACE + (_KEEPER if keeper else "")
    by = ", ".join(groups.values())
    return Replaced(table, tuple(chosen), f"SELECT {select} FROM {report} AS report {joins} GROUP BY {by}")


def _listed(table: str, report: str, columns: dict[str, str]) -> Replaced:
    """A list of customers or accounts with the unit and keeper they belong to."""
    placed = {**columns, "unit_id": _UNIT, "keeper_id": "keeper.id"}
    select = ", ".join(f"{expression} AS {column}" for column, expression in placed.items())
    return Replaced(table, tuple(placed), f"SELECT {select} FROM {report} AS report {_PLACE} {_KEEPER}")


_MONTH_UNIT = {"month": "report.month", "unit_id": _UNIT}


def count_of(*names: str) -> dict[str, str]:
    """Counts under their own names."""
    return {name: f"report.{name}" for name in names}


def fen_of(*names: str) -> dict[str, str]:
    """Money in whole fen, `<name>_fen`."""
    return {f"{name}_fen": f"fen(report.{name})" for name in names}


def sums_by_unit(
    table: str, report: str, groups: dict[str, str], sums: dict[str, str], *, keeper: bool = False
) -> Replaced:
    """A table of sums by month, managing outlet and more groups; `keeper.id` is known where a report names keepers."""
    return _sums(table, report, _MONTH_UNIT | groups, sums, keeper=keeper)


REPORTS = (
    _sums(
        "scores_unitday",
        "report.unit_day",
        {"label": "report.label", "day": "report.day", "unit_id": _UNIT, "keeper_id": "keeper.id"},
        fen_of("deposits", "deposits_average", "deposits_year_average", "aum", "wealth", "loans")
        | count_of("active_customers", "customers"),
        keeper=True,
    ),
    _sums(
        "scores_unittier",
        "past.report_unit_tier",
        _MONTH_UNIT | {"keeper_id": "keeper.id", "kind": "report.kind", "tier_rank": "report.tier_rank"},
        count_of("customers") | fen_of("aum", "daily_average"),
        keeper=True,
    ),
    _sums(
        "scores_unitband",
        "past.report_unit_band",
        _MONTH_UNIT | {"band": "report.band"},
        count_of("customers") | fen_of("aum"),
    ),
    _sums(
        "scores_accountband",
        "past.report_account_band",
        _MONTH_UNIT | {"band": "report.band"},
        count_of("accounts") | fen_of("balance"),
    ),
    _sums(
        "scores_migration",
        "past.report_migration",
        _MONTH_UNIT | {"from_rank": "report.from_rank", "to_rank": "report.to_rank"},
        count_of("customers") | fen_of("aum"),
    ),
    _sums(
        "scores_attrition",
        "past.report_attrition",
        _MONTH_UNIT | {"tier_rank": "report.tier_rank"},
        count_of("customers", "lost", "declining") | fen_of("lost_base"),
    ),
    _sums(
        "scores_care",
        "past.report_care",
        _MONTH_UNIT | {"tier_rank": "report.tier_rank"},
        count_of("customers", "kept_days", "contacts", "reached_customers", "entitlement_uses"),
    ),
    _sums(
        "scores_channeluse",
        "past.report_channel_use",
        _MONTH_UNIT | {"kind": "report.kind", "age_band": "report.age_band"},
        count_of(
            "customers",
            "counter_count",
            "self_service_count",
            "mobile_count",
            "web_count",
            "phone_count",
            "third_party_count",
        ),
    ),
    _sums(
        "scores_creditcoverage",
        "report.credit_coverage",
        _MONTH_UNIT | {"area": "report.area", "village": "report.village", "kind": "report.kind"},
        count_of("customers", "rated", "granted", "drawing", "expired")
        | fen_of("credit_line", "credit_used"),
    ),
    _sums(
        "scores_saverate",
        "report.save_rate",
        _MONTH_UNIT
        | {
            "opened_month": "report.opened_month",
            "score_decile": "report.score_decile",
            "aum_band": "report.aum_band",
        },
        count_of("worked", "worked_kept", "alike", "alike_kept"),
    ),
    _sums(
        "scores_agechannel",
        "past.report_age_channel",
        _MONTH_UNIT | {"area": "report.area", "age_band": "report.age_band"},
        count_of("customers", "mobile_active", "web_active") | fen_of("aum"),
    ),
    _sums(
        "scores_holdingcount",
        "past.report_holding",
        _MONTH_UNIT | {"families_held": "report.families_held"},
        count_of("customers") | fen_of("aum"),
    ),
    Replaced(
        "scores_concentration",
        ("month", "unit_id", "metric", "percent", "customers", "amount_fen", "share"),
        """
        SELECT report.month, unit.id, report.metric, report.percent, report.customers, fen(report.amount), report.share
        FROM past.report_concentration AS report JOIN publish.unit AS unit ON unit.no = report.unit_no
        """,
    ),
    _listed(
        "scores_largechange",
        "report.large_change",
        {"party_id": "report.party_key", "day": "report.day", "change_share": "report.change_share"}
        | fen_of("aum_before", "aum_after", "change"),
    ),
    _listed(
        "scores_maturity",
        "report.maturity",
        {
            "account_no": "report.account_no",
            "party_id": "report.party_key",
            "product_name": "report.product_name",
            "family": "report.family",
            "matures_on": "report.matures_on",
            "days_left": "report.days_left",
            "rolls_over": "report.rolls_over",
        }
        | fen_of("amount"),
    ),
    _listed(
        "scores_nearline",
        "report.near_line",
        {"party_id": "report.party_key", "held_rank": "report.held_rank", "side": "report.side"}
        | fen_of("line", "daily_average", "gap"),
    ),
)

# The lists were computed with the extract's keeper; the customer's present keeper is who must see them.
LISTS_FOLLOW_KEEPER = tuple(
    f"UPDATE {table} AS listed SET keeper_id = party.keeper_id FROM customers_party AS party "
    "WHERE party.id = listed.party_id AND party.keeper_id IS DISTINCT FROM listed.keeper_id"
    for table in ("scores_largechange", "scores_maturity", "scores_nearline")
)
