"""The whole bank, piece after piece, into one extract folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from guanxi.pipeline.demo import account_files, catalog, customer_files, dated_files, people, service, truth
from guanxi.pipeline.demo.days import span
from guanxi.pipeline.demo.organisation import Organisation, organisation
from guanxi.pipeline.demo.piece import Made, make_piece
from guanxi.pipeline.demo.population import Piece, Wish
from guanxi.pipeline.demo.shapes import PROFILES
from guanxi.pipeline.demo.streams import Streams
from guanxi.pipeline.demo.wealth import bands
from guanxi.pipeline.demo.writer import ExtractWriter, TruthWriter

PIECE = 40_000  # persons carried at once: bounds memory, and never changes, or the same seed would give another bank
BIG = 100_000  # from here on all files per customer are Parquet
WHOLE = 1 << 20  # the piece number of what the bank has once

Told = Callable[[str, int, int], None]


@dataclass(frozen=True)
class GeneratedBank:
    """What was written: the extract folder, the truth folder, rows per file."""

    extract: Path
    truth: Path
    rows: dict[str, int]


def generate(
    folder: Path,
    *,
    customers: int = 20_000,
    months: int = 25,
    seed: int = 7,
    profile: str = "2026",
    until: date = date(2026, 10, 31),
    wish: Wish | None = None,
    progress: Told | None = None,
) -> GeneratedBank:
    """Write `<folder>/<until>/` (full history, 17 files, manifest) and `<folder>/truth/`, replacing what stood there.

    `customers` counts the persons who own accounts; companies, persons who left and persons without an account come on
    top. `wish` makes it thinner or gives it more accounts. `progress` is told (what, done, of) after every piece.
    Raises ValueError for an unknown profile, no customers or no months.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile: {profile!r}, one of {', '.join(PROFILES)} is needed")
    if customers < 1:
        raise ValueError(f"customers: {customers}, at least 1 is needed")
    over = span(until, months)
    extract, planted = folder / until.isoformat(), folder / "truth"
    for old in (extract, planted):
        if old.exists():
            shutil.rmtree(old)
    whole = Streams(seed, WHOLE)
    staff = organisation(whole, customers, over)
    mid = catalog.usd_mid(whole, over)
    out = ExtractWriter(extract, until, big=customers > BIG, complete=True)
    secret = TruthWriter(planted)
    for name, table in (
        ("units", staff.units),
        ("staff", staff.staff),
        ("products", catalog.products(over)),
        ("ftp_rates", catalog.ftp_rates(over)),
        ("fx_rates", catalog.fx_rates(mid, over)),
    ):
        out.write(name, table)
    # One piece is written while the next is made; one writer keeps the order, so that the bytes do not change.
    with ThreadPoolExecutor(max_workers=1) as writer:
        before: Future[None] | None = None
        for number, (first, last) in enumerate(_pieces(customers)):
            piece = Piece(number, first, last, bands(customers), over, profile, wish or Wish())
            made = make_piece(piece, Streams(seed, number), staff, mid)
            if before:
                before.result()
            before = writer.submit(_write_piece, made, piece, Streams(seed, number), staff, out, secret)
            if progress:
                progress("customers", last, customers)
        if before:
            before.result()
    out.close()
    secret.close()
    return GeneratedBank(extract, planted, {name: control.rows for name, control in out.controls.items()})


def _pieces(customers: int) -> Iterator[tuple[int, int]]:
    for first in range(0, customers, PIECE):
        yield first, min(first + PIECE, customers)


def _write_piece(
    made: Made,
    piece: Piece,
    streams: Streams,
    staff: Organisation,
    out: ExtractWriter,
    secret: TruthWriter,
) -> None:
    people.assign_keepers(made.people, staff, streams.of("keepers"))
    customer = customer_files.customer_numbers(made.people)
    numbers = account_files.account_numbers(made.book, made.people.number)
    accounts = account_files.accounts(made, numbers, staff, streams, until=piece.span.until)
    out.write("customers", customer_files.customers(made, piece, streams, staff))
    out.write("contact_points", people.contact_points(made, customer, streams))
    out.write("consents", people.consents(made, customer, piece, streams))
    out.write("relations", people.relations(made, customer, streams))
    out.write("accounts", accounts)
    out.write("account_parties", account_files.account_parties(made, numbers, customer, streams))
    out.write("attributions", account_files.attributions(made, accounts))
    out.write("credit", people.credit(made, customer, piece, streams))
    out.write("channel_events", people.channel_events(made, customer, piece, streams))
    events = service.service_events(made, customer, numbers, piece, staff, streams)
    out.write("service_events", events)
    for block in dated_files.balances(made, numbers):
        out.write("balances", block)
    for block in dated_files.transactions(made, numbers, customer, piece, streams):
        out.write("transactions", block)
    for name, table in truth.tables(made, customer, numbers, piece).items():
        secret.write(name, table)
