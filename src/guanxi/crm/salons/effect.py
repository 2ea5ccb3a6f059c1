"""What a salon may have brought (活动成效). Who comes differs from who does not: a difference here is no effect.

An effect can be read only where the invited were drawn by lot, which is what a campaign does; then it stands with the
campaign's own read-out, over all who were to be invited, whether they came or not (intention to treat).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from guanxi.crm.leads.program import within_the_bank
from guanxi.crm.salons.models import Invitation, Salon
from guanxi.crm.scores.models import PartyHistory, PartyScore


@dataclass(frozen=True)
class Group:
    """Invited who came, or who did not: how many, and the mean change of their wealth in fen; None: too few."""

    customers: int
    mean_fen: int | None
    rose: int | None


@dataclass(frozen=True)
class Beside:
    """Both groups beside each other since the month before the salon."""

    since: date | None
    came: Group
    absent: Group


def beside(salon: Salon, *, least: int) -> Beside:
    """Change of wealth of those who came and of the invited who did not, from the month-end before the salon to now.

    Of the whole salon, in averages only: never shown for fewer than `least` people.
    """
    with within_the_bank():
        rows = Invitation.objects.filter(salon=salon, party__isnull=False)
        came_of = dict(rows.values_list("party_id", "came_at"))
        now = dict(PartyScore.objects.filter(party__in=came_of).values_list("party_id", "aum_fen"))
        before, since = _before(came_of, salon.day.replace(day=1))
    moved = {}
    for key in came_of:
        then, today = before.get(key), now.get(key)
        if then is not None and today is not None:
            moved[key] = today - then
    came = [moved[key] for key, at in came_of.items() if at and key in moved]
    absent = [moved[key] for key, at in came_of.items() if not at and key in moved]
    return Beside(since, _group(came, least), _group(absent, least))


def _before(parties: Iterable[int], month: date) -> tuple[dict[int, int], date | None]:
    """Each one's wealth at the last month-end before `month`, and which month that was."""
    found: dict[int, int] = {}
    latest: date | None = None
    for history in PartyHistory.objects.filter(party__in=parties).only("party", "months", "aum_fen"):
        places = [place for place, one in enumerate(history.months) if one < month]
        if not places:
            continue
        # an array stored empty stands for zeros
        amount = history.aum_fen[places[-1]] if history.aum_fen else 0
        if amount is not None:
            found[history.party_id] = amount
            latest = max(latest or history.months[places[-1]], history.months[places[-1]])
    return found, latest


def _group(changes: list[int], least: int) -> Group:
    if len(changes) < least:
        return Group(len(changes), None, None)
    return Group(len(changes), round(sum(changes) / len(changes)), sum(one > 0 for one in changes))
