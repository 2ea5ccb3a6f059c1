"""Bringing the operational store to this version's tables, as the owner's login."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor


def migrate() -> int:
    """Apply what is missing; returns how many migrations ran (none on a second call)."""
    executor = MigrationExecutor(connections["owner"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", database="owner", interactive=False, verbosity=0)
    return len(plan)
