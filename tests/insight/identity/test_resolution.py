"""Who is found to be one person, on what evidence, and when a group is stopped."""

from __future__ import annotations

import hashlib
import random
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import IDENTITY, RESOLUTION, bench_with
from harness import Bench
from hypothesis import given
from hypothesis import strategies as st

from guanxi.insight.identity.resolution.grouping import (
    Evidence,
    Groups,
    Limits,
    Strength,
    components,
    group,
    pair,
)
from guanxi.insight.identity.resolution.letters import han_letters, written
from guanxi.insight.policies.identity import IdentityPolicy
from guanxi.insight.staging.identifiers import Protected, resident_id_check
from guanxi.insight.staging.linking import address_words, linking_parts

STEPS = (*RESOLUTION, *(name for name in IDENTITY if name != "core.balance_change"))
GIVEN = "建国强伟军志明勇杰涛斌辉鹏浩宇轩磊峰芳娜敏静丽艳秀英玲红霞梅兰萍"
FAMILY = "王李张刘陈杨黄赵吴周徐孙"
DAY = date(2026, 10, 31)
ROOT = Path(__file__).resolve().parents[3]


def token(text: str) -> str:
    return "k1." + hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def parts(kind: Protected, value: str) -> str:
    return " ".join(token(f"{place}{text}")[3:19] for place, text in enumerate(linking_parts(kind, value)))


def resident(body17: str) -> str:
    return body17 + resident_id_check(body17)


class People:
    """A town of strangers, so that names and birth dates have frequencies, and the few whom a test speaks of."""

    def __init__(self, strangers: int = 1_500) -> None:
        self.rows: list[dict[str, Any]] = []
        self.points: list[dict[str, Any]] = []
        rng = random.Random(7)  # noqa: S311  # a town, no secret
        for number in range(strangers):
            born = date(1950, 1, 1) + timedelta(days=rng.randrange(20_000))
            name = rng.choice(FAMILY) + rng.choice(GIVEN) + rng.choice(GIVEN)
            self.add(
                f"S{number:05d}", name, born, f"320505{born:%Y%m%d}{rng.randrange(1000):03d}",
                f"139{rng.randrange(10**8):08d}",
            )  # fmt: skip

    def add(
        self, number: str, name: str | None, born: date | None, body17: str | None = None, phone: str | None = None,
        **more: Any,
    ) -> None:  # fmt: skip
        key = int(hashlib.md5(number.encode(), usedforsecurity=False).hexdigest()[:12], 16)
        row: dict[str, Any] = {
            "customer_no": number, "party_key": key, "party_uuid": f"u-{number}", "bucket": key % 256,
            "kind": "person", "name": name, "birth_date": born, "sex": "female", "since": date(2020, 1, 1),
            "file": "customers.csv", "state": "active",
        }  # fmt: skip
        if body17:
            whole = resident(body17)
            row |= {
                "id_type": "resident_id", "id_no_token": token(whole), "id_no_valid": True,
                "id_no_parts": parts(Protected.RESIDENT_ID, whole), "id_no_masked": "3******1",
            }  # fmt: skip
        self.rows.append(row | more)
        if phone:
            self.points.append(
                {
                    "customer_no": number, "kind": "mobile", "value_token": token(phone), "is_primary": True,
                    "value_parts": parts(Protected.MOBILE, phone), "value_valid": True,
                }
            )  # fmt: skip

    def resolve(self, **ops: list[dict[str, Any]]) -> Bench:
        bench = bench_with()
        bench.put("staged.customers", self.rows)
        bench.put("staged.contact_points", self.points)
        for name, rows in ops.items():
            bench.put(f"ops.{name}", rows)
        bench.month(date(2026, 10, 1))
        for name in STEPS:
            bench.run(name)
        return bench


def party_of(bench: Bench) -> dict[str, int]:
    return {row["customer_no"]: row["party_key"] for row in bench.rows("core.party_member")}


def decided(left: str, right: str, verdict: str) -> list[dict[str, Any]]:
    one, other = sorted((left, right))
    return [{"left_no": one, "right_no": other, "verdict": verdict, "decided_by": "S1"}]


BORN, BODY, PHONE = date(1975, 3, 7), "32050519750307123", "13812345678"


def test_equal_valid_documents_make_one_person_although_the_phone_changed() -> None:
    people = People(300)
    people.add("A", "王建国", BORN, BODY, PHONE)
    people.add("B", "王建国", BORN, BODY, "13700000001")
    bench = people.resolve()
    whose = party_of(bench)
    assert whose["A"] == whose["B"]
    assert len({*whose.values()}) == len(whose) - 1


def test_the_two_lengths_of_one_resident_number_are_the_same_document() -> None:
    assert linking_parts(Protected.RESIDENT_ID, resident(BODY)) == linking_parts(
        Protected.RESIDENT_ID_15, BODY[:6] + BODY[8:17]
    )


