"""Which login migrates: the owner, and nobody else."""

from typing import Any


class OwnerMigrates:
    """`migrate` works with `--database owner` alone; reads and writes take the alias they are told, else default."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:  # noqa: ARG002  # Django's own signature
        """True for the owner's login."""
        return db == "owner"

    def allow_relation(self, obj1: object, obj2: object, **hints: Any) -> bool:  # noqa: ARG002  # the same
        """The three aliases are one database."""
        return True
