"""The form of a policy: what is drawn reads back as the same policy, and each entry says what is wrong with it."""

import tomllib
from pathlib import Path

import pytest
from django.http import QueryDict
from django.utils.translation import override

from guanxi.crm.policies import entries, words
from guanxi.crm.policies.drafts import draft_from, draft_sent
from guanxi.crm.policies.editing import differences
from guanxi.insight.policies import KINDS, load_policy

ROOT = Path(__file__).resolve().parents[5]
BANKS = sorted(
    path for bank in ("demo", "berka") for path in (ROOT / "banks" / bank / "policies").glob("*.toml")
)


def payload_of(path: Path) -> dict:
    return load_policy(path.stem, tomllib.loads(path.read_text(encoding="utf8"))).to_payload()


def fingerprint(kind: str, payload: dict) -> str:
    return load_policy(kind, payload).content_hash()


def tier() -> dict:
    return payload_of(ROOT / "banks/demo/policies/tier.toml")


def as_sent(kind: str, payload: dict, **changed: str | None) -> QueryDict:
    """What a browser sends when the form is drawn from `payload` and some boxes are changed; None empties one."""
    sent = QueryDict(mutable=True)

    def take(group) -> None:
        for leaf in group.leaves:
            sent.setlist(leaf.path, [text for text in leaf.texts if text])
        for table in group.tables:
            for row in table.rows:
                sent.appendlist(f"{table.path}#", str(row.number))
                for leaf in row.leaves:
                    sent.setlist(leaf.path, [text for text in leaf.texts if text])
        for number, inner in enumerate(group.groups):
            if group.shape == "many":
                sent.appendlist(f"{group.path}#", str(number))
            take(inner)

    take(draft_from(kind, payload).tree)
    for name, text in changed.items():
        sent.setlist(name, [] if text is None else [text])
    return sent


