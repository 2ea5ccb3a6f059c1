"""The parties of one piece of the bank: persons who own, those who left or never came, companies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from guanxi.pipeline.demo import shapes, wealth
from guanxi.pipeline.demo.columns import NO_DAY, take
from guanxi.pipeline.demo.days import Span, number
from guanxi.pipeline.demo.identity import area_codes, company_names, person_names, surnames
from guanxi.pipeline.demo.organisation import Organisation
from guanxi.pipeline.demo.shapes import AGE_ASSET, AGE_BANDS, AGE_COUNT, AREAS, FEN, STORY
from guanxi.pipeline.demo.streams import Streams, pick, weighted_few
from guanxi.pipeline.demo.wealth import LOW, MIDDLE, VIP, Bands

PERSON, TRADER, COMPANY, GOVERNMENT, INTERBANK = range(5)
KINDS = ("person", "sole_trader", "company", "government", "interbank")
SIZES = ("large", "medium", "small", "micro")

OWNERS_FROM, OTHERS_FROM, COMPANIES_FROM = 10**9, 2 * 10**9, 8 * 10**9
COMPANY_MOST = 300_000_000.0  # yuan on one settlement account
FOUNDED = 10_227  # 1998-01-01


@dataclass(frozen=True)
class Wish:
    """How much there is of what decides the size on disk, not of what the bank is like."""

    payments: float = shapes.PAYMENTS_A_MONTH  # wallet payments a month of who uses the mobile bank
    second_accounts: float = 0.0  # share of persons with an empty second settlement account
    morning: date | None = None  # the day the story is told on; the day after the business date unless said


@dataclass(frozen=True)
class Piece:
    """Which persons of the bank one piece holds, and where it stands in the whole."""

    number: int
    first: int
    last: int
    bands: Bands
    span: Span
    profile: str
    wish: Wish

    @property
    def owners(self) -> int:
        """Persons with an AUM band."""
        return self.last - self.first

    @property
    def morning(self) -> int:
        """The day the story is told on, in days since 1970."""
        return number(self.wish.morning) if self.wish.morning else self.span.until + 1


@dataclass
class Parties:
    """All parties of a piece, one array each; persons who own stand first, companies last."""

    number: np.ndarray  # customer number
    kind: np.ndarray
    unit: np.ndarray
    area: np.ndarray  # 0 urban, 1 county, 2 township
    male: np.ndarray
    birth: np.ndarray  # NO_DAY for companies
    age_band: np.ndarray
    surname: np.ndarray
    id_area: np.ndarray
    id_order: np.ndarray
    since: np.ndarray
    band: np.ndarray  # -1: none
    aum: np.ndarray  # fen at the business date
    story: np.ndarray
    size: np.ndarray  # companies: 0 large … 3 micro; -1
    name: pa.Array
    mobile_active: np.ndarray
    keeper: np.ndarray  # position in the staff list; -1
    duplicate_of: np.ndarray  # position of the same person under another number; -1
    leaves_on: np.ndarray  # day the main sum goes, also one still to come; NO_DAY
    leave_reason: np.ndarray  # position in shapes.REASONS; -1
    double_kind: np.ndarray  # how this second record differs, position in doubles.DOUBLES; -1
    alike_to: np.ndarray  # position of another person this one only looks like; -1
    alike_kind: np.ndarray  # position in doubles.LOOKALIKES; -1
    owner_person: np.ndarray  # companies: position of the person behind them; -1
    back_on: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # won back: day of return; 0
    boss: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # persons: their employer now; -1

    def __len__(self) -> int:
        return len(self.number)

    @property
    def persons(self) -> np.ndarray:
        """Positions of persons."""
        return np.flatnonzero(self.kind == PERSON)

    @property
    def firms(self) -> np.ndarray:
        """Positions of everyone else."""
        return np.flatnonzero(self.kind != PERSON)

    def has(self, *stories: str) -> np.ndarray:
        """Whose story is one of these."""
        return np.isin(self.story, [STORY[name] for name in stories])


def parties(piece: Piece, streams: Streams, staff: Organisation) -> Parties:
    """Draw everyone of a piece."""
    owners = piece.owners
    departed = _share(shapes.DEPARTED_SHARE, piece)
    potential = _share(shapes.POTENTIAL_SHARE, piece)
    firms = max(3, _share(shapes.COMPANY_SHARE, piece))
    persons = owners + departed + potential
    everyone = persons + firms
    rng = streams.of("people")
    unit = pick(rng, staff.weight, everyone)
    area = staff.area[unit]
    age_band, birth = _ages(rng, area[:persons], owners, piece.span.until)
    trades = (rng.random(persons) < shapes.TRADER_SHARE) & (age_band >= 2) & (age_band <= 4)
    trades[owners:] = False
    kind = np.concatenate([np.where(trades, TRADER, PERSON), _firm_kinds(streams, firms)])
    male = rng.random(everyone) < 0.5
    surname = surnames(rng, everyone, 0.70)
    people = Parties(
        number=_numbers(piece, owners, departed + potential, firms),
        kind=kind,
        unit=unit,
        area=area,
        male=male,
        birth=np.concatenate([birth, np.full(firms, NO_DAY)]),
        age_band=np.concatenate([age_band, np.full(firms, -1)]),
        surname=surname,
        id_area=area_codes(rng, everyone),
        id_order=(rng.integers(0, 500, everyone) * 2 + male) % 1000,
        since=np.zeros(everyone, np.int64),
        band=np.full(everyone, -1),
        aum=np.zeros(everyone, np.int64),
        story=np.full(everyone, STORY["steady"]),
        size=np.full(everyone, -1),
        name=person_names(rng, surname, male),
        mobile_active=np.zeros(everyone, bool),
        keeper=np.full(everyone, -1),
        duplicate_of=np.full(everyone, -1),
        leaves_on=np.full(everyone, NO_DAY),
        leave_reason=np.full(everyone, -1),
        double_kind=np.full(everyone, -1),
        alike_to=np.full(everyone, -1),
        alike_kind=np.full(everyone, -1),
        owner_person=np.full(everyone, -1),
    )
    people.story[owners : owners + departed] = STORY["departed"]
    people.story[owners + departed : persons] = STORY["potential"]
    _wealth(people, piece, streams.of("wealth"))
    _stories(people, owners, streams.of("stories"))
    _tenure(people, piece.span, streams.of("tenure"))
    _firms(people, persons, streams.of("firms"))
    _mobile(people, piece.profile, streams.of("mobile"))
    return people


def _share(share: float, piece: Piece) -> int:
    return int(share * piece.last + 0.5) - int(share * piece.first + 0.5)


def _numbers(piece: Piece, owners: int, others: int, firms: int) -> np.ndarray:
    """Ten-digit customer numbers; others and companies are numbered by the pieces' own first person."""
    return np.concatenate(
        [
            OWNERS_FROM + piece.first + np.arange(owners),
            OTHERS_FROM + piece.first + np.arange(others),
            COMPANIES_FROM + piece.first + np.arange(firms),
        ]
    )


