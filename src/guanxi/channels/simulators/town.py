"""All simulated counterparts together (模拟对端), on free ports of this machine, with accounts that reach them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from guanxi.channels.simulators import gateway, mail, push, smsc, wecom
from guanxi.channels.simulators.afterlife import Customs
from guanxi.channels.simulators.ledger import Ledger
from guanxi.channels.simulators.mischief import Mischief

NAMES = ("smsc", "gateway", "mail", "wecom", "push")
KEY = "sandbox"


@dataclass(frozen=True)
class Weather:
    """How everybody behaves: the share that goes wrong, of whom says no, in how many seconds receipts come."""

    seed: int = 1
    wrong: float = 0.0
    opts_out: float = 0.0
    replies: float = 0.0
    seconds: float = 1.0
    fails: float = 0.0
    most_a_second: int = 0
    mode: gateway.Mode = "query"
    fsync: bool = False

    def mischief(self, fates: tuple[str, ...]) -> Mischief:
        """The share that goes wrong, equally among these fates."""
        return Mischief(self.seed, dict.fromkeys(fates, self.wrong / len(fates)))

    def customs(self) -> Customs:
        """What follows an acceptance."""
        each = self.wrong / 4
        return Customs(
            self.seed, self.seconds, self.fails, late=each, twice=each, silent=each, early=each,
            replies=self.replies, opts_out=self.opts_out,
        )  # fmt: skip


class Simulator(Protocol):
    """What all simulators share."""

    ledger: Ledger
    port: int

    async def __aenter__(self) -> Any:
        """Start."""

    async def __aexit__(self, *_: object) -> None:
        """Stop."""


def make(name: str, folder: Path, weather: Weather, port: int = 0) -> Simulator:
    """One simulator, not yet started; its ledger is `<folder>/<name>.jsonl`."""
    return _MAKERS[name](folder, weather, port)


def _smsc(folder: Path, weather: Weather, port: int) -> Simulator:
    fates, customs = weather.mischief(tuple(smsc.FATES)), weather.customs()
    ledger = folder / "smsc.jsonl"
    most, fsync = weather.most_a_second, weather.fsync
    return smsc.Smsc(smsc.SmscSetting(port, fates, customs, most_a_second=most, ledger=ledger, fsync=fsync))


def _gateway(folder: Path, weather: Weather, port: int) -> Simulator:
    setting = gateway.GatewaySetting(
        weather.mode, key=KEY, port=port, requests=weather.mischief(gateway.REQUEST_FATES),
        messages=weather.mischief(gateway.MESSAGE_FATES), customs=weather.customs(),
        ledger=folder / "gateway.jsonl", fsync=weather.fsync,
    )  # fmt: skip
    return gateway.Gateway(setting)


def _mail(folder: Path, weather: Weather, port: int) -> Simulator:
    returns = {"bounce": weather.fails, "opt out": weather.opts_out / 2, "unsubscribe": weather.opts_out / 2,
               "reply": weather.replies, "auto reply": weather.wrong}  # fmt: skip
    setting = mail.MailSetting(
        port, weather.mischief(mail.FATES), Mischief(weather.seed, returns), maildir=folder / "mailbox",
        ledger=folder / "mail.jsonl", fsync=weather.fsync,
    )  # fmt: skip
    return mail.MailServer(setting)


def _wecom(folder: Path, weather: Weather, port: int) -> Simulator:
    calls = weather.mischief(("busy", "limit", "expired"))
    return wecom.WecomFake(
        wecom.WecomSetting(port, calls=calls, ledger=folder / "wecom.jsonl", fsync=weather.fsync)
    )


def _push(folder: Path, weather: Weather, port: int) -> Simulator:
    fates = weather.mischief(push.FATES)
    return push.PushService(
        push.PushSetting(port, KEY, fates=fates, ledger=folder / "push.jsonl", fsync=weather.fsync)
    )


_MAKERS: dict[str, Callable[[Path, Weather, int], Simulator]] = {
    "smsc": _smsc, "gateway": _gateway, "mail": _mail, "wecom": _wecom, "push": _push,
}  # fmt: skip


def accounts(folder: Path, ports: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Accounts that reach the simulators on these ports, by code: kind, settings and secrets for `open_channel`.

    Whatever `folder` holds (inbox, mailbox, lists) belongs to the sandbox alone.
    """
    here = "127.0.0.1"
    sign = {"signature": "【示范银行】", "fen_a_part": "4.5"}
    wecom_settings = {"corp_id": "corp", "agent_id": 1, "folder": str(folder / "wecom")}
    made: dict[str, dict[str, Any]] = {
        "call": _account("call_list", {"folder": str(folder / "calls")}),
        "letter": _account("letter", {"folder": str(folder / "letters"), "fen": 120}),
    }
    if port := ports.get("smsc"):
        bind = {"host": here, "port": port, "system_id": "guanxi", "window": 50, **sign}
        for code, source, way_out in (
            ("sms", "10690001", ""),
            ("sms-marketing", "10690002", "，拒收请回复R"),
        ):
            own = {"source": source, "way_out": way_out, "inbox": str(folder / "inbox" / code)}
            made[code] = _account("sms_smpp", {**bind, **own}, password=KEY)
    if port := ports.get("gateway"):
        made["sms-http"] = _account(
            "sms_http", {"url": f"http://{here}:{port}", "account": "guanxi", **sign}, key=KEY
        )
    if port := ports.get("mail"):
        boxes = {"sender": "news@bank.example", "bounces": "bounce@bank.example",
                 "unsubscribe_mail": "unsubscribe@bank.example", "maildir": str(folder / "mailbox")}  # fmt: skip
        made["email"] = _account(
            "email_smtp", {"host": here, "port": port, "security": "none", "name": "示范银行", **boxes}
        )
    if port := ports.get("wecom"):
        for code, kind in (("wecom-staff", "wecom_app"), ("wecom", "wecom_mass")):
            made[code] = _account(kind, {"url": f"http://{here}:{port}", **wecom_settings}, app_secret=KEY)
    if port := ports.get("push"):
        made["push"] = _account("webhook", {"url": f"http://{here}:{port}/push", "idempotent": True}, key=KEY)
    return made


