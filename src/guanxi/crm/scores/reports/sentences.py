"""What a report found, in one sentence; amounts in words of the reader's language."""

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from guanxi.crm.scores.reports.daily import Daily
from guanxi.crm.scores.reports.lists import Kind, Line, Tab
from guanxi.web import formats


def amount(fen: int) -> str:
    """Money inside a sentence, without its sign."""
    return formats.money_words(abs(fen), get_language() or "zh")


def daily_finding(report: Daily, gone: tuple[int, int]) -> str:
    """How deposits and AUM moved since the day before, and what went out in large amounts (households, fen).

    Empty when the day before is not known.
    """
    said = [_moved(_("Deposits"), report.total.change("deposits", "yesterday")),
            _moved(_("AUM"), report.total.change("aum", "yesterday"))]  # fmt: skip
    told = [sentence for sentence in said if sentence]
    if told and gone[0]:
        large = ngettext(
            "%(n)s household took out %(amount)s in large amounts",
            "%(n)s households took out %(amount)s in large amounts",
            gone[0],
        )
        told.append(large % {"n": formats.count(gone[0]), "amount": amount(gone[1])})
    return _("; ").join(told) + _(".") if told else ""


def _moved(what: str, fen: int | None) -> str:
    if fen is None:
        return ""
    if fen == 0:
        return _("%(what)s stand where they stood the day before") % {"what": what}
    said = _("%(what)s rose by %(amount)s in a day") if fen > 0 else _("%(what)s fell by %(amount)s in a day")
    return said % {"what": what, "amount": amount(fen)}


def summary(kind: Kind, count: int, fen: int) -> str:
    """How many a list holds and how much money: customers or accounts; distances to a line are not added up."""
    told = {"n": formats.count(count), "amount": amount(fen)}
    if kind.code == "near_lines":
        return ngettext("%(n)s customer in all.", "%(n)s customers in all.", count) % told
    if kind.code == "maturities":
        return ngettext("%(n)s account, %(amount)s.", "%(n)s accounts, %(amount)s together.", count) % told
    return ngettext("%(n)s customer, %(amount)s.", "%(n)s customers, %(amount)s together.", count) % told


def first_row(kind: Kind, tab: Tab, line: Line) -> str:
    """Why the first row of a list is first."""
    values = line.values
    told = {"name": values["name"]}
    if kind.code == "large_changes":
        return _first_change(told, values["change"], values["share"])
    if kind.code == "maturities":
        told |= {"amount": amount(values["amount"]), "day": formats.day(values["on"])}
        if tab.key == "rolls":
            return (
                _("%(name)s is first: the largest amount that rolls over by itself, %(amount)s on %(day)s.")
                % told
            )
        if tab.key == "open":
            return (
                _("%(name)s is first: the largest amount that may leave, %(amount)s free on %(day)s.") % told
            )
        return _("%(name)s is first: the largest amount, %(amount)s on %(day)s.") % told
    told |= {"amount": amount(values["gap"]), "toward": values["toward"]}
    return _("%(name)s is first: the highest line, and the nearest to it: %(amount)s %(toward)s.") % told


def _first_change(told: dict[str, str], fen: int, share: float | None) -> str:
    told = told | {"amount": amount(fen)}
    if share is None:
        return _("%(name)s is first: the largest amount, %(amount)s from nothing the day before.") % told
    told["share"] = formats.percent(abs(share), 0)
    if fen < 0:
        return (
            _("%(name)s is first: the largest amount that left, %(amount)s or %(share)s of what was here.")
            % told
        )
    return (
        _("%(name)s is first: the largest amount that came, %(amount)s or %(share)s of what was here.") % told
    )
