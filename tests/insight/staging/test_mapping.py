"""A mapping is read, or every problem it has is said in both languages."""

import pytest

from guanxi.insight.staging.contract import FILES
from guanxi.insight.staging.mapping import MappingError, bank_files, read_mapping
from guanxi.insight.staging.statements import binding_problems

HEAD = '[bank]\nsource = "core"\nbase_currency = "CNY"\n'


def problems(text: str) -> str:
    with pytest.raises(MappingError) as error:
        read_mapping(text)
    assert all(said.en and said.zh and said.where for said in error.value.problems)
    assert all(said.words("zh") != said.words("en") for said in error.value.problems)
    return str(error.value)


def test_standard_names_stand_for_every_file_the_mapping_does_not_name() -> None:
    mapping = read_mapping(
        HEAD
        + 'standard_names = true\n[[file]]\nto = "units"\nfrom = "JG.txt"\n[file.columns]\nunit_no = "A"\n'
    )
    assert {source.to for source in mapping.sources} == {file.name for file in FILES}
    assert [source.file for source in mapping.sources_of("units")] == ["JG.txt"]
    assert [source.file for source in mapping.sources_of("fx_rates")] == ["fx_rates.*"]
    assert "JG.txt" in set(bank_files(mapping))


def test_formats_of_a_file_win_over_those_of_all() -> None:
    text = HEAD + '[format]\ndelimiter = "|"\ndates = ["%Y%m%d"]\n'
    text += '[[file]]\nto = "units"\n[file.format]\nquote = ""\ndates = "%d.%m.%Y"\n'
    source = read_mapping(text).sources[0]
    assert (source.layout.delimiter, source.layout.quote) == ("|", "")
    assert source.dates_of("valid_from") == ("%d.%m.%Y",)


@pytest.mark.parametrize(
    ("basis", "means"),
    [("daily", "daily"), ("transactions", "daily"), ("accumulated", "daily"), ("month_end", "month_end")],
)
def test_averages_stand_on_days_unless_only_month_ends_exist(basis: str, means: str) -> None:
    mapping = read_mapping(HEAD + f'balance_basis = "{basis}"\nstandard_names = true\n')
    assert (mapping.balance_basis, mapping.stated_basis) == (means, basis)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[bank", "not valid TOML"),
        ("", "`source` is missing"),
        (HEAD, "no [[file]] maps anything"),
        (HEAD + "sorce = 1\n", "unknown setting `sorce`"),
        (HEAD + "scale = 3\n", "say 0, 1 or 2"),
        (HEAD + 'balance_basis = "weekly"\n', "'weekly' is none of"),
        (HEAD + '[format]\nencoding = "latin-1"\n', "'latin-1' is none of"),
        (HEAD + '[format]\ndelimiter = "||"\n', "delimiter is one character"),
        (HEAD + "[format]\nquote = false\n", "should be of the kind str"),
        (HEAD + '[format]\nminor_units = "yes"\n', "should be of the kind bool"),
        (HEAD + '[[file]]\nto = "clients"\n', "`to` must be one of"),
        (
            HEAD + '[[file]]\nto = "units"\n[file.columns]\nnumber = "a"\n',
            "the contract has no column units.number",
        ),
        (
            HEAD + '[[file]]\nto = "units"\n[file.columns]\nname = "a"\n[file.constants]\nname = "b"\n',
            "mapped more than once",
        ),
        (HEAD + '[[file]]\nto = "units"\n[file.values.kind]\n1 = "office"\n', "'office' is none of"),
        (
            HEAD + '[[file]]\nto = "units"\n[file.expressions]\nname = "(SELECT 1)"\n',
            "may not be used in an expression",
        ),
        (HEAD + '[[file]]\nto = "units"\nwhere = "COUNT(*) > 1"\n', "may not be used in an expression"),
        (HEAD + '[[file]]\nto = "units"\n[[file.lookup]]\nname = "x"\n', "`key` is missing"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    assert said in problems(text)


def test_all_problems_are_said_at_once() -> None:
    text = problems('[bank]\n[[file]]\nto = "clients"\n[[file]]\nto = "units"\nfrm = "x"\n')
    assert all(said in text for said in ("`source`", "`base_currency`", "'clients'", "`frm`"))


def test_a_column_the_bank_file_does_not_have_is_named() -> None:
    text = (
        HEAD
        + """[[file]]
to = "account_parties"
columns = { account_no = "ZH", customer_no = "KH" }
where = "ZT = '1' AND org.BM = '2'"
[file.constants]
role = "holder"
[[file.lookup]]
name = "org"
from = "x"
key = "JG"
on = "ORG"
"""
    )
    source = read_mapping(text).sources[0]
    said = " ".join(str(item) for item in binding_problems(source, ["ZH", "ORG"], {"org": ["JG"]}))
    assert "'KH'" in said
    assert "'ZT'" in said
    assert "'org.BM'" in said
    assert "'ZH'" not in said
    assert binding_problems(source, ["ZH", "KH", "ORG", "ZT"], {"org": ["JG", "BM"]}) == []
