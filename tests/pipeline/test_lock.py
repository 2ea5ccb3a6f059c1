"""Two runs at once: the second is told who holds the lock, and a dead holder holds nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from guanxi.pipeline.lock import RunLocked, run_lock

HOLD = """
import sys, time
from pathlib import Path
from guanxi.pipeline.lock import run_lock
with run_lock(Path(sys.argv[1]), holder="pid of the first, 2026-10-31"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_run_is_told_who_holds_the_lock_and_a_killed_holder_frees_it(tmp_path: Path) -> None:
    first = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == b"held\n"
        with (
            pytest.raises(RunLocked, match="pid of the first, 2026-10-31"),
            run_lock(tmp_path, holder="second"),
        ):
            pass
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        first.stdout.close()
    with run_lock(tmp_path, holder="third"):
        pass
