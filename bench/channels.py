# ruff: noqa: ARG002, ASYNC110 - the rival's own face; waiting for what another process does
"""`python -m bench.channels [--messages N] [--window W] [--times T]`: how fast SMPP goes, beside two other clients.

Each client hands the same messages to the same simulated SMSC, a process of its own, and waits for every answer and
every receipt. They take turns; the cheapest run of each counts, in wall time and in processor time of the client.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import smpp34
from aiosmpplib import ESME
from aiosmpplib.broker import SimpleBroker
from aiosmpplib.hook import AbstractHook
from aiosmpplib.log import StructuredLogger
from aiosmpplib.protocol import DeliverSm, SmppMessage, SubmitSm, SubmitSmResp
from aiosmpplib.state import PhoneNumber
from aiosmpplib.throttle import SimpleThrottleHandler

from guanxi.channels.face import Accepted, Outgoing, Receipt
from guanxi.channels.register import open_channel

TEXT = "【示范银行】您尾号8821的定期存款将于明日到期，请及时办理"
CALL = 1000


@dataclass(frozen=True)
class Run:
    """One client's run: seconds on the wall, seconds of its processor, answers and receipts it saw."""

    wall: float
    cpu: float
    answers: int
    receipts: int


@contextmanager
def smsc(folder: Path) -> Iterator[int]:
    """The simulated SMSC as a process; nothing goes wrong, receipts come at once."""
    command = [sys.executable, "-m", "guanxi.project.cli", "simulator", "smsc", "--folder", str(folder)]
    quiet = ["--fails", "0", "--opt-out", "0", "--replies", "0", "--seconds", "0"]
    told = folder / "accounts.json"
    with subprocess.Popen([*command, *quiet], stdout=subprocess.DEVNULL) as process:
        while not told.exists():
            time.sleep(0.05)
        try:
            yield json.loads(told.read_text())["sms"]["settings"]["port"]
        finally:
            process.kill()


async def ours(port: int, count: int, window: int) -> tuple[int, int]:
    """Guanxi's channel, in calls of a thousand, its inbox on disk."""
    with tempfile.TemporaryDirectory() as inbox:
        settings = {
            "host": "127.0.0.1",
            "port": port,
            "system_id": "guanxi",
            "source": "1069",
            "window": window,
        }
        channel = open_channel("sms_smpp", {**settings, "seconds": 60.0, "inbox": inbox}, {"password": "x"})
        await channel.open()
        answers = receipts = 0
        for start in range(0, count, CALL):
            batch = [
                Outgoing(f"m{n}", f"{13900000000 + n}", TEXT) for n in range(start, min(count, start + CALL))
            ]
            answers += sum(isinstance(answer, Accepted) for answer in await channel.send(batch))
            receipts += sum(isinstance(one, Receipt) for one in await channel.heard())
        while receipts < count:
            await asyncio.sleep(0.02)
            receipts += sum(isinstance(one, Receipt) for one in await channel.heard())
        await channel.close()
        return answers, receipts


async def rust(port: int, count: int, window: int) -> tuple[int, int]:
    """smpp34's own client."""
    client = smpp34.Client(
        "127.0.0.1", port, "rival", "x", bind_type="TRX", window_size=window, inbound_capacity=100_000
    )
    session = await client.connect()
    receipts, answers = 0, 0
    gate = asyncio.Semaphore(window)
    octets = TEXT.encode("utf-16-be")

    async def hear() -> None:
        nonlocal receipts
        while receipts < count:
            receipts += isinstance(await session.next(), smpp34.DeliverSmEvent)

    async def submit(number: int) -> None:
        nonlocal answers
        async with gate:
            told = await session.submit_sm(
                f"{13900000000 + number}", octets, source_addr="1069", data_coding=8, registered_delivery=1
            )
        answers += told.is_success

    hearing = asyncio.create_task(hear())
    for start in range(0, count, CALL):
        await asyncio.gather(*(submit(number) for number in range(start, min(count, start + CALL))))
    await hearing
    await session.unbind()
    return answers, receipts


class _Counting(AbstractHook):
    def __init__(self, window: int) -> None:
        self.answers = self.receipts = 0
        self.gate = asyncio.Semaphore(window)

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None: ...

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        if isinstance(smpp_message, SubmitSmResp):
            self.answers += 1
            self.gate.release()
        self.receipts += isinstance(smpp_message, DeliverSm)

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        self.gate.release()


async def python(port: int, count: int, window: int) -> tuple[int, int]:
    """aiosmpplib's ESME, its log off, with a window put around it."""
    hook, broker = _Counting(window), SimpleBroker(maxsize=window * 2)
    throttle = SimpleThrottleHandler(StructuredLogger("bench", 50))
    esme = ESME(
        "127.0.0.1", port, "rival2", "x", hook=hook, broker=broker, log_level=50, throttle_handler=throttle
    )
    running = asyncio.create_task(esme.start())
    for number in range(count):
        await hook.gate.acquire()
        message = SubmitSm(
            short_message=TEXT, source=PhoneNumber("1069"), destination=PhoneNumber(f"{13900000000 + number}"),
            encoding="ucs2", log_id=f"m{number}",
        )  # fmt: skip
        await broker.enqueue(message)
    while hook.receipts < count:
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return hook.answers, hook.receipts


CLIENTS: dict[str, Callable[[int, int, int], Awaitable[tuple[int, int]]]] = {
    "Guanxi": ours, "smpp34 1.5 (Rust)": rust, "aiosmpplib 0.7": python,
}  # fmt: skip


def measure(name: str, count: int, window: int) -> Run:
    """One run of one client against a fresh SMSC."""
    with tempfile.TemporaryDirectory() as folder, smsc(Path(folder)) as port:
        wall, cpu = time.perf_counter(), time.process_time()
        answers, receipts = asyncio.run(asyncio.wait_for(CLIENTS[name](port, count, window), 1800))  # type: ignore[arg-type]
        return Run(time.perf_counter() - wall, time.process_time() - cpu, answers, receipts)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="bench.channels")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--window", type=int, default=50)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    runs: dict[str, list[Run]] = {name: [] for name in CLIENTS}
    for _ in range(asked.times):
        for name in CLIENTS:
            runs[name].append(measure(name, asked.messages, asked.window))
            print(f"{name}: {runs[name][-1]}", flush=True)
    print(f"\n{asked.messages:,} messages, window {asked.window}, best of {asked.times}\n")
    print("| client | messages/s | processor µs a message | to Guanxi's rate |\n|---|---|---|---|")
    rates = {name: asked.messages / min(run.wall for run in told) for name, told in runs.items()}
    for name, told in runs.items():
        micro = min(run.cpu for run in told) / asked.messages * 1e6
        print(f"| {name} | {rates[name]:,.0f} | {micro:,.0f} | {rates[name] / rates['Guanxi']:.2f} |")


if __name__ == "__main__":
    main()
