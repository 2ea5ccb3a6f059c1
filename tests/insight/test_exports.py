"""No field of any export leaves for a purpose its data may not be used for: every field against every purpose."""

from itertools import product

import pytest

from guanxi.insight.data_map.catalogue import DataMapError, data_map
from guanxi.insight.data_map.exports import exports, read_exports
from guanxi.insight.data_map.purposes import Purpose


def test_every_field_against_every_purpose() -> None:
    known = data_map()
    seen = set()
    for declared, purpose in product(exports().values(), Purpose):
        for field, kinds in declared.fields.items():
            may = all(purpose in kind.purposes for kind in kinds)
            assert (field in declared.wrong_fields([field], purpose)) is (not may)
            seen.add((purpose, may))
    assert {purpose for purpose, may in seen if not may} >= {
        Purpose.ANALYSIS,
        Purpose.COMPLAINTS,
        Purpose.RISK,
    }
    name = known.entry("customers.party", "name").kind
    assert Purpose.ANALYSIS not in name.purposes


def test_names_do_not_leave_for_analysis_and_assets_not_for_complaints() -> None:
    declared = exports()["customers"]
    assert declared.wrong_fields(["tier", "name", "aum"], Purpose.ANALYSIS) == ["name"]
    assert declared.wrong_fields(["name", "aum"], Purpose.COMPLAINTS) == ["aum"]


def test_a_document_is_asked_as_a_whole() -> None:
    found = read_exports('[paper]\npurposes = "service"\nholds = "customers.party.name"', data_map())["paper"]
    assert found.wrong_fields([], Purpose.ANALYSIS) == ["customers.party.name"]


def test_a_column_nobody_declared_does_not_leave() -> None:
    with pytest.raises(DataMapError, match="salary"):
        exports()["customers"].wrong_fields(["salary"], Purpose.SERVICE)


@pytest.mark.parametrize(
    "text",
    [
        '[a]\npurposes = "gossip"\nall = "figures"',
        '[a]\npurposes = ""\nall = "figures"',
        '[a]\npurposes = "service"',
        '[a]\npurposes = "service"\nall = "figures"\nname = "customers.party.name"',
        '[a]\npurposes = "service"\nall = "secrets"',
        '[a]\npurposes = "service"\nname = "customers.party.nickname"',
        '[a]\npurposes = "analysis"\nname = "customers.party.name"',
    ],
)
def test_declarations_that_do_not_hold_are_refused(text: str) -> None:
    with pytest.raises(DataMapError):
        read_exports(text, data_map())
