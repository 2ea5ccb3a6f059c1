"""Credit of a cross-line campaign: every fen given out, no line twice, all of it or not handed in."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from guanxi.crm.campaigns.forms import OfferForm
from guanxi.crm.campaigns.plan import CreditShare, Plan, credit_of, offer_problems

LINES = ("retail", "corporate", "digital")
JOINT = Plan(kind="joint", offer="公私联动")


def shared(*shares: str) -> tuple[CreditShare, ...]:
    return tuple(CreditShare(line, Decimal(share)) for line, share in zip(LINES, shares, strict=False))


@given(st.integers(0, 10**15), st.integers(1, 4_999), st.integers(1, 5_000))
def test_every_fen_is_given_out_and_no_line_is_a_fen_off_its_share(fen: int, first: int, second: int) -> None:
    parts = [Decimal(first) / 10_000, Decimal(second) / 10_000]
    credit = tuple(
        CreditShare(line, part) for line, part in zip(LINES, [*parts, 1 - sum(parts)], strict=True)
    )
    told = credit_of(fen, credit)
    assert sum(told.values()) == fen
    assert all(abs(told[one.line] - fen * one.share) < 1 for one in credit)


def test_a_joint_campaign_needs_two_lines_whose_shares_make_the_whole() -> None:
    assert offer_problems(JOINT) == ["no_credit"]
    assert offer_problems(replace(JOINT, credit=shared("0.6", "0.4"))) == []
    assert offer_problems(replace(JOINT, credit=shared("0.6", "0.3"))) == ["credit_not_whole"]
    assert offer_problems(replace(JOINT, credit=shared("0.6", "0.4")[:1] * 2)) == ["credit_not_whole"]
    assert offer_problems(replace(JOINT, kind="standard")) == []


def test_the_form_gives_back_what_it_was_told() -> None:
    plan = replace(JOINT, credit=shared("0.6", "0.4"))
    form = OfferForm(OfferForm.said(plan) | {"reward": ""}, choices={"products": []})
    assert form.is_valid(), form.errors
    assert form.changed(plan).content_hash() == plan.content_hash()


def test_a_kind_of_campaign_is_asked_for_what_it_has_alone() -> None:
    forms = {
        kind: OfferForm({"offer": "礼遇"}, choices={"products": []})
        for kind in ("standard", "referral", "joint")
    }
    for kind, form in forms.items():
        form.fit(kind)
        assert form.is_valid(), form.errors
        assert form.changed(Plan(kind=kind)).credit == ()
    assert set(forms["standard"].fields) == {"products", "offer"}
    assert "reward" in forms["referral"].fields
    assert "line_0" in forms["joint"].fields
