"""The same wishes give the same bytes, whatever the process did before and however it is set up."""

import hashlib
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from guanxi.pipeline.demo.columns import words
from guanxi.pipeline.demo.writer import ExtractWriter, _each_word_once

MAKE = """
import sys
from pathlib import Path
import pyarrow as pa
from guanxi.pipeline.demo import generate
folder, threads, before = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "yes"
pa.set_cpu_count(threads)
if before:
    generate(folder / "other", customers=120, months=2, seed=99, profile="seed")
generate(folder / "bank", customers=300, months=4)
"""


def made(folder: Path, *, threads: int, before: bool, **environment: str) -> dict[str, str]:
    """Hashes of all files of a bank made by a process of its own."""
    subprocess.run(
        [sys.executable, "-c", MAKE, str(folder), str(threads), "yes" if before else "no"],
        env={**os.environ, **environment},
        check=True,
    )
    files = sorted(path for path in (folder / "bank").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def usual(tmp_path_factory) -> dict[str, str]:
    return made(tmp_path_factory.mktemp("usual"), threads=2, before=False)


@pytest.mark.parametrize(
    ("threads", "before", "environment"),
    [
        (1, False, {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1"}),
        (4, True, {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "4"}),
        # glibc fills fresh memory with another byte each time: whatever is written unset shows.
        (2, False, {"MALLOC_PERTURB_": "85", "ARROW_DEFAULT_MEMORY_POOL": "system"}),
        (2, True, {"MALLOC_PERTURB_": "170", "ARROW_DEFAULT_MEMORY_POOL": "system"}),
    ],
)
def test_neither_hash_seed_nor_threads_nor_stale_memory_change_a_byte(
    usual, tmp_path, threads, before, environment
) -> None:
    assert made(tmp_path, threads=threads, before=before, **environment) == usual
    assert len(usual) >= 23


def test_a_dictionary_with_a_word_twice_is_written_with_each_word_once() -> None:
    codes = np.array([0, 3, -1, 2, 1, 2])
    table = pa.table({"name": words(codes, ["王芳", "李伟", "王芳", "李伟"])})
    once = _each_word_once(table)
    assert once["name"].chunk(0).dictionary.to_pylist() == ["王芳", "李伟"]
    assert once["name"].to_pylist() == ["王芳", "李伟", None, "王芳", "李伟", "王芳"]
    assert once["name"].to_pylist() == table["name"].to_pylist()


def test_a_column_that_the_contract_does_not_know_is_refused(tmp_path) -> None:
    out = ExtractWriter(tmp_path, date(2026, 10, 31), big=False, complete=True)
    with pytest.raises(ValueError, match="nickname"):
        out.write("units", pa.table({"unit_no": ["9000"], "nickname": ["x"]}))
