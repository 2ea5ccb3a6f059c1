"""The customers file of a finished piece."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from guanxi.pipeline.demo import doubles
from guanxi.pipeline.demo.catalog import RISKS
from guanxi.pipeline.demo.columns import (
    NO_DAY,
    days,
    digits,
    fixed_text,
    take,
    words,
)
from guanxi.pipeline.demo.identity import credit_codes
from guanxi.pipeline.demo.organisation import Organisation
from guanxi.pipeline.demo.piece import Made
from guanxi.pipeline.demo.population import (
    KINDS,
    PERSON,
    SIZES,
    TRADER,
    Parties,
    Piece,
)
from guanxi.pipeline.demo.shapes import AGE_BANDS, WAN
from guanxi.pipeline.demo.streams import Streams, pick

OCCUPATIONS = (
    "企业职工",
    "教师",
    "医务人员",
    "公务员",
    "个体经营",
    "务农",
    "退休",
    "学生",
    "自由职业",
    "工程技术人员",
)
INDUSTRIES = (
    "制造业",
    "批发和零售业",
    "建筑业",
    "农林牧渔业",
    "交通运输业",
    "住宿和餐饮业",
    "软件和信息服务业",
)
RESIDENTS = ("farmer", "sole_trader", "micro_owner", "employee", "retired", "other")
RENOWN = ("village_cadre", "business_owner", "deputy", "committee_member")
RENOWN_SOURCES = ("村委会公示", "工商登记", "人大公示", "政协公示")
VILLAGE_WORDS = (
    "观前社区",
    "平江社区",
    "湖滨社区",
    "城南社区",
    "柳溪村",
    "河西村",
    "北桥村",
    "荷塘村",
    "杨湾村",
    "东山村",
    "石码村",
    "陆家村",
)
PROFESSIONAL_FROM = 500 * WAN
GRADES = ("C1", "C2", "C3", "C4", "C5")


def customer_numbers(people: Parties) -> pa.Array:
    """Ten-digit customer numbers as text."""
    return fixed_text(digits(people.number, 10))


def customers(made: Made, piece: Piece, streams: Streams, staff: Organisation) -> pa.Table:
    """The customers file."""
    people, rng, until = made.people, streams.of("customer facts"), piece.span.until
    rows = len(people)
    person = people.kind == PERSON
    firm = ~person
    known = person & (rng.random(rows) < 0.75)
    graded, grade = _risk_grades(made, rng)
    boss = np.where(person, people.boss, -1)
    cadre = person & (people.age_band >= 3) & (rng.random(rows) < np.where(people.area == 2, 0.012, 0.004))
    owners = np.zeros(rows, bool)
    owners[people.owner_person[people.owner_person >= 0]] = True
    renown = np.where(
        cadre,
        np.array([0, 2, 3])[rng.integers(0, 3, rows)],
        np.where(owners & (rng.random(rows) < 0.4), 1, -1),
    )
    return pa.table(
        {
            "customer_no": customer_numbers(people),
            "kind": words(people.kind, KINDS),
            "name": people.name,
            **_identity(people, streams),
            "sex": words(np.where(firm, -1, np.where(people.male, 0, 1)), ("male", "female")),
            "birth_date": days(np.where(person, doubles.birth_shown(people), NO_DAY)),
            "since": days(people.since),
            "unit_no": words(people.unit, staff.unit_no),
            "keeper_no": words(people.keeper, staff.staff_no),
            "area": words(np.where(people.area <= 1, 0, 1), ("urban", "rural")),
            "village": words(_villages(people, rng), VILLAGE_WORDS),
            "occupation": words(np.where(known, _occupation(people, rng), -1), OCCUPATIONS),
            "employer_name": take(people.name, np.where(rng.random(rows) < 0.8, boss, -1)),
            "resident_type": words(np.where(person, _resident_type(people, owners), -1), RESIDENTS),
            "size_class": words(people.size, SIZES),
            "industry": words(np.where(firm, rng.integers(0, len(INDUSTRIES), rows), -1), INDUSTRIES),
            "risk_grade": words(np.where(graded, grade, -1), GRADES),
            "risk_expires_on": days(np.where(graded, until + rng.integers(-60, 365, rows), NO_DAY)),
            "professional": pa.array(person & (people.aum >= PROFESSIONAL_FROM) & (rng.random(rows) < 0.6)),
            **_offers(piece, streams, rows),
            "renown_kind": words(renown, RENOWN),
            "renown_source": words(renown, RENOWN_SOURCES),
            "renown_on": days(np.where(renown >= 0, until - rng.integers(30, 900, rows), NO_DAY)),
            "state": words(np.where(people.has("departed"), 1, 0), ("active", "closed")),
            "updated_on": days(_updated(people, until, rng)),
        }
    )


def _offers(piece: Piece, streams: Streams, rows: int) -> dict[str, pa.Array]:
    """Whom nothing is offered to: far more by wish than by control, so that the one hides the other."""
    rng = streams.of("no offers")
    control = np.where(rng.random(rows) < 0.0015, rng.integers(1, 3, rows), 0)
    return {
        "no_offers": pa.array(rng.random(rows) < 0.015),
        "control": words(control, ("allow", "limit", "stop")),
        "due_diligence_on": days(piece.span.until + rng.integers(-90, 1_800, rows)),
    }


def _risk_grades(made: Made, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(who has answered the questionnaire, grade 0..4): nearly always enough for what is held, low for the old."""
    people, book = made.people, made.book
    rows = len(people)
    held = np.zeros(rows, np.int64)
    np.maximum.at(held, book.party, np.where(book.closed == NO_DAY, RISKS[book.product], 0))
    person = people.kind == PERSON
    answered = (
        person & (people.band >= 0) & (rng.random(rows) < np.array([0.18, 0.7, 0.93, 0.0])[people.band])
    )
    drawn = pick(rng, np.array([14.0, 34.0, 33.0, 14.0, 5.0]), rows)
    drawn = np.where(people.age_band == len(AGE_BANDS) - 1, np.minimum(drawn, 2), drawn)
    # A few were sold more than they should have been.
    enough = np.where(rng.random(rows) < 0.97, np.maximum(drawn, held - 1), drawn)
    return answered | (person & (held >= 2)), enough