def _ages(rng: Generator, area: np.ndarray, owners: int, until: int) -> tuple[np.ndarray, np.ndarray]:
    """Age band and birth day per person, by the outlet's area; those who own nothing now are grown up."""
    bands = np.zeros(len(area), np.int64)
    for code, name in enumerate(AREAS):
        inside = np.flatnonzero(area == code)
        bands[inside] = pick(rng, AGE_COUNT[name], len(inside))
    bands[owners:] = np.maximum(bands[owners:], 1)
    low = np.array([low for low, _ in AGE_BANDS])[bands]
    high = np.array([high for _, high in AGE_BANDS])[bands]
    spread = rng.random(len(area))
    spread = np.where(bands == len(AGE_BANDS) - 1, spread**1.8, spread)
    years = low + spread * (high + 0.999 - low)
    return bands, (until - np.maximum(years * 365.25, 60)).astype(np.int64)


def _wealth(people: Parties, piece: Piece, rng: Generator) -> None:
    """Who stands in which band (older people and better outlets more likely), and how much each has."""
    owners = piece.owners
    middle, vip, private = piece.bands.within(piece.first, piece.last)
    age, area = people.age_band[:owners], people.area[:owners]
    ratio = np.array([AGE_ASSET[name] / AGE_COUNT[name] for name in AREAS])[area, age]
    ratio = np.where(people.kind[:owners] == TRADER, 1.6, ratio)
    place = np.array([1.25, 1.0, 0.6])[area]
    chosen_vip = weighted_few(rng, ratio * place, vip)
    free = ratio * np.sqrt(place)
    free[chosen_vip] = 0.0
    chosen_middle = weighted_few(rng, free, middle)
    band = np.full(owners, LOW)
    band[chosen_middle], band[chosen_vip] = MIDDLE, VIP
    people.band[:owners] = band
    low = np.flatnonzero(band == LOW)
    empty = rng.random(len(low)) < shapes.LOW_EMPTY
    people.story[low[empty]] = STORY["empty"]
    people.aum[low] = wealth.low_amounts(rng, empty)
    people.aum[chosen_middle] = wealth.middle_amounts(rng, middle)
    people.aum[rng.permutation(chosen_vip)] = wealth.vip_amounts(rng, vip, private)


