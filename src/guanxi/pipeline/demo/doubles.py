"""One person under two customer numbers (重复客户), and people who only look like one: twins, sons, namesakes.

What is planted here is what identity resolution must find, and what it must leave apart; `truth/` says which is which.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.random import Generator
from pypinyin import lazy_pinyin

from guanxi.pipeline.demo.columns import EPOCH, digits, fixed_text, letters, take
from guanxi.pipeline.demo.days import DAY, MONTH
from guanxi.pipeline.demo.identity import FEMALE, MALE, resident_ids, resident_ids_15
from guanxi.pipeline.demo.population import PERSON, Parties
from guanxi.pipeline.demo.shapes import AGE_BANDS
from guanxi.pipeline.demo.streams import pick

DOUBLED = 1 / 190  # of the owners: the second number of somebody
ALIKE = 1 / 250  # of the owners: somebody who only looks like another
NONE = -1
# How the second record of a person differs.
DOUBLES = (
    "same_id",
    "name_typo",
    "name_variant",
    "name_pinyin",
    "other_phone",
    "no_id",
    "id_15",
    "swapped_birth",
)
SAME_ID, TYPO, VARIANT, PINYIN, OTHER_PHONE, NO_ID, ID_15, SWAPPED = range(len(DOUBLES))
DOUBLE_WEIGHTS = np.array([12.0, 16.0, 14.0, 11.0, 14.0, 12.0, 12.0, 9.0])
LOOKALIKES = ("twins", "father_and_son", "same_name_and_birthday")
TWINS, FATHER, NAMESAKE = range(len(LOOKALIKES))

ID_TYPES = ("resident_id", "resident_id_15", "uscc", "passport")
RESIDENT, OLD, CREDIT_CODE, PASSPORT, ABSENT = 0, 1, 2, 3, NONE
TWO_THOUSAND = 10_957  # 2000-01-01: 15-digit numbers know no year from here on

_HOMOPHONES = (
    *("伟威炜", "军君俊", "杰洁捷", "芳方坊", "丽莉利", "颖英莹", "红宏虹", "梅美玫", "艳燕雁", "玲铃琳"),
    *("萍平苹", "慧辉惠", "浩皓昊", "波博勃", "峰锋凤", "明鸣铭", "志智至", "勇永泳", "飞菲非", "文雯纹"),
    *("建健剑", "国果郭", "荣容蓉", "生升胜", "才彩财", "娟捐鹃", "静敬靖", "秀绣", "云芸耘", "富福夫"),
)
_SOUNDS = {sign: row[(place + 1) % len(row)] for row in _HOMOPHONES for place, sign in enumerate(row)}
_VARIANTS = str.maketrans(
    "张陈刘杨赵吴孙马国伟强军华杰涛东飞龙云荣丽艳兰红许钱蒋陆顾庄范钟卢韩贺郑罗邓冯苏",
    "張陳劉楊趙吳孫馬國偉強軍華傑濤東飛龍雲榮麗艷蘭紅許錢蔣陸顧莊範鍾盧韓賀鄭羅鄧馮蘇",
)


def plant(people: Parties, owners: int, rng: Generator) -> None:
    """Give some who own a second number, and make others look like somebody else.

    The second number is one without an open account, closed long ago or never used: whether it is found or not, nobody
    counts twice in a band, and the bands stay exact.
    """
    able = np.flatnonzero((people.kind[:owners] == PERSON) & (people.age_band[:owners] >= 1))
    chosen = rng.permutation(able)
    second = rng.permutation(owners + np.flatnonzero(people.kind[owners:] == PERSON))
    second = second[: int(owners * DOUBLED + 0.5)]
    second = second[: len(chosen) // 3]
    first, rest = chosen[: len(second)], chosen[len(second) :]
    kind = pick(rng, DOUBLE_WEIGHTS, len(second))
    people.duplicate_of[second] = first
    people.double_kind[second] = kind
    _persons(people, first, second, kind)
    pairs = min(int(owners * ALIKE + 0.5), len(rest) // 2)
    alike = np.arange(pairs) % len(LOOKALIKES)
    other, like = rest[:pairs], rest[pairs : 2 * pairs]
    people.alike_to[like], people.alike_kind[like] = other, alike
    _lookalikes(people, other, like, alike, rng)
    # Nobody was a customer before birth: who was given another's birth day came later.
    changed = np.concatenate([second, like])
    people.since[changed] = np.maximum(people.since[changed], people.birth[changed] + 30)


def _persons(people: Parties, first: np.ndarray, second: np.ndarray, kind: np.ndarray) -> None:
    for values in (
        people.birth,
        people.male,
        people.surname,
        people.id_area,
        people.id_order,
        people.age_band,
    ):
        values[second] = values[first]
    names = people.name.take(pa.array(first)).to_pylist()
    spelled = [_SPELLINGS.get(int(way), str)(name) for way, name in zip(kind, names, strict=True)]
    _rename(people, second, spelled)


def _typo(name: str) -> str:
    """A sign that sounds alike, as typed in haste; else the given signs the wrong way round."""
    for place in range(len(name) - 1, 0, -1):
        if name[place] in _SOUNDS:
            return name[:place] + _SOUNDS[name[place]] + name[place + 1 :]
    return name[0] + name[:0:-1] if len(name) > 2 and name[1] != name[2] else name + name[-1]


def _variant(name: str) -> str:
    """The traditional form of its signs (异体字、繁体字); a space inside where there is none."""
    other = name.translate(_VARIANTS)
    return other if other != name else f"{name[0]} {name[1:]}"


def _pinyin(name: str) -> str:
    """As a passport writes it."""
    family, *given = lazy_pinyin(name)
    return f"{family} {''.join(given)}".upper()


_SPELLINGS = {TYPO: _typo, VARIANT: _variant, PINYIN: _pinyin}


def _lookalikes(
    people: Parties, first: np.ndarray, second: np.ndarray, kind: np.ndarray, rng: Generator
) -> None:
    """Twins and sons live with the other; a namesake shares name and birthday and nothing else."""
    home = kind != NAMESAKE
    for values in (people.surname, people.id_area, people.unit, people.area):
        values[second[home]] = values[first[home]]
    born = kind != FATHER
    for values in (people.birth, people.age_band):
        values[second[born]] = values[first[born]]
    people.male[second[kind == NAMESAKE]] = people.male[first[kind == NAMESAKE]]
    _sons(people, first[kind == FATHER], second[kind == FATHER], rng)
    # Another number of the day; its last digit is odd for men.
    people.id_order[second] = (people.id_order[first] // 2 * 2 + 2 + people.male[second]) % 1000
    names = people.name.take(pa.array(first)).to_pylist()
    given = rng.integers(0, len(MALE), len(second))
    _rename(
        people,
        second,
        [
            name if way == NAMESAKE else _sibling(name, bool(male), int(sign))
            for name, way, male, sign in zip(names, kind, people.male[second], given, strict=True)
        ],
    )


def _sons(people: Parties, father: np.ndarray, son: np.ndarray, rng: Generator) -> None:
    """The younger of the two becomes the son of the elder's family, 22 to 34 years apart."""
    people.male[father], people.male[son] = True, True
    people.id_order[father] = people.id_order[father] // 2 * 2 + 1
    apart = (22 + rng.integers(0, 12, len(son))) * 365 + rng.integers(10, 350, len(son))
    young = (
        people.birth[father] > people.birth.max() - 54 * 365
    )  # too young for a grown-up son: the father's father
    people.birth[son] = people.birth[father] + np.where(young, -apart, apart)
    years = (people.birth.max() - people.birth[son]) // 365.25
    people.age_band[son] = np.searchsorted([low for low, _ in AGE_BANDS], years, side="right") - 1


