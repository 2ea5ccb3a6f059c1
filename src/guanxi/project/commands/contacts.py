"""`guanxi contacts import FILE --by STAFF_NO`: contacts from an old system, as the person named, within their reach."""

from __future__ import annotations

import argparse
from pathlib import Path

from guanxi.project.cli import add_bank_argument, working_for


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """import FILE --by STAFF_NO --bank FOLDER."""
    add_bank_argument(parser, default="banks/demo")
    parser.add_argument("what", choices=["import"])
    parser.add_argument("file", type=Path, help="an Excel workbook (xlsx) or a CSV file")
    parser.add_argument("--by", required=True, help="staff number (工号) of who answers for the file")


def main(parsed: argparse.Namespace) -> int:
    """Print what became of the lines; status 1 when the file cannot be read."""
    import os

    from guanxi.pipeline.bank import open_bank
    from guanxi.project.database import home_folder

    with working_for(open_bank(parsed.bank, home_folder(os.environ))):
        from django.core.exceptions import ValidationError

        from guanxi.crm.interactions.imports import import_contacts, read_lines
        from guanxi.crm.organisation.acting import acting_as
        from guanxi.crm.organisation.models import Staff
        from guanxi.project import clock

        person, today = Staff.objects.get(staff_no=parsed.by), clock.today()
        try:
            lines = read_lines(parsed.file.read_bytes())
        except ValidationError as wrong:
            print(" ".join(wrong.messages))
            return 1
        with acting_as(person, today=today) as reach:
            report = import_contacts(by=person, reach=reach, lines=lines, today=today, now=clock.now())
    print(" · ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in report.counts().items()))
    for number, why in list(report.wrong.items())[:20]:
        print(f"  line {number}: {why}")
    return 0