def test_equal_documents_under_different_names_wait_for_a_person() -> None:
    people = People(300)
    people.add("A", "王建国", BORN, BODY, PHONE)
    people.add("B", "刘芳敏", BORN, BODY, "13700000001")
    bench = people.resolve()
    assert party_of(bench)["A"] != party_of(bench)["B"]
    assert [(row["left_no"], row["right_no"]) for row in bench.rows("core.link")] == [("A", "B")]


def test_a_rare_name_with_birth_date_and_phone_is_enough_without_a_document() -> None:
    people = People()
    people.add("A", "欧阳淑娴", BORN, BODY, PHONE)
    people.add("B", "歐陽淑嫻", BORN, None, PHONE)
    bench = people.resolve()
    assert party_of(bench)["A"] == party_of(bench)["B"]
    (row,) = [row for row in bench.rows("core.link") if row["left_no"] == "A"]
    assert (row["name_level"], row["birth_level"], row["id_level"], row["phone_level"]) == (
        "exact", "exact", "unknown", "exact",
    )  # fmt: skip
    assert row["posterior"] >= 0.999


def test_twins_with_one_phone_and_two_valid_documents_stay_two_people() -> None:
    people = People()
    people.add("A", "欧阳淑娴", BORN, BODY, PHONE)
    people.add("B", "欧阳淑贤", BORN, BODY[:-1] + "5", PHONE)
    assert len({*party_of(people.resolve()).values()}) == len(people.rows)


def test_a_conflict_anywhere_in_the_group_stops_all_of_it() -> None:
    """B has no document and resembles both; A and C have two that differ."""
    people = People()
    people.add("A", "欧阳淑娴", BORN, BODY, PHONE)
    people.add("B", "欧阳淑娴", BORN, None, PHONE)
    people.add("C", "欧阳淑娴", BORN, BODY[:-1] + "5", PHONE)
    bench = people.resolve()
    assert len({party_of(bench)[number] for number in "ABC"}) == 3
    stopped = {row["customer_no"]: row["stopped_reason"] for row in bench.rows("core.cluster")}
    assert stopped == dict.fromkeys("ABC", "conflict")


def test_what_a_person_told_apart_never_merges_again() -> None:
    people = People(300)
    people.add("A", "王建国", BORN, BODY, PHONE)
    people.add("B", "王建国", BORN, BODY, PHONE)
    whose = party_of(people.resolve(party_decision=decided("A", "B", "apart")))
    assert whose["A"] != whose["B"]


def test_a_merge_by_a_person_needs_no_evidence_and_follows_everything() -> None:
    people = People(50)
    people.add("A", "王建国", BORN, BODY, None, updated_on=date(2024, 1, 1), occupation="教师")
    people.add(
        "B",
        "王建国",
        None,
        None,
        PHONE,
        updated_on=date(2026, 1, 1),
        occupation="医生",
        since=date(2010, 1, 1),
    )
    bench = people.resolve(party_decision=decided("A", "B", "merge"))
    whose = party_of(bench)
    (party,) = [row for row in bench.rows("core.party") if row["party_key"] == whose["A"]]
    assert whose["A"] == whose["B"]
    assert (party["customer_no"], party["since"]) == (
        "B",
        date(2010, 1, 1),
    )  # the older customer gives the key
    assert (party["occupation"], party["birth_date"], party["id_valid"]) == ("医生", BORN, True)
    sources = {row["field"]: row["customer_no"] for row in bench.rows("core.party_source")}
    assert (sources["occupation"], sources["birth_date"], sources["identity"]) == ("B", "A", "A")


def test_the_key_in_use_stays_whoever_else_joins_the_person() -> None:
    people = People(50)
    people.add("A", "王建国", BORN, BODY, PHONE, since=date(2022, 1, 1))
    people.add("B", "王建国", BORN, BODY, PHONE, since=date(2022, 1, 1))
    people.add("C", "王建国", BORN, BODY, PHONE, since=date(2001, 1, 1))
    keys = {row["customer_no"]: row["party_key"] for row in people.rows}
    stood = [
        {
            "source_no": number, "own_key": keys[number], "party_key": keys["B"], "party_uuid": "u-B",
            "decided_by": "identifier",
        }
        for number in "AB"
    ]  # fmt: skip
    assert {party_of(people.resolve())[number] for number in "ABC"} == {keys["C"]}
    assert {party_of(people.resolve(party_link=stood))[number] for number in "ABC"} == {keys["B"]}