def _identity(people: Parties, streams: Streams) -> dict[str, pa.Array]:
    """Type and number: resident numbers, for doubles sometimes another document or none; credit codes of firms."""
    rng = streams.of("identity")
    firm = people.kind != PERSON
    head = np.array([0, 92, 91, 12, 91])[people.kind[firm]]
    trader = people.kind[firm] == TRADER
    codes = credit_codes(rng, head, people.number[firm] % 10**9 + np.where(trader, 5 * 10**7, 0))
    place = np.where(firm, np.cumsum(firm) - 1, -1)
    kind = np.where(firm, doubles.CREDIT_CODE, doubles.id_kinds(people, rng))
    numbers = doubles.id_numbers(people, np.where(firm, doubles.ABSENT, kind), rng)
    return {"id_type": words(kind, doubles.ID_TYPES), "id_no": pc.coalesce(take(codes, place), numbers)}


def _updated(people: Parties, until: int, rng: np.random.Generator) -> np.ndarray:
    """When somebody last looked at the entry: at its beginning, or at any time in the last four years."""
    later = until - rng.integers(0, 1_400, len(people))
    return np.where(rng.random(len(people)) < 0.55, np.maximum(later, people.since), people.since)


def _villages(people: Parties, rng: np.random.Generator) -> np.ndarray:
    rows = len(people)
    low, width = np.array([0, 2, 4])[people.area], np.array([2, 2, 8])[people.area]
    return np.where(rng.random(rows) < 0.85, low + (rng.random(rows) * width).astype(np.int64), -1)


def _occupation(people: Parties, rng: np.random.Generator) -> np.ndarray:
    rows = len(people)
    free = pick(rng, np.array([40.0, 5.0, 5.0, 6.0, 16.0, 0.0, 0.0, 0.0, 14.0, 14.0]), rows)
    free = np.where((people.area == 2) & (people.boss < 0) & (people.age_band >= 3), 5, free)
    free = np.where(people.age_band == 5, np.where(people.area == 2, 5, 6), free)
    return np.where(people.age_band == 0, 7, free)


def _resident_type(people: Parties, owners: np.ndarray) -> np.ndarray:
    kind = np.where(people.boss >= 0, 3, np.where(people.area == 2, 0, 5))
    kind = np.where((people.age_band == 5) & (people.area < 2), 4, kind)
    return np.where(owners, np.where(people.area == 2, 1, 2), kind)