def _sibling(name: str, male: bool, sign: int) -> str:
    """The family name, the first given sign and another second one: 王建国, 王建军."""
    signs = MALE if male else FEMALE
    other = signs[sign % len(signs)]
    if other == name[-1]:
        other = signs[(sign + 1) % len(signs)]
    return name[:2] + other


def _rename(people: Parties, who: np.ndarray, names: list[str]) -> None:
    if not len(who):
        return
    place = np.full(len(people), NONE)
    place[who] = np.arange(len(who))
    known = pa.concat_arrays([people.name.cast(pa.string()), pa.array(names, pa.string())])
    people.name = known.take(pa.array(np.where(place >= 0, len(people) + place, np.arange(len(people)))))


def birth_shown(people: Parties) -> np.ndarray:
    """Birth days as the customer file has them: day and month the wrong way round where that kind of double says so."""
    stamp = EPOCH + people.birth.astype("timedelta64[D]")
    month = stamp.astype(MONTH)
    inside = (stamp - month.astype(DAY)).astype(np.int64)  # from 0
    of_year = month.astype(np.int64) % 12
    swapped = (
        month - of_year.astype("timedelta64[M]") + np.minimum(inside, 11).astype("timedelta64[M]")
    ).astype(DAY)
    moved = (swapped - EPOCH).astype(np.int64) + of_year
    # Where both are one the year is mistyped instead; no 13th month.
    moved = np.where((inside > 11) | (inside == of_year), people.birth + 365, moved)
    shown: np.ndarray = np.where(people.double_kind == SWAPPED, moved, people.birth)
    return shown


