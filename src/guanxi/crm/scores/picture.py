"""One customer as all panels of one request see it: each table is read once, when the first panel asks for it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from guanxi.crm.customers import selectors as customers
from guanxi.crm.customers.models import Consent, Holding, KeeperTerm, Party
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores import selectors
from guanxi.crm.scores.models import PartyHistory, PartyScore, Run, TierHistory
from guanxi.crm.scores.tiers import TierNames, tier_names


@dataclass(frozen=True)
class Picture:
    """A customer within someone's reach on a day; `run` is the one whose figures are shown, None before the first."""

    reach: Reach
    party: Party
    today: date
    run: Run | None

    @cached_property
    def names(self) -> TierNames:
        """What the tiers are called."""
        return tier_names(self.today)

    @cached_property
    def score(self) -> PartyScore | None:
        """The present scores; None when no run has scored this customer."""
        return selectors.score_of(self.reach, self.party)

    @cached_property
    def history(self) -> PartyHistory | None:
        """The months known, the present one at the end."""
        return selectors.history_of(self.reach, self.party)

    @cached_property
    def tiers(self) -> list[TierHistory]:
        """The tiers held, the latest first."""
        return list(selectors.tiers_of(self.reach, self.party))

    @cached_property
    def holdings(self) -> list[Holding]:
        """Accounts owned and acted for, the owned first."""
        return list(customers.holdings_of(self.reach, self.party))

    @cached_property
    def keeper_terms(self) -> list[KeeperTerm]:
        """Who kept this customer, the latest first."""
        return list(customers.keeper_terms_of(self.reach, self.party))

    @cached_property
    def consents(self) -> list[Consent]:
        """Every word given on consent, the latest of each purpose and channel first."""
        return list(customers.consents_given(self.reach, self.party))