def test_a_key_lives_on_when_the_number_that_gave_it_is_no_longer_delivered() -> None:
    people = People(50)
    people.add("A", "王建国", BORN, BODY, PHONE)
    stood = [
        {"source_no": "A", "own_key": people.rows[-1]["party_key"], "party_key": 77, "party_uuid": "u-Z"},
        {"source_no": "Z", "own_key": 77, "party_key": 77, "party_uuid": "u-Z"},
    ]
    bench = people.resolve(party_link=[row | {"decided_by": "identifier"} for row in stood])
    assert party_of(bench)["A"] == 77
    (party,) = [row for row in bench.rows("core.party") if row["party_key"] == 77]
    assert (party["customer_no"], party["party_uuid"]) == ("A", "u-Z")


def test_what_one_number_asks_for_counts_for_the_person_and_the_earliest_renewal_is_due() -> None:
    people = People(0)
    for number, due in (("A", date(2030, 1, 1)), ("B", date(2027, 1, 1))):
        people.add(number, "王建国", BORN, BODY, PHONE)
        people.rows[-1] |= {"control": "limit" if number == "B" else "allow", "due_diligence_on": due}
    (party,) = people.resolve(party_decision=decided("A", "B", "merge")).rows("core.party")
    assert (party["offers_paused"], party["due_diligence_on"]) == (True, date(2027, 1, 1))


def test_merging_and_parting_again_leaves_every_core_table_as_it_was() -> None:
    people = People(200)
    people.add("A", "王建国", BORN, BODY, PHONE)
    people.add("B", "刘芳敏", date(1990, 5, 5), "32050519900505222", "13700000001")
    tables = [name for name in STEPS if name != "core.cluster"]
    before = people.resolve()
    merged = people.resolve(party_decision=decided("A", "B", "merge"))
    after = people.resolve(party_decision=decided("A", "B", "apart"))
    assert party_of(merged)["A"] == party_of(merged)["B"]
    for name in tables:
        assert before.rows(name) == after.rows(name), name


def test_the_same_tables_give_the_same_pairs_to_the_last_digit() -> None:
    people = People(400)
    people.add("A", "欧阳淑娴", BORN, BODY, PHONE)
    people.add("B", "欧阳淑娴", BORN, None, PHONE)
    first, second = people.resolve(), people.resolve()
    assert first.rows("core.link") == second.rows("core.link")


def test_a_bank_without_names_and_documents_has_nobody_to_merge() -> None:
    people = People(0)
    for number in range(20):
        people.add(f"X{number}", None, BORN)
    bench = people.resolve()
    assert bench.rows("core.link") == []
    assert len(bench.rows("core.party")) == 20


def test_one_address_and_one_family_name_only_ask_about_a_household() -> None:
    people = People(20)
    for number, name in (("A", "欧阳淑娴"), ("B", "欧阳建国"), ("C", "王敏")):
        people.add(number, name, BORN + timedelta(days=len(people.rows)))
        people.points.append({"customer_no": number, "kind": "address", "value_token": token("home"),
                              "value_parts": parts(Protected.ADDRESS, "示范市观前街道120号")})  # fmt: skip
    bench = people.resolve()
    bench.run("core.household_hint")
    keys = {row["customer_no"]: row["party_key"] for row in people.rows}
    assert [(row["left_key"], row["right_key"]) for row in bench.rows("core.household_hint")] == [
        tuple(sorted((keys["A"], keys["B"])))
    ]
    assert bench.rows("core.relation") == []


# --- names and parts


@pytest.mark.parametrize(
    ("one", "other", "form"),
    [
        ("張偉", "张伟", "key"),
        ("王小明", "WANG XIAOMING", "sound"),
        ("王小明", "Xiaoming Wang", "order"),
        ("robert alan", "Alan  Robert", "order"),
        ("欧阳淑娴", "歐陽淑嫻", "key"),
    ],
)
def test_ways_of_writing_one_name_meet_in_a_form(one: str, other: str, form: str) -> None:
    from pypinyin import Style, pinyin

    syllables = {letter: pinyin(letter, style=Style.NORMAL)[0][0] for letter in han_letters([one, other])}
    assert getattr(written(one, syllables), form) == getattr(written(other, syllables), form)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.integers(0, 10), st.integers(0, 9))
def test_mobiles_one_digit_apart_share_exactly_one_part(number: str, place: int, digit: int) -> None:
    other = number[:place] + str(digit) + number[place + 1 :]
    shared = set(linking_parts(Protected.MOBILE, number)) & set(linking_parts(Protected.MOBILE, other))
    assert len(shared) == (3 if other == number else 1)


@given(
    st.text("abcdefgh0123.", min_size=8, max_size=14),
    st.sampled_from(["qq.com", "163.com", "jiangcheng-bank.cn"]),
    st.integers(0, 13),
    st.sampled_from("xyz"),
)
def test_a_mail_with_one_letter_wrong_before_the_at_keeps_its_domain_and_one_end(
    local: str, domain: str, place: int, letter: str
) -> None:
    place %= len(local)
    slipped = local[:place] + letter + local[place + 1 :]
    one = linking_parts(Protected.EMAIL, f"{local}@{domain}")
    other = linking_parts(Protected.EMAIL, f"{slipped}@{domain}")
    assert one[0] != other[0]
    assert one[1] == other[1] == domain
    assert one[2] == other[2] or one[3] == other[3]


