"""`guanxi counter`: a token for the bank's counter system, or one event told by hand (销户、提前支取、大额取现)."""

from __future__ import annotations

import argparse
import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from guanxi.project.cli import add_bank_argument, working_for

if TYPE_CHECKING:
    from guanxi.crm.organisation.models import Staff


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """token --staff NUMBER --name NAME | stop --name NAME | event --staff NUMBER --number-file FILE --kind … --id …."""
    parser.add_argument("what", choices=["token", "stop", "event"])
    add_bank_argument(parser, default="banks/demo")
    parser.add_argument(
        "--staff", metavar="NUMBER", help="who it acts as: a staff number with a counter post"
    )
    parser.add_argument("--name", help="what the machine is called")
    parser.add_argument("--kind", choices=["closing", "early_withdrawal", "large_cash"])
    parser.add_argument("--id", metavar="ID", help="your own number of the event: the same one counts once")
    parser.add_argument("--amount", type=Decimal, metavar="YUAN")
    parser.add_argument(
        "--number-file", type=Path, metavar="FILE",
        help="a file with the customer, card, phone or id number (- for standard input): never on the command line",
    )  # fmt: skip


def main(parsed: argparse.Namespace) -> int:
    """Do it for one bank; status 1 with the reason on stderr."""
    from guanxi.pipeline.bank import open_bank
    from guanxi.project.database import home_folder

    with working_for(open_bank(parsed.bank, home_folder(os.environ))):
        from django.core.exceptions import PermissionDenied, ValidationError

        try:
            print({"token": _token, "stop": _stop, "event": _event}[parsed.what](parsed))
        except (LookupError, PermissionDenied, ValidationError) as refused:
            told = refused.messages if isinstance(refused, ValidationError) else [str(refused)]
            print(" ".join(told), file=sys.stderr)
            return 1
    return 0


def _token(parsed: argparse.Namespace) -> str:
    from guanxi.crm.counter.machines import make_machine
    from guanxi.project import clock

    machine, token = make_machine(name=parsed.name or "counter", staff=_staff(parsed), now=clock.now())
    return f"{token}\n# {machine.name} acts as {parsed.staff}; this is shown once and kept nowhere"


def _stop(parsed: argparse.Namespace) -> str:
    from guanxi.crm.counter.machines import machine_called, stop_machine
    from guanxi.project import clock

    machine = machine_called(parsed.name or "")
    if machine is None:
        raise LookupError(f"no machine called {parsed.name} is on")
    stop_machine(machine=machine, now=clock.now())
    return f"{machine.name} is off"


def _event(parsed: argparse.Namespace) -> str:
    from guanxi.crm.counter.events import COMMAND, AnotherEvent, EventDraft, take_event
    from guanxi.crm.customers.search import find_exactly
    from guanxi.crm.organisation.acting import acting_as
    from guanxi.project import clock

    staff, today = _staff(parsed), clock.today()
    fen = None if parsed.amount is None else int(parsed.amount * 100)
    draft = EventDraft(COMMAND, parsed.id or "", parsed.kind or "", fen)
    with acting_as(staff, today=today) as reach:
        hits = find_exactly(reach, _number(parsed))
        if len(hits) != 1:
            raise LookupError("the number finds no customer within this person's reach, or more than one")
        try:
            made, is_new = take_event(by=staff, party=hits[0], draft=draft, today=today, now=clock.now())
        except AnotherEvent as other:
            raise LookupError(f"{other} came before with another event") from other
    return f"event {made.pk} {'taken' if is_new else 'was told before'}, retention case {made.case_id}"


def _number(parsed: argparse.Namespace) -> str:
    if parsed.number_file is None:
        raise LookupError("say where the customer's number stands: --number-file FILE")
    if str(parsed.number_file) == "-":
        return sys.stdin.readline().strip()
    return str(parsed.number_file.read_text(encoding="utf8").strip())


def _staff(parsed: argparse.Namespace) -> Staff:
    from guanxi.crm.organisation.models import Staff

    found = Staff.objects.filter(staff_no=parsed.staff or "", is_active=True).first()
    if found is None:
        raise LookupError("say who it acts as: --staff NUMBER")
    return found
