"""Around the customer: keepers, phones, consents, relations, channels, credit."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guanxi.pipeline.demo import doubles, shapes
from guanxi.pipeline.demo.columns import NO_DAY, RATE, days, money, scaled, words
from guanxi.pipeline.demo.days import Span
from guanxi.pipeline.demo.identity import mobiles
from guanxi.pipeline.demo.leaving import fades_on
from guanxi.pipeline.demo.loans import GRADES, credit_rows
from guanxi.pipeline.demo.organisation import Organisation
from guanxi.pipeline.demo.piece import Made
from guanxi.pipeline.demo.population import COMPANY, PERSON, Parties, Piece
from guanxi.pipeline.demo.streams import Streams
from guanxi.pipeline.demo.wealth import MIDDLE, VIP

FADED = 0.3  # of the usual log-ins, once somebody turns away


def assign_keepers(people: Parties, staff: Organisation, rng: np.random.Generator) -> None:
    """At 20万 and above: a manager of the outlet; 5-20万: half in the tellers' books; companies: corporate managers.

    A few who came into scope lately have nobody yet: they stand in the pool (待分配池).
    """
    for outlet in range(len(staff.unit_no)):
        for band, seats, share in ((VIP, staff.managers[outlet], 1.0), (MIDDLE, staff.tellers[outlet], 0.93)):
            inside = np.flatnonzero((people.unit == outlet) & (people.band == band))
            inside = inside[rng.random(len(inside)) < share]
            people.keeper[inside] = seats[np.arange(len(inside)) % len(seats)]
    fresh = np.flatnonzero(
        (people.band == VIP) & people.has("new", "growing") & (people.aum < 40 * shapes.WAN)
    )
    people.keeper[fresh[: max(1, int((people.band == VIP).sum()) // 60)]] = -1
    firms = np.flatnonzero((people.kind == COMPANY) & (people.size <= 2))
    people.keeper[firms] = staff.corporate[np.arange(len(firms)) % len(staff.corporate)]


def contact_points(made: Made, customer: pa.Array, streams: Streams) -> pa.Table:
    """Mobiles for nearly all, a second one, e-mails for few, an address for the managed and every fourth other."""
    people, rng = made.people, streams.of("contact points")
    rows = len(people)
    first, second = mobiles(rng, rows), mobiles(rng, rows)
    whose_phone, whose_home = doubles.shared_contacts(people, rng)
    first = first.take(pa.array(whose_phone))
    has_first = np.flatnonzero(rng.random(rows) < np.where(people.age_band == 0, 0.3, 0.965))
    has_second = np.flatnonzero(rng.random(rows) < 0.05)
    has_email = np.flatnonzero((people.kind == PERSON) & (people.age_band <= 3) & (rng.random(rows) < 0.06))
    planted = (people.double_kind >= 0) | (people.alike_kind >= 0)
    planted[people.duplicate_of[people.duplicate_of >= 0]] = True
    planted[people.alike_to[people.alike_to >= 0]] = True
    known = (people.band >= MIDDLE) | (people.kind != PERSON) | planted | (rng.random(rows) < 0.25)
    has_address = np.flatnonzero(known)
    # The whole customer number, so that no two customers share a mailbox.
    emails = pc.binary_join_element_wise("u", customer, "@example.com", "")
    street = words(people.unit, [f"{word}街道" for word in staff_streets(people)])
    house = pa.array(rng.integers(1, 400, rows).astype(str))
    address = pc.binary_join_element_wise("示范市", street.cast(pa.string()), house, "号", "")
    address = address.take(pa.array(whose_home))
    values = pa.concat_arrays(
        [
            first.take(pa.array(has_first)),
            second.take(pa.array(has_second)),
            emails.take(pa.array(has_email)),
            address.take(pa.array(has_address)),
        ]
    )
    who = np.concatenate([has_first, has_second, has_email, has_address])
    kind = np.repeat([0, 0, 1, 2], [len(has_first), len(has_second), len(has_email), len(has_address)])
    return pa.table(
        {
            "customer_no": customer.take(pa.array(who)),
            "kind": words(kind, ("mobile", "email", "address")),
            "value": values,
            "is_primary": pa.array(np.arange(len(who)) < len(has_first)),
        }
    )


def staff_streets(people: Parties) -> list[str]:
    """A street name per outlet."""
    names = (
        "观前",
        "平江",
        "湖滨",
        "柳溪",
        "双塔",
        "沧浪",
        "金阊",
        "狮山",
        "城南",
        "科技城",
        "园区",
        "东门",
        "北桥",
    )
    return [names[place % len(names)] for place in range(int(people.unit.max()) + 1)]


def consents(made: Made, customer: pa.Array, piece: Piece, streams: Streams) -> pa.Table:
    """Marketing by SMS and phone (agreed, refused or never asked), profiling, service."""
    people, rng = made.people, streams.of("consents")
    asked = ((0, 0, 0.75, 0.78), (0, 1, 0.40, 0.62), (1, 2, 0.55, 0.85), (2, 2, 0.9, 1.0))
    parts = []
    for about, by, share, yes_share in asked:
        some = np.flatnonzero(rng.random(len(people)) < share)
        answers = rng.random(len(some)) < yes_share
        parts.append((some, np.full(len(some), about), np.full(len(some), by), answers))
    who, purpose, channel, yes = (np.concatenate(column) for column in zip(*parts, strict=True))
    given = np.maximum(people.since[who], piece.span.until - rng.integers(1, 1_400, len(who)))
    return pa.table(
        {
            "customer_no": customer.take(pa.array(who)),
            "purpose": words(purpose, ("marketing", "profiling", "service")),
            "channel": words(channel, ("sms", "phone", "any")),
            "agreed": pa.array(yes),
            "given_on": days(np.minimum(given, piece.span.until)),
            "source": words((given % 3 == 0).astype(np.int64), ("柜面", "手机银行")),
        }
    )


def relations(made: Made, customer: pa.Array, streams: Streams) -> pa.Table:
    """Families that are plausible in age, owners and legal persons of companies, a few guarantors."""
    people, rng = made.people, streams.of("relations")
    pairs = [_couples(people, rng), _children(people, rng)]
    firms = np.flatnonzero(people.owner_person >= 0)
    pairs.append((people.owner_person[firms], firms, np.where(people.kind[firms] == COMPANY, 3, 2)))
    borrowers = made.loans.party[(made.loans.product >= 2) & (rng.random(len(made.loans.party)) < 0.25)]
    adults = np.flatnonzero((people.kind == PERSON) & (people.age_band >= 2) & (people.age_band <= 4))
    if len(borrowers) and len(adults):
        guarantor = adults[rng.integers(0, len(adults), len(borrowers))]
        keep = guarantor != borrowers
        pairs.append((guarantor[keep], borrowers[keep], np.full(int(keep.sum()), 4)))
    who, other, kind = (np.concatenate(column) for column in zip(*pairs, strict=True))
    _, first = np.unique(np.stack([who, other, kind]), axis=1, return_index=True)
    first = np.sort(first)
    who, other, kind = who[first], other[first], kind[first]
    since = np.maximum(people.since[who], people.since[other])
    return pa.table(
        {
            "customer_no": customer.take(pa.array(who)),
            "other_no": customer.take(pa.array(other)),
            "kind": words(kind, ("spouse", "child", "owner", "legal_person", "guarantor")),
            "valid_from": days(since),
            "valid_to": days(np.full(len(who), NO_DAY)),
        }
    )


def _couples(people: Parties, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Men and women of one outlet, ages at most six years apart; each is the other's spouse."""
    grown = (people.kind == PERSON) & (people.age_band >= 1) & (people.duplicate_of < 0) & (people.band >= 0)
    order = people.birth + people.unit.astype(np.int64) * 10**6 + rng.integers(-900, 900, len(people))
    men = np.flatnonzero(grown & people.male & (rng.random(len(people)) < 0.28))
    women = np.flatnonzero(grown & ~people.male)
    men = men[np.argsort(order[men], kind="stable")]
    women = women[np.argsort(order[women], kind="stable")]
    if not len(women) or not len(men):
        return (np.zeros(0, np.int64),) * 3
    near = np.minimum(np.searchsorted(order[women], order[men]), len(women) - 1)
    near, once = np.unique(near, return_index=True)
    husband, wife = men[once], women[near]
    fits = (np.abs(people.birth[husband] - people.birth[wife]) < 6 * 365) & (
        people.unit[husband] == people.unit[wife]
    )
    fits &= np.maximum(people.birth[husband], people.birth[wife]) < people.birth.max() - 22 * 365
    husband, wife = husband[fits], wife[fits]
    spouse = np.zeros(2 * len(husband), np.int64)
    return np.concatenate([husband, wife]), np.concatenate([wife, husband]), spouse