def id_kinds(people: Parties, rng: Generator) -> np.ndarray:
    """Position in ID_TYPES of each person's document; ABSENT for none."""
    double = people.double_kind
    draw = rng.random(len(people))
    # Half of those with another difference stand under the same number, the rest under a passport, an old one or none.
    other = np.select([draw < 0.45, draw < 0.65, draw < 0.85], [RESIDENT, PASSPORT, OLD], ABSENT)
    kind = np.where(double >= 0, other, RESIDENT)
    kind = np.select(
        [double == SAME_ID, double == NO_ID, double == ID_15, double == PINYIN],
        [RESIDENT, ABSENT, OLD, PASSPORT],
        kind,
    )
    # A resident number says the birth day itself: who stands with a wrong one has another document.
    kind = np.where((double == SWAPPED) & ((kind == RESIDENT) | (kind == OLD)), PASSPORT, kind)
    late: np.ndarray = np.where((kind == OLD) & (people.birth >= TWO_THOUSAND), ABSENT, kind)
    return late


def id_numbers(people: Parties, kind: np.ndarray, rng: Generator) -> pa.Array:
    """The numbers of persons; empty where there is none."""
    rows = len(people)
    born = np.where(people.kind == PERSON, people.birth, 0)
    passports = fixed_text(letters("E", rows), digits(rng.integers(10_000_000, 99_999_999, rows), 8))
    old = resident_ids_15(people.id_area, born, people.id_order)
    now = resident_ids(people.id_area, born, people.id_order)
    column = pa.concat_arrays([now, old, passports])
    place = np.select([kind == RESIDENT, kind == OLD, kind == PASSPORT], [0, rows, 2 * rows], NONE)
    return take(column, np.where(place >= 0, place + np.arange(rows), NONE))


def shared_contacts(people: Parties, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """(whose mobile, whose address) each party gives: their own, or the one they were planted beside."""
    own = np.arange(len(people))
    draw = rng.random((2, len(people)))
    double, alike = people.double_kind, people.alike_kind
    phone = (double >= 0) & (double != OTHER_PHONE) & (draw[0] < 0.85)
    phone |= (alike == TWINS) & (draw[0] < 0.25) | (alike == FATHER) & (draw[0] < 0.4)
    home = (double >= 0) & (draw[1] < 0.7) | (alike == TWINS) | (alike == FATHER)
    other = np.where(people.duplicate_of >= 0, people.duplicate_of, people.alike_to)
    return np.where(phone, other, own), np.where(home, other, own)


def truth(people: Parties, customer: pa.Array) -> dict[str, pa.Table]:
    """The truth tables `duplicates` and `lookalikes`."""
    rows = {"duplicates": (people.duplicate_of, "same_as"), "lookalikes": (people.alike_to, "unlike")}
    kinds = {"duplicates": (people.double_kind, DOUBLES), "lookalikes": (people.alike_kind, LOOKALIKES)}
    return {name: _pairs(customer, other, word, *kinds[name]) for name, (other, word) in rows.items()}


def _pairs(
    customer: pa.Array, other: np.ndarray, word: str, kind: np.ndarray, names: tuple[str, ...]
) -> pa.Table:
    rows = np.flatnonzero(other >= 0)
    return pa.table(
        {
            "customer_no": customer.take(pa.array(rows)),
            word: customer.take(pa.array(other[rows])),
            "kind": pa.array(np.array(names)[kind[rows]], pa.string()),
        }
    )
