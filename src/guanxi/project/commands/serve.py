"""`guanxi serve`: the workbench for people, on granian."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import nullcontext

from guanxi.project.cli import add_bank_argument, working_for
from guanxi.project.commands import worker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--bank FOLDER --host --port --no-worker."""
    add_bank_argument(parser, default="banks/demo")
    parser.add_argument("--no-worker", action="store_true", help="a worker runs elsewhere (guanxi worker)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="the first free port from here on is taken")


def main(parsed: argparse.Namespace) -> int:
    """Serve until Ctrl-C; no process stays behind."""
    from guanxi.pipeline.bank import open_bank
    from guanxi.project.database import home_folder

    with working_for(open_bank(parsed.bank, home_folder(os.environ))):
        from guanxi.project.databases import migrate

        migrate()
        port = free_port(parsed.host, parsed.port)
        print(f"http://{parsed.host}:{port}/")
        working = nullcontext() if parsed.no_worker else worker.beside(os.environ)
        with start_server(parsed.host, port, os.environ) as server, working:
            return wait_for(server)


def free_port(host: str, first: int) -> int:
    """The first port from `first` on that nobody listens on."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex((host, port)) != 0:
                return port
    raise OSError(f"no free port from {first} to {first + 99} on {host}")


def start_server(host: str, port: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Granian with two workers, in a process group of its own so that it can be ended whole."""
    program = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    size = ["--workers", "2", "--blocking-threads", "2", "--no-ws", "--log-level", "warning"]
    command = [*program, *size, "guanxi.project.wsgi:application"]
    return subprocess.Popen(command, env=dict(environment), start_new_session=True)


def wait_for(server: subprocess.Popen[bytes]) -> int:
    """Wait for the server; on Ctrl-C or a termination signal end it and wait for its last worker."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        end_server(server)


def end_server(server: subprocess.Popen[bytes]) -> None:
    """End the server's whole process group, gently first."""
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _interrupt(number: int, frame: object) -> None:  # noqa: ARG001  # a signal handler's signature
    raise KeyboardInterrupt
