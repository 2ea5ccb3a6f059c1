"""Files are read whatever their encoding, packing and separators, and a damaged one is refused in words."""

import csv
import gzip
import io
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from guanxi.insight.staging.mapping import Layout
from guanxi.lake import reading
from guanxi.lake.reading import LINE, ReadingError, batches, encoding_of, header

RARE = [
    "𠮷野",
    "䶮",
    "买买提·艾合买提",
    "王",
    "阿卜杜热合曼·麦麦提图尔荪·玉苏普艾力江艾",
    "\ue000",
    "李\u200b四",
    "𪚥",
]


def records(path: Path, layout: Layout | None = None) -> list[tuple]:
    """(line, values …) of every record."""
    found = []
    for batch in batches(path, layout or Layout()):
        names = [name for name in batch.table.column_names if name != LINE]
        found += zip(
            batch.table[LINE].to_pylist(), *(batch.table[name].to_pylist() for name in names), strict=True
        )
    return found


def rejected(path: Path, layout: Layout | None = None) -> list[tuple[int, str]]:
    """(line, rule) of every rejected line."""
    return [(item.line, item.rule) for batch in batches(path, layout or Layout()) for item in batch.rejected]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_names_come_through_byte_exact(
    tmp_path: Path, encoding: str, pack: Callable[[bytes], bytes], delimiter: str, end: str
) -> None:
    text = (
        end.join([f"no{delimiter}name", *(f"{place}{delimiter}{name}" for place, name in enumerate(RARE))])
        + end
    )
    path = tmp_path / "file.csv"
    path.write_bytes(pack(text.encode(encoding)))
    expected = [(place + 2, str(place), name) for place, name in enumerate(RARE)]
    assert records(path, Layout(delimiter=delimiter)) == expected
    assert records(path, Layout(delimiter=delimiter, encoding=encoding)) == expected


def test_a_gb18030_letter_may_hold_the_byte_of_a_separator(tmp_path: Path) -> None:
    name = next(letter for code in range(0x4E00, 0x9FFF) if b"|" in (letter := chr(code)).encode("gb18030"))
    path = tmp_path / "file.txt"
    path.write_bytes(f"no|name\n1|{name}\n".encode("gb18030"))
    assert records(path, Layout(delimiter="|", encoding="gb18030")) == [(2, "1", name)]


def test_chinese_in_utf8_inside_a_gb18030_file_is_refused_and_not_misread(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    lines = [
        b"no,name",
        "1,联通".encode("gb18030"),
        "2,张三丰".encode(),
        "3,王五".encode("gb18030"),
        b"",
    ]
    path.write_bytes(b"\n".join(lines))
    layout = Layout(encoding="gb18030")
    assert records(path, layout) == [(2, "1", "联通"), (4, "3", "王五")]
    assert rejected(path, layout) == [(3, "line.encoding")]


def test_the_encoding_is_found_and_an_unknown_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("no,name\n1,张三\n".encode("gb18030"))
    assert encoding_of(path, Layout()) == "gb18030"
    path.write_bytes("no,name\n1,张三\n".encode())
    assert encoding_of(path, Layout()) == "utf-8"
    for content in (
        "no,name\n1,张三\n".encode("utf-16"),
        b"\xff\xfe\xff\xff\n\xff\xff\n" * 20,
        b"\xff\xff\n\xfe\xff\n",
    ):
        path.write_bytes(content)
        with pytest.raises(ReadingError) as refusal:
            encoding_of(path, Layout())
        assert refusal.value.rule == "file.encoding"


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_packed_file_cut_anywhere_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    whole = pack(b"no,name\n" + b"".join(f"{n},name {n * n}\n".encode() for n in range(3000)))
    path = tmp_path / "file.csv"
    chance = random.Random(5)  # noqa: S311 - the same cuts each time
    for cut in [len(whole) - 1, len(whole) - 5, *chance.sample(range(20, len(whole)), 20)]:
        path.write_bytes(whole[:cut])
        with pytest.raises(ReadingError) as refusal:
            records(path)
        assert refusal.value.rule in {"file.broken", "file.header"}


def test_packed_files_laid_end_to_end_are_one(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    for pack in (gzip.compress, zstandard.compress):
        path.write_bytes(pack(b"a,b\n1,2\n") + pack(b"3,4\n"))
        assert records(path) == [(2, "1", "2"), (3, "3", "4")]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    parquet.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), path)
    assert records(path) == [(1, 1, "x"), (2, 2, "y")]
    path.write_bytes(path.read_bytes()[:-6])
    with pytest.raises(ReadingError):
        records(path)


