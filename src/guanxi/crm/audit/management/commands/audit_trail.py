"""`manage.py audit_trail seal | verify [DIGEST …]`: to be run every ten minutes, its output kept elsewhere."""

from typing import Any

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

    def handle(self, *_told: Any, **options: Any) -> None:
        """Do it; a break or a missing digest ends with an error that names the place."""
        if options["deed"] == "seal":
            for one in seals.seal(now=timezone.now()):
                self.stdout.write(f"{one.table} {one.through_id} {one.rows} {one.digest}")
            return
        found = [
            f"{one.table} {one.after_id + 1}-{one.through_id}: {one.rows_sealed} rows sealed, {one.rows_found} found"
            for one in seals.verify()
        ]
        found += [
            f"{digest}: no longer in the chain" for digest in options["digests"] if not seals.knows(digest)
        ]
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("the trail is what was sealed")