@pytest.mark.parametrize("path", BANKS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_policy_drawn_and_sent_back_unchanged_is_the_same_policy(path) -> None:
    payload = payload_of(path)
    draft = draft_sent(path.stem, as_sent(path.stem, payload))
    assert draft.problems == []
    assert draft.errors == 0
    assert fingerprint(path.stem, draft.payload) == fingerprint(path.stem, payload)


def test_a_list_of_numbers_holds_numbers_and_says_what_is_none() -> None:
    payload = payload_of(ROOT / "banks/demo/policies/compliance.toml")
    draft = draft_sent("compliance", as_sent("compliance", payload, request_alerts="40，90"))
    assert draft.payload["request_alerts"] == [40, 90]
    wrong = draft_sent("compliance", as_sent("compliance", payload, request_alerts="40 九十"))
    assert [leaf.name for leaf in wrong.tree.every_leaf() if leaf.error] == ["request_alerts"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_every_entry_has_its_words(kind) -> None:
    assert kind in words.KINDS
    path = ROOT / f"banks/demo/policies/{kind}.toml"
    draft = draft_from(kind, payload_of(path))
    named = {leaf.name for leaf in draft.tree.every_leaf() if leaf.label == leaf.name.replace("_", " ")}
    assert named == set()


def test_a_share_is_typed_in_percent_and_an_amount_with_its_separators() -> None:
    payload = payload_of(ROOT / "banks/demo/policies/lists.toml")
    leaves = {leaf.path: leaf for leaf in draft_from("lists", payload).tree.every_leaf()}
    assert (leaves["large_change_share"].text, leaves["large_change_share"].unit) == ("20", "%")
    assert leaves["large_change_amount"].text == "50,000"
    sent = as_sent("lists", payload, large_change_share="12.5", large_change_amount="6，0000")
    draft = draft_sent("lists", sent)
    assert (draft.payload["large_change_share"], draft.payload["large_change_amount"]) == ("0.125", "60000")


@pytest.mark.parametrize(
    ("box", "typed"),
    [
        ("schemes.0.bands.3.lower", "abc"),
        ("schemes.0.bands.3.lower", "NaN"),
        ("schemes.0.bands.3.months_to_fall", ""),
        ("schemes.0.bands.3.months_to_fall", "2.5"),
        ("schemes.0.bands.3.label_zh", ""),
        ("schemes.1.standing.value", "half"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_own_box_and_nowhere_else(box, typed) -> None:
    draft = draft_sent("tier", as_sent("tier", tier(), **{box: typed}))
    assert [leaf.path for leaf in draft.tree.every_leaf() if leaf.error] == [box]
    assert not draft.sound


def test_what_makes_no_sense_as_a_whole_is_said_in_a_sentence() -> None:
    draft = draft_sent("tier", as_sent("tier", tier(), **{"schemes.0.bands.3.lower": "100,000"}))
    assert draft.errors == 0
    assert len(draft.problems) == 1
    assert "逐级升高" in draft.problems[0]


def test_rows_are_added_at_the_end_and_removed_by_their_box() -> None:
    payload = payload_of(ROOT / "banks/demo/policies/behaviour.toml")
    sent = as_sent("behaviour", payload, deed="add:age_bands", **{"age_bands.5.remove": "on"})
    draft = draft_sent("behaviour", sent)
    table = next(table for table in draft.tree.tables if table.name == "age_bands")
    assert [row.number for row in table.rows] == [0, 1, 2, 3, 4, 6]
    assert draft.payload is None
    assert not any(leaf.error for leaf in draft.tree.every_leaf())


def test_a_code_left_empty_leaves_the_map() -> None:
    payload = payload_of(ROOT / "banks/demo/policies/access.toml")
    draft = draft_sent(
        "access", as_sent("access", payload, **{"export_rows.analyst": "", "export_rows.teller": "5"})
    )
    kept = {role: rows for role, rows in payload["export_rows"].items() if role != "analyst"}
    assert draft.payload["export_rows"] == {**kept, "teller": 5}


def test_a_difference_names_its_place_in_words_with_both_values() -> None:
    new = tier()
    new["schemes"][0]["bands"][3]["lower"] = "600000"
    (found,) = differences("tier", tier(), new)
    assert (found.old, found.new) == ("500,000", "600,000")
    assert "金卡客户" in found.where


def test_a_tier_taken_out_shows_what_goes_and_leaves_the_others_alone() -> None:
    new = tier()
    gone = new["schemes"][0]["bands"].pop(1)
    found = differences("tier", tier(), new)
    assert found
    assert all(gone["label_zh"] in one.where and one.new == "" for one in found)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_payloads_differ_in_nothing(kind) -> None:
    payload = payload_of(ROOT / f"banks/demo/policies/{kind}.toml")
    assert differences(kind, payload, payload) == []


def test_every_entry_whose_change_changes_the_fingerprint_appears_among_the_differences() -> None:
    """Who approves must see all that the hash covers: each box of each kind is changed and looked for."""
    unseen = []
    for path in (path for path in BANKS if path.parent.parent.name == "demo"):
        payload = payload_of(path)
        tree = draft_from(path.stem, payload).tree
        for leaf in tree.every_leaf():
            stood = leaf.texts
            if leaf.kind in ("whole", "number", "share", "text") and not leaf.hidden and leaf.text != "7":
                leaf.texts = ["7"] if leaf.kind != "text" else ["another"]
                if not differences(path.stem, payload, tree.payload()):
                    unseen.append(f"{path.stem}: {leaf.path}")
            leaf.texts = stood
    assert unseen == []


def test_events_and_their_properties_are_told_by_name_and_not_by_code() -> None:
    path = ROOT / "banks/demo/policies/behaviour_event.toml"
    payload = payload_of(path)
    old = {**payload, "event_properties": payload["event_properties"][1:]}
    with override("zh-hans"):
        places = [one.where for one in differences("behaviour_event", old, payload)]
        tree = draft_from("behaviour_event", payload).tree
        drawn = {leaf.text: leaf.named for leaf in tree.every_leaf() if leaf.named}
    assert places
    assert all(place.startswith("事件属性 · 登录 · 区县 · ") for place in places)
    assert drawn["purchase_abandoned"] == "购买未完成"
    sentences = load_policy("behaviour_event", payload).in_words("zh")
    assert "登录：仅服务，保留 90 天；属性：区县（区县代码（6 位））。" in sentences
    assert not [line for line in sentences if "_" in line]


def test_each_entry_is_named_in_one_file() -> None:
    """The files of `entries` become one mapping: the same name in two of them would hide one word behind the other."""
    assert len(entries.ENTRIES) == sum(
        len(part)
        for part in (
            entries.CARE,
            entries.NIGHT,
            entries.REACHING,
            entries.RECORD,
            entries.SHARED,
            entries.STANDING,
            entries.WORK,
        )
    )