def test_what_is_no_mail_has_no_parts_to_compare() -> None:
    assert [linking_parts(Protected.EMAIL, text) for text in ("", "zhang", "@qq.com", "zhang@")] == [()] * 4


def test_an_address_falls_into_its_units_and_a_latin_one_into_words() -> None:
    assert address_words("江城市姑苏区观前街道120号3栋501室") == (
        "江城市", "姑苏区", "观前街道", "120号", "3栋", "501室",
    )  # fmt: skip
    assert address_words("69 Giblin Street") == ("69", "giblin", "street")


# --- groups

NUMBERS = st.sampled_from([f"N{number}" for number in range(9)])
PAIRS = st.tuples(NUMBERS, NUMBERS).filter(lambda both: both[0] != both[1]).map(lambda both: pair(*both))


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    links = draw(st.dictionaries(PAIRS, st.sampled_from(Strength), max_size=14))
    apart = draw(st.frozensets(PAIRS, max_size=4))
    identifiers = draw(st.dictionaries(NUMBERS, st.tuples(st.just("resident"), st.sampled_from("xyz"))))
    kept = {key: kind for key, kind in links.items() if key not in apart or kind is Strength.PERSON}
    return Evidence(kept, apart, frozenset(kept), identifiers)


def within(found: Groups) -> list[set[str]]:
    return [set(members) for members, _ in found.merged]


@given(evidences())
def test_no_number_stands_in_two_groups_and_what_was_told_apart_in_none(evidence: Evidence) -> None:
    groups = within(group(evidence, Limits(4, 0.5)))
    numbers = [number for members in groups for number in members]
    assert len(numbers) == len(set(numbers))
    assert not any({one, other} <= members for one, other in evidence.apart for members in groups)


@given(evidences())
def test_a_group_that_no_person_made_holds_no_two_different_documents(evidence: Evidence) -> None:
    for members, strength in group(evidence, Limits(4, 0.5)).merged:
        persons = any(
            kind is Strength.PERSON and set(key) <= set(members) for key, kind in evidence.links.items()
        )
        documents = {evidence.identifiers[number] for number in members if number in evidence.identifiers}
        assert persons or len(documents) <= 1
        assert strength is Strength.PERSON or len(members) <= 4


@given(evidences(), st.randoms())
def test_groups_do_not_depend_on_the_order_of_the_evidence(evidence: Evidence, rng: random.Random) -> None:
    items = list(evidence.links.items())
    rng.shuffle(items)
    turned = Evidence(dict(items), evidence.apart, evidence.alike, evidence.identifiers)
    assert group(evidence, Limits(4, 0.5)) == group(turned, Limits(4, 0.5))


def test_a_chain_of_many_is_stopped_and_listed_and_its_documents_still_merge() -> None:
    links = {pair(f"N{at}", f"N{at + 1}"): Strength.MODEL for at in range(7)}
    links[pair("N0", "N1")] = Strength.IDENTIFIER
    found = group(Evidence(links, frozenset(), frozenset(links), {}), Limits(6, 0.5))
    assert within(found) == [{"N0", "N1"}]
    assert found.stopped == [(tuple(f"N{at}" for at in range(8)), "many")]


def test_a_loose_chain_of_three_is_stopped_below_the_share_that_must_be_linked() -> None:
    links = dict.fromkeys([("A", "B"), ("B", "C")], Strength.MODEL)
    evidence = Evidence(links, frozenset(), frozenset(links), {})
    assert group(evidence, Limits(6, 0.9)).stopped == [(("A", "B", "C"), "loose")]
    assert within(group(evidence, Limits(6, 0.5))) == [{"A", "B", "C"}]


def test_components_are_connected_numbers() -> None:
    assert components([("A", "B"), ("C", "D"), ("B", "E")]) == [("A", "B", "E"), ("C", "D")]


def test_a_policy_written_before_a_level_was_known_still_holds() -> None:
    body = tomllib.loads((ROOT / "banks" / "demo" / "policies" / "identity.toml").read_text(encoding="utf8"))
    later = {("birth", "part"), ("email", "near")}
    body["agreements"] = [one for one in body["agreements"] if (one["field"], one["level"]) not in later]
    policy = IdentityPolicy.from_payload(body)
    assert policy.problems() == []
    assert all(policy.m(field, level) > 0 for field, level in later)
    body["agreements"] = body["agreements"][1:]
    assert IdentityPolicy.from_payload(body).problems() != []
