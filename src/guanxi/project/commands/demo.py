"""`guanxi demo`: the made-up bank, from nothing to a screen one can sign in to.

A second call finds the bank's data and only starts the server.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
import urllib.error
import urllib.request
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from guanxi.project.cli import working_for
from guanxi.project.commands import serve, worker
from guanxi.project.demo_channels import counterparts

if TYPE_CHECKING:
    from guanxi.pipeline.bank import Bank
    from guanxi.project.demo_accounts import DemoAccount

ROLES_SHOWN = (
    "relationship_manager",
    "outlet_head",
    "planner",
    "teller",
    "supervisor",
    "analyst",
    "administrator",
    "compliance",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """--customers, --months, --seed, --until, --port, --stop-when-ready."""
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=25)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--until", type=date.fromisoformat, default=date(2026, 10, 31), help="the business date"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--stop-when-ready", action="store_true", help="end as soon as the sign-in page answers"
    )


def main(parsed: argparse.Namespace) -> int:
    """Generate, run, serve; prints seconds for each, the address and the logins."""
    os.environ["GUANXI_DEMO"] = "1"
    from guanxi.pipeline.bank import open_bank
    from guanxi.project.database import home_folder

    console = Console()
    bank = open_bank(_bank_folder(), home_folder(os.environ))
    seconds: dict[str, float] = {}
    if os.environ.get("GUANXI_SETUP_SECONDS"):
        seconds["set-up"] = float(os.environ["GUANXI_SETUP_SECONDS"])
    began = time.perf_counter()
    with working_for(bank):
        from guanxi.lake.store import Store
        from guanxi.project import clock
        from guanxi.project.databases import migrate
        from guanxi.project.demo_accounts import open_demo_accounts

        migrate()
        seconds["database"] = time.perf_counter() - began
        standing = Store(bank.lake).standing()
        if not standing and _published():
            console.print(
                f"the demo bank's database holds nights whose lake ({bank.lake}) is gone; `make clean` removes both "
                "(数据库与数据湖不一致，请先运行 make clean)"
            )
            return 2
        if parsed.until not in standing:
            _make_bank(parsed, bank.home / "extracts", seconds, console)
            _run(parsed, bank, seconds, console)
        _tell_past(seconds)
        _mask(bank, console)
        accounts = open_demo_accounts(ROLES_SHOWN, today=clock.today(), file=bank.home / "demo-logins.json")
        return _serve(parsed, seconds, accounts, console)


def _published() -> bool:
    """Whether the store has a published night."""
    from guanxi.crm.scores.models import Run

    return Run.objects.filter(is_current=True).exists()


def _bank_folder() -> Path:
    here = Path.cwd() / "banks" / "demo"
    return here if here.is_dir() else Path(__file__).resolve().parents[4] / "banks" / "demo"


def _make_bank(parsed: argparse.Namespace, folder: Path, seconds: dict[str, float], console: Console) -> None:
    """The history up to the evening before, and the last day as a delivery of its own: two nights to compare."""
    from guanxi.pipeline.demo import generate_day
    from guanxi.pipeline.demo.command import generate_with_bar
    from guanxi.pipeline.demo.population import Wish

    began = time.perf_counter()
    shutil.rmtree(folder, ignore_errors=True)
    generate_with_bar(
        console,
        folder,
        customers=parsed.customers,
        months=parsed.months,
        seed=parsed.seed,
        until=parsed.until - timedelta(days=1),
        wish=Wish(morning=parsed.until + timedelta(days=1)),
    )
    generate_day(folder, parsed.until, seed=parsed.seed)
    seconds["generate"] = time.perf_counter() - began


def _run(parsed: argparse.Namespace, bank: Bank, seconds: dict[str, float], console: Console) -> None:
    from guanxi.pipeline.nightly import run_nightly
    from guanxi.project import clock
    from guanxi.project.commands.run import print_outcome

    began = time.perf_counter()
    extracts = bank.home / "extracts"
    run_nightly(bank, extracts, parsed.until - timedelta(days=1), now=clock.now, console=console)
    outcome = run_nightly(bank, extracts, parsed.until, now=clock.now, console=console)
    seconds["run"] = time.perf_counter() - began
    print_outcome(console, outcome)


def _tell_past(seconds: dict[str, float]) -> None:
    """What the bank's people did before today; on a second call there is nothing left to tell."""
    from guanxi.pipeline.demo.past import tell_past
    from guanxi.project import clock

    began = time.perf_counter()
    tell_past(today=clock.today())
    seconds["past"] = time.perf_counter() - began


def _mask(bank: Bank, console: Console) -> None:
    """The data that analysts may ask, of the run just published; an older bank has no limits yet."""
    from guanxi.pipeline.bank import BankError
    from guanxi.pipeline.masking import make_masked
    from guanxi.project import clock

    try:
        make_masked(bank, today=clock.today())
    except BankError as missing:
        console.print(f"{missing}")


def _serve(
    parsed: argparse.Namespace,
    seconds: dict[str, float],
    accounts: list[DemoAccount],
    console: Console,
) -> int:
    from guanxi.project.database import home_folder

    began = time.perf_counter()
    port = serve.free_port(parsed.host, parsed.port)
    address = f"http://{parsed.host}:{port}/"
    # Links in messages lead here, whichever port it became.
    os.environ.setdefault("GUANXI_PUBLIC_URL", address.rstrip("/"))
    with serve.start_server(parsed.host, port, os.environ) as server:
        try:
            _wait_until_it_answers(address)
            seconds["start"] = time.perf_counter() - began
            _greet(console, address, seconds, accounts)
            if parsed.stop_when_ready:
                return 0
            with counterparts(home_folder(os.environ), os.environ), worker.beside(os.environ):
                return serve.wait_for(server)
        finally:
            serve.end_server(server)


def _wait_until_it_answers(address: str, patience: float = 240.0) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address + "ready", timeout=5):  # noqa: S310  # our own address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"{address} did not answer within {patience:.0f} s; the server's messages are above")


def _greet(
    console: Console,
    address: str,
    seconds: dict[str, float],
    accounts: list[DemoAccount],
) -> None:
    from django.utils import translation

    from guanxi.crm.organisation.models import Role

    table = Table(title=f"sign in at {address}")
    for heading in ("role", "岗位", "工号", "password", "name"):
        table.add_column(heading, no_wrap=True)
    table.add_column("unit")
    with translation.override("zh-hans"):
        for account in accounts:
            post = str(Role(account.role).label)
            table.add_row(
                account.role.replace("_", " "),
                post,
                account.staff_no,
                account.password,
                account.name,
                account.unit,
            )
    console.print(table)
    console.print(" · ".join(f"{name} {value:.1f} s" for name, value in seconds.items()))
    console.print("Ctrl-C ends the server; the bank's data stay for the next `make demo`.")
