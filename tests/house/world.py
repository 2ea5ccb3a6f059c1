"""A small bank in which every role has a person, for the tests of routes: what each may reach, and what none may."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers import protected
from guanxi.crm.customers.models import ContactPoint, Party, VaultEntry
from guanxi.crm.foresight.models import ModelVersion
from guanxi.crm.lab.models import Draft, Simulation
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.organisation.models import Cover, Licence, Post, Staff, Unit
from guanxi.crm.organisation.rules import ROLE_RULES, Sight
from guanxi.crm.policies.models import PolicyVersion
from guanxi.crm.scores.models import Run, UnitBand, UnitDay, UnitTier, VolumeAcceptance
from guanxi.crm.segments.models import Segment, SegmentVersion
from guanxi.insight.staging.identifiers import Protected

ROOMS = [
    import_module(f"tests.house.rooms.{file.stem}")
    for file in sorted((Path(__file__).parent / "rooms").glob("*.py"))
    if file.stem != "__init__"
]
"""What a room adds to the world: `things_of(party, keeper)` makes its objects about a customer and names them."""
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOBODY = "nobody"
"""A person without any post."""

Things = dict[str, Any]
"""What "@name" in routes.toml stands for: the value that goes into an address."""


@dataclass(frozen=True)
class World:
    """People by role at one outlet (or at the bank, where the role looks at all of it), and things in their reach.

    `foreign` are the like things of another outlet.
    """

    staff: dict[str, Staff]
    customers: dict[str, Party]
    own: dict[str, Things]
    foreign: Things

    def arguments(self, role: str, args: dict[str, Any], *, foreign: bool = False) -> dict[str, Any]:
        """The arguments of a route with "@name" filled in."""
        things = self.foreign if foreign else self.own[role]
        return {name: _value(things, value) for name, value in args.items()}


def make_world() -> World:
    """The bank with a person for each role and one for none; keepers have a customer each, the others share one."""
    screen = testing.make_screen()
    people = screen.people
    version = PolicyVersion.objects.get(kind="tier")
    all_over = {
        "version": version.pk,
        "run": screen.run.pk,
        "model": _model().pk,
        "acceptance": _asked(screen.run, people.head).pk,
        **_of_the_lab(version, people.head),
    }
    here = all_over | _of_unit(people.outlet, people.bob, people.alice)
    here |= _segment_of(people.alice, people.bank)
    staff = {NOBODY: testing.make_staff(None, people.outlet)}
    customers = {NOBODY: people.customer}
    for role, rule in ROLE_RULES.items():
        at = people.bank if rule.sight in {Sight.BANK, Sight.NONE} else people.outlet
        staff[role], customers[role] = testing.make_staff(role, at, name=role), people.customer
        if rule.sight is Sight.BOOK:
            customers[role] = testing.make_party(people.outlet, keeper=staff[role])
            testing.make_score(customers[role], screen.run, aum_fen=1)
    each = {party.pk: party for party in customers.values()}
    things = {key: here | _of_party(party, party.keeper or people.alice) for key, party in each.items()}
    own = {role: things[party.pk] for role, party in customers.items()}
    stranger = testing.make_party(people.elsewhere, keeper=people.charlie, name="陌生人")
    testing.make_score(stranger, screen.run, aum_fen=1)
    _of_unit(people.bank, people.head, people.alice)
    far = testing.make_staff("teller", people.elsewhere)
    return World(
        staff,
        customers,
        own,
        all_over
        | _of_unit(people.elsewhere, people.charlie, far)
        | _segment_of(people.charlie, None)
        | _of_party(stranger, people.charlie),
    )


def _of_the_lab(version: PolicyVersion, person: Staff) -> Things:
    """A draft and a finished simulation of it, in which nobody moves."""
    told = {"kind": "tier", "name": "…", "payload": version.payload, "content_hash": "…"}
    draft = Draft.objects.create(**told, made_by=person, made_at=NOON)
    months = [
        {"month": "2026-10-01", "ranks": [], **dict.fromkeys(("up", "down", "in", "out", "same", "flips"), 0)}
        | {"moving_share": None, "flip_share": None}
    ]
    figures = {"moves": [["person", 3, 3, 1, 1, 1]], "groups": [], "load": [], "months": months}
    simulation = Simulation.objects.create(
        kind="tier", active_version=version, drafts=[told], month=testing.BUSINESS_DATE.replace(day=1), state="done",
        requested_by=person, requested_at=NOON, result={"drafts": [figures], "active": {"months": months}},
    )  # fmt: skip
    return {"draft": draft.pk, "simulation": simulation.pk}


def _asked(run: Run, person: Staff) -> VolumeAcceptance:
    """A changed volume that somebody asked to have accepted."""
    return VolumeAcceptance.objects.create(
        run=run, file="accounts", rows_before=9, rows_now=1, reason="…", asked_by=person, asked_at=NOON
    )


def _of_unit(unit: Unit, person: Staff, colleague: Staff) -> Things:
    """A unit with its sums, and a person of it who is away."""
    month = testing.BUSINESS_DATE.replace(day=1)
    UnitBand.objects.create(unit=unit, month=month, band=1, customers=1, aum_fen=1)
    UnitTier.objects.create(unit=unit, month=month, kind="person", tier_rank=1, customers=1, aum_fen=1)
    UnitDay.objects.create(unit=unit, label="today", day=testing.BUSINESS_DATE, customers=1, aum_fen=1)
    away = {"first_day": date(2026, 1, 1), "last_day": date(2099, 1, 1)}
    cover = Cover.objects.create(absent=person, covering=colleague, **away)
    post = Post.objects.get(staff=person)
    return {
        "unit": unit.pk,
        "person": person.pk,
        "staff_no": person.staff_no,
        "post": post.pk,
        "cover": cover.pk,
        "licence": Licence.objects.filter(staff=person).order_by("pk").values_list("pk", flat=True).first()
        or Licence.objects.create(staff=person, kind="fund", number="F1", issued_on=testing.TODAY).pk,
    }


def _model() -> ModelVersion:
    """A trained model that nobody has asked for."""
    return ModelVersion.objects.create(
        purpose="asset_loss", version=1, kind="logistic", body="{}", sha256="a" * 64, kept=True, run_id="x",
        business_date=testing.BUSINESS_DATE, made_at=NOON,
    )  # fmt: skip


def _segment_of(owner: Staff, shared_with: Unit | None) -> Things:
    """A segment of this person, shared with a unit or with nobody."""
    made = datetime(2026, 10, 1, tzinfo=UTC)
    rule = {"fact": "age", "is": "at_least", "values": [60]}
    with acting_as(owner, today=testing.TODAY):
        segment = Segment.objects.create(
            kind="rule", name="60", owner=owner, shared_with=shared_with, made_at=made
        )
        SegmentVersion.objects.create(
            segment=segment, number=1, rule=rule, content_hash="x", made_by=owner, made_at=made
        )
    return {"segment": segment.uuid}


def _of_party(party: Party, keeper: Staff) -> Things:
    """A customer with a phone in the vault, somebody who may be the same person or of the same household, and what the
    rooms add (rooms/<room>.py)."""
    number = f"138{party.pk % 100_000_000:08d}"
    (shown,), (row,) = protected.door().protect(Protected.MOBILE, [number])
    with testing.everything():
        contact = ContactPoint.objects.create(
            party=party, kind="mobile", token=shown.token, masked=shown.masked
        )
        VaultEntry.objects.create(
            token=row.token, kind=row.kind, ciphertext=row.ciphertext, key_id=row.key_id
        )
        told = testing.make_pair(party)
    things = {"customer": party.uuid, "party": party.pk, "contact": contact.pk, **told}
    for room in ROOMS:
        things |= room.things_of(party, keeper)
    return things


def _value(things: Things, value: Any) -> Any:
    return things[value[1:]] if isinstance(value, str) and value.startswith("@") else value
