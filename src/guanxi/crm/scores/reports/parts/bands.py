"""Month-end bands: of customers by AUM under the managing outlet, of accounts by balance under the account outlet."""

from datetime import date

from django.db.models import Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import active
from guanxi.crm.scores.models import AccountBand, UnitBand
from guanxi.crm.scores.reports.parts.base import Asked, Part, Sums, Table, percent, share, total_of
from guanxi.crm.scores.reports.parts.tiers import held_in, share_chart, share_columns, shared_rows
from guanxi.insight.policies.lists import ListsPolicy
from guanxi.web.lists import Column


def bands(asked: Asked) -> Part:
    """Customers and AUM by month-end AUM, the day alone, apart from tiers; below, accounts by month-end balance."""
    rows = asked.of_month(UnitBand.objects.all()).values("band")
    found: dict[int, Sums] = {
        row["band"]: row for row in rows.annotate(n=Sum("customers"), fen=Sum("aum_fen"))
    }
    if not found:
        return Part(missing=_("No AUM is known for this unit and month."))
    words = band_labels(asked.today)
    labels = words["aum"]
    order = sorted(set(found) | set(labels))
    told = [(_label(labels, band), *held_in(found.get(band))) for band in order]
    lines, total, people, fen = shared_rows(told)
    (low, *low_held), (top, *top_held) = told[0], told[-1]
    finding = _(
        "%(band)s: %(people)s of customers hold %(aum)s of AUM; %(top)s: %(top_people)s hold %(top_aum)s."
    ) % {
        "band": low,
        "people": percent(share(low_held[0], people)),
        "aum": percent(share(low_held[1], fen)),
        "top": top,
        "top_people": percent(share(top_held[0], people)),
        "top_aum": percent(share(top_held[1], fen)),
    }
    notes = [
        _(
            "Bands look at one day's AUM. Tiers look at the month's average and fall late, so the counts differ."
        ),
        _("Accounts stand under the outlet that opened them, customers under the one that manages them."),
    ]
    table = Table(_("Customers by AUM (managing outlet)"), share_columns(_("AUM")), lines, total)
    chart = share_chart(_("Customers and AUM by band"), lines)
    return Part(finding, [chart], [table, *_accounts(asked, words["account"])], notes)


def _accounts(asked: Asked, labels: dict[int, str]) -> list[Table]:
    """The other view of branch: accounts by balance under the outlets that opened them (账户开户机构)."""
    rows = asked.of_month(AccountBand.objects.all()).values("band").order_by("band")
    found = list(rows.annotate(n=Sum("accounts"), fen=Sum("balance_fen")))
    if not found:
        return []
    accounts, fen = sum(row["n"] for row in found), total_of([row["fen"] for row in found])
    lines = [
        [_label(labels, row["band"]), row["n"], share(row["n"], accounts), row["fen"], share(row["fen"], fen)]
        for row in found
    ]
    columns = [
        Column("what", _("Balance"), "name"),
        Column("accounts", _("Accounts"), "number"),
        Column("accounts_share", _("Share of accounts"), "percent"),
        Column("balance", _("Balance held"), "short"),
        Column("balance_share", _("Share of balances"), "percent"),
    ]
    total = [_("Total"), accounts, share(accounts, accounts), fen, share(fen, fen)]
    return [Table(_("Accounts by balance (account outlet)"), columns, lines, total)]


def _label(labels: dict[int, str], band: int) -> str:
    return labels.get(band, _("Band %(n)s") % {"n": band})


def band_labels(today: date) -> dict[str, dict[int, str]]:
    """What the policy in force calls its bands, by what they cut (aum, account); empty when the bank has none."""
    try:
        policy = active("lists", today)
    except KeyError:
        return {"aum": {}, "account": {}}
    assert isinstance(policy, ListsPolicy)
    english = (get_language() or "zh").startswith("en")
    cuts = {"aum": policy.aum_bands, "account": policy.account_bands}
    return {
        sort: {cut.band: cut.label_en if english else cut.label_zh for cut in made}
        for sort, made in cuts.items()
    }