def _account(kind: str, settings: dict[str, Any], **secrets: str) -> dict[str, Any]:
    return {"kind": kind, "settings": settings, "secrets": secrets}


class Town:
    """Some simulators running together; their accounts stand in `<folder>/accounts.json` while they run."""

    def __init__(
        self, folder: Path, weather: Weather, names: tuple[str, ...] = NAMES, first_port: int = 0
    ) -> None:
        self.folder = folder
        self.simulators = {
            name: make(name, folder, weather, first_port + at if first_port else 0)
            for at, name in enumerate(names)
        }
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Town:
        """Start them all."""
        for simulator in self.simulators.values():
            await self._stack.enter_async_context(simulator)
        told = json.dumps(self.accounts, ensure_ascii=False, indent=1)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "accounts.json").write_text(told + "\n", encoding="utf-8")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop them all."""
        (self.folder / "accounts.json").unlink(missing_ok=True)
        await self._stack.aclose()

    @property
    def accounts(self) -> dict[str, dict[str, Any]]:
        """Accounts that reach what runs."""
        return accounts(self.folder, {name: one.port for name, one in self.simulators.items()})

    def counts(self) -> dict[str, Counter[str]]:
        """What each has done so far."""
        return {name: simulator.ledger.counts for name, simulator in self.simulators.items()}


async def run(town: Town, tell: Callable[[str], None], every: float = 1.0) -> None:
    """Run until cancelled; whenever the counters moved, tell them."""
    async with town:
        for name, simulator in town.simulators.items():
            tell(f"{name}: 127.0.0.1:{simulator.port}")
        before = ""
        while True:
            await asyncio.sleep(every)
            line = " | ".join(f"{name} {_short(counts)}" for name, counts in town.counts().items() if counts)
            if line != before:
                tell(line)
                before = line


def _short(counts: Counter[str]) -> str:
    return " ".join(f"{deed} {count:,}" for deed, count in sorted(counts.items()))
