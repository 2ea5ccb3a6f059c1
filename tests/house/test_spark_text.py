"""The Spark text of every step lies in tests/house/spark/, so that a review sees what a changed step does there.

After a step was changed on purpose: GUANXI_RENEW=1 pytest tests/house/test_spark_text.py, and commit what it wrote.
"""

import os
from pathlib import Path

import pytest

from guanxi.insight.way import Step, the_way
from guanxi.lake.dialect import to_spark

FOLDER = Path(__file__).parent / "spark"
STEPS = tuple(step for step in the_way() if step.sql)
RENEW = "GUANXI_RENEW=1 .venv/bin/pytest -q tests/house/test_spark_text.py"


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_the_spark_text_of_the_step_is_the_one_on_file(step: Step) -> None:
    file, text = FOLDER / f"{step.name}.sql", to_spark(step.sql) + "\n"
    if os.environ.get("GUANXI_RENEW"):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf8")
    known = file.read_text(encoding="utf8") if file.exists() else ""
    assert text == known, f"{step.name} says something else to Spark now; if meant so: {RENEW}"


def test_no_text_is_kept_of_a_step_that_is_gone() -> None:
    gone = {file.stem for file in FOLDER.glob("*.sql")} - {step.name for step in STEPS}
    for name in gone if os.environ.get("GUANXI_RENEW") else ():
        (FOLDER / f"{name}.sql").unlink()
        gone = set()
    assert not gone, f"no such step any more: {sorted(gone)}; {RENEW}"
