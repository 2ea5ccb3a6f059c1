"""`guanxi database`: migrate, print the logins' script, stop the embedded server."""

from __future__ import annotations

import argparse
import os

from guanxi.project.cli import add_bank_argument, working_for


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """migrate | roles | stop."""
    parser.add_argument("action", choices=["migrate", "roles", "stop"])
    add_bank_argument(parser, default="banks/demo")


def main(parsed: argparse.Namespace) -> int:
    """Do one of them."""
    from guanxi.pipeline.bank import open_bank
    from guanxi.project import embedded, logins
    from guanxi.project.database import home_folder

    if parsed.action == "roles":
        print(logins.roles_sql())
        return 0
    home = home_folder(os.environ)
    if parsed.action == "stop":
        print("stopped" if embedded.locate(home).stop() else "was not running")
        return 0
    with working_for(open_bank(parsed.bank, home)):
        from guanxi.project.databases import migrate

        print(f"{migrate()} migrations applied")
    return 0
