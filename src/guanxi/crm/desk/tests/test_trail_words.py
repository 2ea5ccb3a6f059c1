"""Codes of the trail as words: nobody who reads it knows the codes of every room."""

import pytest
from django.utils import translation

from guanxi.crm.desk.trail.coded import details_in_codes, label_in_words

CAMPAIGN = "da922ff8-2a7f-54be-bcb0-62f06b91d4da"


@pytest.mark.parametrize(
    ("kind", "label", "said"),
    [
        ("keeping.exitproposal", "3465723062465866495 appealed", "3465723062465866495 已申诉"),
        ("keeping.exitproposal", "exitproposal 1", ""),
        ("performance.advice", "11 coverage 2026-09-30", "按期联系客户 2026-09-30"),
        ("keeping.handover", "14 → 15 2026-09-22", "2026-09-22"),
        ("planning.proposal", "1 2", "1-2"),
        ("campaigns.campaign", CAMPAIGN, "年末存单"),
        ("no.such", "7 open", "7 open"),
    ],
)
def test_what_a_deed_was_done_to_is_said_in_words(kind, label, said) -> None:
    with translation.override("zh-hans"):
        assert label_in_words(kind, label, {CAMPAIGN: "年末存单"}) == said


def test_details_name_people_and_products_and_the_state_then() -> None:
    with translation.override("zh-hans"):
        lead = details_in_codes("leads.opportunity", {"family": "cd", "owner": "S1"}, {"S1": "李敏"})
        told = details_in_codes("planning.proposal", {"lines": [["P1", "理财甲", 1, "suitable", "free"]]}, {})
    assert lead == {"family": "大额存单", "owner": "李敏 (S1)"}
    assert told == {"products": "理财甲"}
