"""A standalone Spark cluster on this machine, of separate processes that the test starts and ends by their ids."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyspark

SPARK_HOME = Path(pyspark.__file__).parent
PATIENCE = 180  # seconds that a machine with other work may take to start a JVM
PATH = "org.apache.spark.deploy"


@dataclass
class Cluster:
    """One master and its workers; each worker leads a process group with its executors in it."""

    folder: Path
    env: Mapping[str, str]
    port: int
    master: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What GUANXI_SPARK_MASTER says."""
        return f"spark://127.0.0.1:{self.port}"

    def log(self, name: str) -> str:
        """What one of the processes has said so far."""
        return (self.folder / f"{name}.log").read_text(encoding="utf8", errors="replace")

    def lose(self, worker: subprocess.Popen[bytes]) -> None:
        """The worker's machine goes down: it and its executors are gone at once, without a word."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@contextmanager
def standalone(folder: Path, *, workers: int, java_options: str) -> Iterator[Cluster]:
    """A cluster with this many workers of one core each; ends every process it started, whatever happens inside."""
    folder.mkdir(parents=True)
    env = {
        **os.environ,
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": java_options,
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_CONF_DIR": str(folder),
    }
    (folder / "spark-defaults.conf").write_text(
        f"spark.executor.memory 512m\nspark.driver.memory 768m\nspark.driver.extraJavaOptions {java_options}\n"
        f"spark.executor.extraJavaOptions {java_options}\nspark.driver.host 127.0.0.1\n",
        encoding="utf8",
    )
    port = _free_port()
    where = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    cluster = Cluster(folder, env, port, _start(folder, env, "master", f"{PATH}.master.Master", *where))
    try:
        _wait_for(cluster, "master", "Starting Spark master")
        for number in range(workers):
            work = ["--host", "127.0.0.1", "--cores", "1", "--memory", "600m", "--webui-port", "0"]
            work += ["--work-dir", str(folder / f"work-{number}"), cluster.url]
            cluster.workers.append(_start(folder, env, f"worker-{number}", f"{PATH}.worker.Worker", *work))
        for number in range(workers):
            _wait_for(cluster, f"worker-{number}", "Successfully registered")
        yield cluster
    finally:
        for process in (*cluster.workers, cluster.master):
            _end(process)


def _start(
    folder: Path, env: Mapping[str, str], name: str, main: str, *arguments: str
) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [str(SPARK_HOME / "bin" / "spark-class"), main, *arguments],
            env=dict(env), cwd=folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def _wait_for(cluster: Cluster, name: str, words: str) -> None:
    until = time.monotonic() + PATIENCE
    while words not in cluster.log(name):
        if time.monotonic() > until:
            raise TimeoutError(f"{name} did not say '{words}' in {PATIENCE} s:\n{cluster.log(name)[-2000:]}")
        time.sleep(0.2)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process group this test started; one already lost is left alone."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
