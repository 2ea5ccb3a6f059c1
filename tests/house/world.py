"""A small bank in which every role has a person, for the tests of routes: what each may reach, and what none may."""

from dataclasses import dataclass
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers import protected
from guanxi.crm.customers.models import ContactPoint, Party, VaultEntry
from guanxi.crm.organisation.models import Staff, Unit
from guanxi.crm.organisation.rules import ROLE_RULES, Sight
from guanxi.crm.scores.models import UnitBand, UnitDay, UnitTier
from guanxi.insight.staging.identifiers import Protected

NOBODY = "nobody"
"""A person without any post."""


@dataclass(frozen=True)
class Own:
    """Objects that "@name" in routes.toml stands for, as one person meets them."""

    customer: Party
    contact: ContactPoint


@dataclass(frozen=True)
class World:
    """People by role at one outlet (or at the bank, where the role looks at all of it), with objects in their reach.

    `foreign` are the like objects of another outlet.
    """

    staff: dict[str, Staff]
    own: dict[str, Own]
    foreign: Own

    def arguments(self, role: str, args: dict[str, Any], *, foreign: bool = False) -> dict[str, Any]:
        """The arguments of a route with "@name" filled in."""
        objects = self.foreign if foreign else self.own[role]
        return {name: _value(objects, value) for name, value in args.items()}


def make_world() -> World:
    """The bank with a person for each role and one for none; keepers have a customer each, the others share one."""
    screen = testing.make_screen()
    bank, outlet, elsewhere = screen.people.bank, screen.people.outlet, screen.people.elsewhere
    shared = _own(screen.people.customer)
    staff, own = {NOBODY: testing.make_staff(None, outlet)}, {NOBODY: shared}
    for role, rule in ROLE_RULES.items():
        at = bank if rule.sight in {Sight.BANK, Sight.NONE} else outlet
        staff[role] = testing.make_staff(role, at, name=role)
        own[role] = shared
        if rule.sight is Sight.BOOK:
            party = testing.make_party(outlet, keeper=staff[role])
            testing.make_score(party, screen.run, aum_fen=1)
            own[role] = _own(party)
    for unit in (bank, outlet, elsewhere):
        _give_sums(unit)
    stranger = testing.make_party(elsewhere, keeper=screen.people.charlie, name="陌生人")
    testing.make_score(stranger, screen.run, aum_fen=1)
    return World(staff, own, _own(stranger))


def _give_sums(unit: Unit) -> None:
    """The least a report of a unit needs: one customer in its bands, tiers and days."""
    month = testing.BUSINESS_DATE.replace(day=1)
    UnitBand.objects.create(unit=unit, month=month, band=1, customers=1, aum_fen=1)
    UnitTier.objects.create(unit=unit, month=month, kind="person", tier_rank=1, customers=1, aum_fen=1)
    UnitDay.objects.create(unit=unit, label="today", day=testing.BUSINESS_DATE, customers=1, aum_fen=1)


def _own(party: Party) -> Own:
    """The customer with a phone in the vault."""
    number = f"138{party.pk % 100_000_000:08d}"
    (shown,), (row,) = protected.door().protect(Protected.MOBILE, [number])
    with testing.everything():
        contact = ContactPoint.objects.create(
            party=party, kind="mobile", token=shown.token, masked=shown.masked
        )
        VaultEntry.objects.create(
            token=row.token, kind=row.kind, ciphertext=row.ciphertext, key_id=row.key_id
        )
    return Own(party, contact)


def _value(objects: Own, value: Any) -> Any:
    if value == "@customer":
        return objects.customer.uuid
    if isinstance(value, str) and value.startswith("@"):
        return getattr(objects, value[1:]).pk
    return value