def _stories(people: Parties, owners: int, rng: Generator) -> None:
    """What becomes of each person through the months."""
    empty = np.flatnonzero(people.story[:owners] == STORY["empty"])
    for band, weights in shapes.STORY_WEIGHTS.items():
        inside = np.flatnonzero((people.band[:owners] == band) & (people.story[:owners] != STORY["empty"]))
        people.story[inside] = _story(rng, weights, len(inside))
    people.story[empty] = _story(rng, shapes.EMPTY_WEIGHTS, len(empty))
    # A few hundred yuan neither leave nor come back; such people are simply there.
    small = (people.aum < 5_000 * FEN) & people.has("leaving", "going")
    small |= (people.aum < 15_000 * FEN) & people.has("won_back")
    people.story[small] = STORY["steady"]
    minors = (people.age_band == 0) & people.has("leaving", "going", "lost", "won_back")
    people.story[minors] = STORY["steady"]


def _story(rng: Generator, weights: dict[str, float], count: int) -> np.ndarray:
    codes = np.array([STORY[name] for name in weights])
    drawn: np.ndarray = codes[pick(rng, np.array(list(weights.values())), count)]
    return drawn


def _tenure(people: Parties, over: Span, rng: Generator) -> None:
    """The first day as a customer: within a year for the new, years ago for the rest, after birth and founding."""
    count = len(people)
    long_ago = over.until - 800 - rng.exponential(2_200, count).astype(np.int64)
    recent = over.until - rng.integers(3, 360, count)
    since = np.where(people.has("new"), recent, long_ago)
    potential = over.until - rng.integers(5, 300, count)
    since = np.where(people.has("potential"), potential, since)
    born = np.where(people.birth == NO_DAY, FOUNDED, people.birth + 30)
    people.since = np.maximum(np.maximum(since, born), FOUNDED)
    people.back_on = np.where(people.has("won_back"), over.until - rng.integers(75, 300, count), 0)


def _firm_kinds(streams: Streams, count: int) -> np.ndarray:
    rng = streams.of("firm kinds")
    kinds: np.ndarray = np.array([COMPANY, GOVERNMENT, INTERBANK])[
        pick(rng, np.array([89.0, 10.0, 1.0]), count)
    ]
    kinds[: min(3, count)] = [GOVERNMENT, COMPANY, COMPANY][: min(3, count)]  # payers that every piece needs
    return kinds


def _firms(people: Parties, first: int, rng: Generator) -> None:
    """Sole traders among those who own, and the companies from `first` on: size, person behind, name, account."""
    firms = people.firms
    kind, company = people.kind[firms], firms >= first
    size = pick(rng, np.array([2.0, 15.0, 38.0, 45.0]), len(firms))
    size = np.where(kind == TRADER, 3, np.where(kind == GOVERNMENT, np.minimum(size, 2), size))
    people.size[firms] = size
    centre = np.log(np.array([22_000_000.0, 2_600_000.0, 260_000.0, 32_000.0]))[size]
    stands = np.round(np.minimum(np.exp(rng.normal(centre, 1.1)), COMPANY_MOST) * FEN).astype(np.int64)
    people.aum[firms[company]] = stands[company]
    people.birth[firms], people.age_band[firms] = NO_DAY, -1
    owns = (people.kind == PERSON) & (people.age_band >= 2) & (people.age_band <= 4) & (people.band >= 0)
    adults = np.flatnonzero(owns)
    if len(adults):
        behind = adults[rng.integers(0, len(adults), len(firms))]
        people.owner_person[firms] = np.where(kind <= COMPANY, behind, -1)
        near = firms[company & (kind == COMPANY)]
        people.unit[near] = people.unit[people.owner_person[near]]
        people.area[near] = people.area[people.owner_person[near]]
    boss_name = people.name.take(pa.array(np.maximum(people.owner_person[firms], 0)))
    names = company_names(rng, boss_name, kind == TRADER, kind == GOVERNMENT)
    place = np.full(len(people), -1)
    place[firms] = np.arange(len(firms))
    people.name = pc.coalesce(take(names, place), people.name)


def _mobile(people: Parties, profile: str, rng: Generator) -> None:
    """Who uses the mobile bank, by age and area as the profile's table says."""
    table = shapes.MOBILE[profile]
    urban = np.array(table["urban"])[np.maximum(people.age_band, 0)]
    rural = np.array(table["rural"])[np.maximum(people.age_band, 0)]
    chance = np.where(people.area <= 1, urban, rural)  # the county town counts as urban
    chance = np.where(people.has("potential", "departed") | (people.kind != PERSON), 0.0, chance)
    people.mobile_active = rng.random(len(people)) < chance
