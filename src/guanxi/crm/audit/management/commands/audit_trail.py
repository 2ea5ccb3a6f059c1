"""`manage.py audit_trail seal | verify [--heads FILE] [DIGEST …]`: every ten minutes, its output kept elsewhere."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from guanxi.crm.audit import seals


class Command(BaseCommand):
    """Seals what has settled and prints the digests, or checks the chain against itself and digests kept elsewhere."""

    help = "seal the audit trail, or verify its seals"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and for verify the digests that were kept."""
        parser.add_argument("deed", choices=("seal", "verify"))
        parser.add_argument(
            "digests", nargs="*", help="digests printed earlier: each must still be in the chain"
        )

        parser.add_argument(
            "--heads", type=Path, default=settings.GUANXI_SEALS_FILE,
            help="verify: the file of heads; the copy that administrators of the database cannot write",
        )  # fmt: skip

    def handle(self, *_told: Any, **options: Any) -> None:
        """Do it; a break or a missing digest ends with an error that names the place."""
        if options["deed"] == "seal":
            for one in seals.seal(now=timezone.now()):
                self.stdout.write(seals.Head.of(one).line())
            return
        try:
            heads = seals.heads_of(options["heads"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        found = [
            f"{one.table} {one.after_id + 1}-{one.through_id}: {one.rows_sealed} rows sealed, {one.rows_found} found"
            for one in seals.verify()
        ]
        found += [
            f"{digest}: no longer in the chain" for digest in options["digests"] if not seals.knows(digest)
        ]
        found += [_said(one) for one in seals.compare(heads)]
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"the trail is what was sealed, as {len(heads)} heads outside say too")


def _said(one: seals.Astray) -> str:
    place = f"{one.table} up to {one.through_id}, sealed {one.sealed_at:%Y-%m-%d %H:%M}"
    if one.outside:
        return f"{place}: kept outside and not in the database; the end was cut off or the chain written anew"
    return f"{place}: in the database and never written down outside"
