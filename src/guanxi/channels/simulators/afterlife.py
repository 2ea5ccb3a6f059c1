"""What follows an acceptance, for every simulator alike: receipts on time, late, twice or never, and replies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from guanxi.channels.simulators.ledger import Ledger
from guanxi.channels.simulators.mischief import Mischief, part_of_one

# What customers really write back when they want no more, and what they write otherwise.
WAYS_OUT = ("退订", "TD", "T", "R", "td", " 退订 ", "退订。", "不要再发了", "取消订阅", "拒收", "Ｔ", "ｔｄ")
SMALL_TALK = ("好的", "谢谢", "收到", "利率多少？", "请客户经理联系我", "👍")


@dataclass(frozen=True)
class Sequel:
    """One thing the counterpart will say later about a message."""

    kind: str  # receipt or reply
    out_id: str
    vendor_id: str
    address: str
    sender: str
    state: str = ""
    code: str = ""
    text: str = ""
    session: str = ""  # who submitted it, where the counterpart tells sessions apart
    account: str = ""

    @property
    def at(self) -> str:
        """The instant it is told, as text."""
        return datetime.now(UTC).isoformat()


@dataclass(frozen=True)
class Customs:
    """How the counterpart treats what it accepted. Shares are of accepted messages; seconds are upper bounds."""

    seed: int = 1
    seconds: float = 0.0
    fails: float = 0.0
    late: float = 0.0
    late_seconds: float = 1.0
    twice: float = 0.0
    silent: float = 0.0
    early: float = 0.0
    replies: float = 0.0
    opts_out: float = 0.0

    def mischief(self) -> Mischief:
        """What happens to a receipt."""
        return Mischief(
            self.seed, {"late": self.late, "twice": self.twice, "silent": self.silent, "early": self.early}
        )


Tell = Callable[[Sequel], Awaitable[None]]


class Afterlife:
    """Plans what follows each acceptance and tells it through `tell` when its time has come."""

    def __init__(self, customs: Customs, ledger: Ledger, tell: Tell) -> None:
        self._customs = customs
        self._mischief = customs.mischief()
        self._ledger = ledger
        self._tell = tell
        self._later: set[asyncio.TimerHandle] = set()
        self._telling: set[asyncio.Task[None]] = set()

    def is_early(self, vendor_id: str) -> bool:
        """Whether this message's receipt overtakes the answer to its submission."""
        return self._mischief.fate("receipt", vendor_id) == "early"

    def begin(
        self,
        out_id: str,
        vendor_id: str,
        address: str,
        sender: str,
        *,
        wants_receipt: bool = True,
        session: str = "",
        account: str = "",
    ) -> None:
        """A message was accepted: its receipt and perhaps a reply will follow."""
        fails = self._customs.fails
        failed = fails > 0 and part_of_one(self._customs.seed, "fails", vendor_id) < fails
        state, code = ("failed", "UNDELIV") if failed else ("delivered", "DELIVRD")
        of = Sequel("receipt", out_id, vendor_id, address, sender, session=session, account=account)
        receipt = replace(of, state=state, code=code)
        fate = self._mischief.fate("receipt", vendor_id)
        if wants_receipt and fate != "silent":
            for _ in range(2 if fate == "twice" else 1):
                self._plan(receipt, self._customs.late_seconds if fate == "late" else self._delay(vendor_id))
        if fate in ("silent", "twice", "late"):
            self._ledger.count(f"receipt {fate}")
        if not failed:
            self._answer_back(of)

    def _answer_back(self, of: Sequel) -> None:
        vendor_id = of.vendor_id
        share = self._customs.opts_out + self._customs.replies
        if not share or (at := part_of_one(self._customs.seed, "reply", vendor_id)) >= share:
            return
        choices = WAYS_OUT if at < self._customs.opts_out else SMALL_TALK
        text = choices[int(part_of_one("words", vendor_id) * len(choices))]
        self._plan(replace(of, kind="reply", text=text), self._delay(vendor_id) * 2)

    def _delay(self, vendor_id: str) -> float:
        seconds = self._customs.seconds
        return seconds * part_of_one(self._customs.seed, "delay", vendor_id) if seconds else 0.0

    def _plan(self, sequel: Sequel, delay: float) -> None:
        if not delay:
            return self._say(sequel)
        handle: list[asyncio.TimerHandle] = []

        def due() -> None:
            self._later.discard(handle[0])
            self._say(sequel)

        handle.append(asyncio.get_running_loop().call_later(delay, due))
        self._later.add(handle[0])
        return None

    def _say(self, sequel: Sequel) -> None:
        task = asyncio.ensure_future(self._tell(sequel))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    @property
    def outstanding(self) -> int:
        """What is still to be told."""
        return len(self._later) + len(self._telling)

    def stop(self) -> None:
        """Forget what is still to be told."""
        for handle in self._later:
            handle.cancel()
        for task in self._telling:
            task.cancel()
        self._later.clear()