def test_a_quoted_record_may_run_over_lines_and_keeps_the_line_it_begins_on(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b'a,b\n1,"two\nlines, ""quoted"""\n\n2,x\n3,"\n4,y\n')
    assert records(path) == [(2, "1", 'two\nlines, "quoted"'), (5, "2", "x"), (7, "4", "y")]
    assert rejected(path) == [(6, "line.quotes")]


def test_a_quote_that_never_closes_costs_one_line_also_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.csv"
    lines = [f"{n},v{n}" for n in range(2000)]
    lines[500] = '500,"open'
    lines[1999] = '1999,"open at the end'
    path.write_text("a,b\n" + "\n".join(lines) + "\n")
    monkeypatch.setattr(reading, "_BLOCK", 100)
    assert len(records(path)) == 1998
    assert rejected(path) == [(502, "line.quotes"), (2001, "line.quotes")]


def test_an_endless_line_costs_one_line_and_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n3,")
        for _ in range(24):
            file.write(b"9" * (1 << 20))
        file.write(b"\n5,6\n")
    assert records(path) == [(2, "1", "2"), (4, "5", "6")]
    found = [item for batch in batches(path, Layout()) for item in batch.rejected]
    assert [(item.line, item.rule) for item in found] == [(3, "line.too_long")]
    assert len(found[0].raw) <= 4096


def test_a_file_may_have_no_header_lines_before_it_and_a_separator_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("report of today\n1|2|\n3|4|\n5|6\n")
    layout = Layout(delimiter="|", columns=("a", "b"), skip_lines=1, trailing_delimiter=True)
    assert records(path, layout) == [(2, "1", "2"), (3, "3", "4")]
    assert rejected(path, layout) == [(4, "line.columns")]


@pytest.mark.parametrize("content", [b"", b"\n", b"a,,b\n1,2,3\n", b"a,a\n1,2\n", b" \n1\n"])
def test_a_header_without_clear_names_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(ReadingError) as refusal:
        header(path, Layout())
    assert refusal.value.rule == "file.header"


values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=8)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(values, values, values), max_size=30), st.integers(3, 400), st.sampled_from(",;|"))
def test_what_a_csv_writer_writes_is_read_back_in_blocks_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], block: int, delimiter: str
) -> None:
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([("a", "b", "c"), *rows])
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_BLOCK", block)
        found = records(path, Layout(delimiter=delimiter, encoding="utf-8"))
    assert [record[1:] for record in found] == rows
    assert [record[0] for record in found] == list(range(2, len(rows) + 2))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.integers(5, 300))
def test_no_bytes_whatever_crash_the_reader_and_every_line_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, block: int
) -> None:
    path = tmp_path_factory.mktemp("junk") / "file.csv"
    path.write_bytes(b"a,b\n" + junk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_BLOCK", block)
        lines = [line for line, *_ in records(path, Layout(encoding="utf-8"))]
        lines += [line for line, _ in rejected(path, Layout(encoding="utf-8"))]
    assert len(set(lines)) == len(lines)
    blank = {n for n, line in enumerate((b"a,b\n" + junk).split(b"\n"), 1) if not line.removesuffix(b"\r")}
    quoted = b'"' in junk
    assert quoted or set(lines) | blank | {1} >= set(range(1, 1 + (b"a,b\n" + junk).count(b"\n")))