def _children(people: Parties, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Children 22 to 35 years younger than a parent of the same family name and outlet."""
    person = (people.kind == PERSON) & (people.duplicate_of < 0) & (people.band >= 0)
    parents = np.flatnonzero(person & (people.age_band >= 3))
    young = np.flatnonzero(person & (people.age_band <= 3))
    young = young[rng.random(len(young)) < np.where(people.age_band[young] == 0, 0.95, 0.35)]
    group = people.unit * 1_000 + people.surname
    key = group.astype(np.int64) * 10**6 + people.birth + 300_000
    parents = parents[np.argsort(key[parents], kind="stable")]
    if not len(parents):
        return (np.zeros(0, np.int64),) * 3
    wanted = key[young] - (22 * 365 + rng.integers(0, 13 * 365, len(young)))
    found = parents[np.minimum(np.searchsorted(key[parents], wanted), len(parents) - 1)]
    apart = people.birth[young] - people.birth[found]
    fits = (group[young] == group[found]) & (apart >= 22 * 365.25) & (apart <= 35 * 365.25)
    return young[fits], found[fits], np.ones(int(fits.sum()), np.int64)


def channel_events(made: Made, customer: pa.Array, piece: Piece, streams: Streams) -> pa.Table:
    """Log-ins by customer and day, one or two days a month; sign-ups, those before history on its first day."""
    people, rng, over = made.people, streams.of("channels"), piece.span
    fades = fades_on(made.leads, len(people))
    parts: list[tuple[np.ndarray, ...]] = []
    for code, users in _users(people, piece, rng):
        signed = np.maximum(people.since[users], over.until - rng.integers(60, 2_500, len(users)))
        shown = np.maximum(signed, over.first)
        parts.append(
            (
                users,
                shown,
                np.full(len(users), code),
                np.zeros(len(users), np.int64),
                np.ones(len(users), np.int64),
            )
        )
        fading = fades[users]
        for month in range(over.months):
            parts.extend(_log_ins(users, signed, fading, code, month, over, rng))
    who, day, channel, event, times = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((event, channel, who, day))
    return pa.table(
        {
            "customer_no": words(who[order], customer),
            "day": days(day[order]),
            "channel": words(channel[order], ("mobile", "web", "wechat", "phone")),
            "event": words(event[order], ("sign_up", "log_in")),
            "times": pa.array(times[order].astype(np.int64)),
        }
    )


def _users(people: Parties, piece: Piece, rng: np.random.Generator) -> list[tuple[int, np.ndarray]]:
    adult = (people.age_band >= 1) & (people.band >= 0)
    chances = (None, shapes.WEB[piece.profile], shapes.WECHAT[piece.profile], shapes.PHONE[piece.profile])
    users = [(0, np.flatnonzero(people.mobile_active))]
    for code, chance in list(enumerate(chances))[1:]:
        young = np.array([0.0, 1.5, 1.5, 1.0, 0.6, 0.25])[np.maximum(people.age_band, 0)]
        users.append((code, np.flatnonzero(adult & (rng.random(len(people)) < (chance or 0.0) * young))))
    return users


def _log_ins(
    users: np.ndarray,
    signed: np.ndarray,
    fading: np.ndarray,
    code: int,
    month: int,
    over: Span,
    rng: np.random.Generator,
) -> list[tuple[np.ndarray, ...]]:
    """One half month each: everybody who uses the channel logs in in the first, two in five in the second."""
    start, end = int(over.starts[month]), int(over.ends[month])
    middle = (start + end) // 2
    rows: list[tuple[np.ndarray, ...]] = []
    for low, high, chance in ((start, middle, 1.0), (middle + 1, end, 0.4)):
        if high < low:
            continue
        active = (signed < low) & (rng.random(len(users)) < np.where(fading <= low, chance * FADED, chance))
        chosen = users[active]
        day = rng.integers(low, high + 1, len(chosen))
        times = 1 + rng.poisson(4.0 if code == 0 else 1.0, len(chosen))
        rows.append((chosen, day, np.full(len(chosen), code), np.ones(len(chosen), np.int64), times))
    return rows


def credit(made: Made, customer: pa.Array, piece: Piece, streams: Streams) -> pa.Table:
    """The credit file."""
    party, grade, line, used, days_left, loss = credit_rows(made.people, made.loans, streams.of("credit"))
    pd = np.array([8, 26, 63, 155, 510], np.int64)[grade] * 10_000  # 0.08 % to 5.1 %, in hundred-millionths
    return pa.table(
        {
            "customer_no": customer.take(pa.array(party)),
            "grade": words(grade, GRADES),
            "credit_line": money(line),
            "used": money(used),
            "expires_on": days(piece.span.until + days_left),
            "pd": scaled(pd, RATE),
            "lgd": scaled(loss, RATE),
        }
    )
