"""The vault's door in PostgreSQL: protected values arrive encrypted and are kept once, whatever night brings them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import psycopg

from guanxi.lake.door import VaultRow


class PostgresVault:
    """Keeps vault rows in `customers_vaultentry`, each call one transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def keep(self, rows: Sequence[VaultRow]) -> None:
        """Keep these rows; a token already known stays as it is."""
        if not rows:
            return
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE stage_vault (token text, kind text, ciphertext bytea, key_id text) "
                "ON COMMIT DROP"
            )
            with cursor.copy(
                "COPY stage_vault (token, kind, ciphertext, key_id) FROM STDIN (FORMAT binary)"
            ) as copy:
                copy.set_types(["text", "text", "bytea", "text"])
                for row in rows:
                    copy.write_row((row.token, row.kind, row.ciphertext, row.key_id))
            cursor.execute(
                "INSERT INTO customers_vaultentry (token, kind, ciphertext, key_id) "
                "SELECT DISTINCT ON (token) token, kind, ciphertext, key_id FROM stage_vault ORDER BY token "
                "ON CONFLICT (token) DO NOTHING"
            )

    def forget(self, tokens: Collection[str]) -> None:
        """Drop the values of these tokens that are no number or address of anybody in the store."""
        if tokens:
            self._connection.execute(
                "DELETE FROM customers_vaultentry AS kept WHERE token = ANY(%s) "
                "AND NOT EXISTS (SELECT FROM customers_identifier AS held WHERE held.token = kept.token) "
                "AND NOT EXISTS (SELECT FROM customers_contactpoint AS held WHERE held.token = kept.token)",
                (sorted(tokens),),
            )
