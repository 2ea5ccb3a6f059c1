"""The demo's counterparts (演示通道): simulators beside the server, and accounts in the sandbox that reach them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from guanxi.channels.simulators.ports import free_port

PATIENCE = 30.0
# What says where a counterpart is and where its things are kept: new with every start, the rest is the account's own.
PLACES = ("host", "port", "url", "inbox", "maildir", "folder")


@contextmanager
def counterparts(home: Path, environment: MutableMapping[str, str]) -> Iterator[None]:
    """Simulators while the block runs; the demo's accounts point at them and their keys stand in `environment`.

    Raises RuntimeError when they do not start in time.
    """
    folder = home / "simulators"
    told = folder / "accounts.json"
    told.unlink(missing_ok=True)
    command = [sys.executable, "-m", "guanxi.project.cli", "simulator", "--folder", str(folder)]
    with subprocess.Popen([*command, *_ports()], env=dict(environment), stdout=subprocess.DEVNULL) as process:
        try:
            accounts = _accounts(told, process)
            _point(accounts, environment)
            yield
        finally:
            process.terminate()


def _ports() -> list[str]:
    """A row of free ports; two demos on one machine do not meet."""
    return ["--first-port", str(free_port() % 20_000 + 30_000)]


def _accounts(told: Path, process: subprocess.Popen[bytes]) -> dict[str, dict[str, Any]]:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if told.exists():
            accounts: dict[str, dict[str, Any]] = json.loads(told.read_text(encoding="utf-8"))
            return accounts
        time.sleep(0.1)
    raise RuntimeError("the simulated counterparts of the channels did not start; their messages are above")


def _point(accounts: Mapping[str, Mapping[str, Any]], environment: MutableMapping[str, str]) -> None:
    """The demo's accounts in the sandbox lead to these simulators; whether they are on is a person's decision."""
    from guanxi.channels.register import open_channel
    from guanxi.crm.messaging.models import ChannelAccount
    from guanxi.pipeline.demo.past.messaging import ACCOUNTS, SECRETS

    keys = {name: value for told in accounts.values() for name, value in told["secrets"].items()}
    environment[SECRETS] = json.dumps(keys)
    for code, _name, _kind, _purpose, simulated, _rate in ACCOUNTS:
        account = ChannelAccount.objects.filter(code=code, sandbox=True).first()
        if account is None:
            continue
        told = accounts[simulated]
        places = {name: value for name, value in told["settings"].items() if name in PLACES}
        account.adapter, account.settings = told["kind"], {**account.settings, **places}
        channel = open_channel(account.adapter, account.settings, keys)
        account.can_ask, account.takes_twice = channel.can_ask, channel.takes_twice
        account.save(update_fields=["adapter", "settings", "can_ask", "takes_twice"])
