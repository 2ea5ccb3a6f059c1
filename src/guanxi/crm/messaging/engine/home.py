"""Does this store remember everything we sent? A restored one does not, and starts with all channels off.

The place that sends keeps a file beside the bank's keys with its own number and the highest claim it has marked. The
store is older than the place when its claims end below that mark, when it has never heard of the place, when it runs
as another PostgreSQL (identifier or timeline), or when the place was silent for long: the whole machine may have been
brought back. Then every channel goes off, and what was open falls into doubt, since it may have been sent.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import connections, transaction

from guanxi.crm.audit import services as audit
from guanxi.crm.messaging.models import ChannelAccount, SendingHome

FILE, LOCK = "sending.json", "sending.lock"
RESTORED = "restored"
LOOK_AGAIN = timedelta(seconds=30)

_SYSTEM = """
SELECT system_identifier || ':' || timeline_id FROM pg_control_system(), pg_control_checkpoint()
"""
_LAST = "SELECT COALESCE(MAX(id), 0), (SELECT COUNT(*) FROM messaging_sendinghome) FROM messaging_claim"
_IN_DOUBT = """
UPDATE messaging_message
SET state = 'unknown', unknown_at = %(now)s, in_doubt = TRUE, lease_until = NULL, code = 'restored',
    account_id = COALESCE(account_id, (SELECT account.id FROM messaging_channelaccount AS account
                                       WHERE account.kind = messaging_message.channel
                                         AND account.purpose = messaging_message.purpose))
WHERE state IN ('planned', 'claimed', 'submitting')
"""


@dataclass
class Home:
    """The place that sends: `folder` is the bank's own. One for each process."""

    folder: Path
    silent_hours: int
    _looked_at: datetime | None = field(default=None, init=False)
    _session: int | None = field(default=None, init=False)

    def mark(self, claim: int) -> None:
        """Remember the claim before anything of it is submitted; the file never goes back."""
        with self._locked() as (told, write):
            if claim > told["claim"]:
                write({**told, "claim": claim})

    def turned(self, *, now: datetime, using: str) -> bool:
        """Whether the store was found to be an older one just now; its channels are off then.

        Looked at on every new session (no restore leaves a session alive) and every half minute.
        """
        session = id(connections[using].connection)
        fresh = self._looked_at is not None and abs(now - self._looked_at) < LOOK_AGAIN
        if fresh and session == self._session and connections[using].connection is not None:
            return False
        why = self._why(now, using)
        self._looked_at, self._session = now, id(connections[using].connection)
        if why:
            self._turn_off(why, now, using)
        return bool(why)

    def _why(self, now: datetime, using: str) -> str:
        """Why the store looks older than this place; "" when it does not."""
        with self._locked() as (told, _write), connections[using].cursor() as cursor:
            known = SendingHome.objects.using(using).filter(pk=told["home"]).first()
            cursor.execute(_LAST)
            last, homes = cursor.fetchone()
            if known is None:
                if homes == 0 and told["claim"] == 0 and last == 0:
                    self._register(told["home"], now, using)
                    return ""
                return "the store does not know this place"
            if last < told["claim"]:
                return f"the store ends at claim {last}, this place has sent up to {told['claim']}"
            if known.system != _system(using):
                return "another PostgreSQL: restored, moved or failed over"
            if now - known.seen_at > timedelta(hours=self.silent_hours):
                return f"nothing was sent from here for more than {self.silent_hours} hours"
            SendingHome.objects.using(using).filter(pk=known.pk).update(seen_at=now)
            return ""

    def _register(self, home: UUID, now: datetime, using: str) -> None:
        SendingHome.objects.using(using).update_or_create(
            pk=home, defaults={"system": _system(using), "seen_at": now}, create_defaults={
                "system": _system(using), "seen_at": now, "first_seen": now,
            },
        )  # fmt: skip

    def _turn_off(self, why: str, now: datetime, using: str) -> None:
        """All channels off and everything open in doubt; the place and the store agree again from here on."""
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            for account in ChannelAccount.objects.using(using).select_for_update().order_by("pk"):
                if account.is_on or account.off_reason in ("person", "brake_person", "brake_volume"):
                    account.is_on, account.off_reason, account.off_note = False, RESTORED, why[:200]
                    account.switched_at, account.switched_by = now, None
                    account.save(using=using)
                    audit.record(
                        by=None, verb="messaging.channel_stopped", on=account, using=using, reason=why
                    )
            cursor.execute(_IN_DOUBT, {"now": now})
            cursor.execute(_LAST)
            last = int(cursor.fetchone()[0])
            with self._locked() as (told, write):
                self._register(told["home"], now, using)
                write({**told, "claim": last})

    @contextmanager
    def _locked(self) -> Iterator[tuple[dict[str, Any], Callable[[dict[str, Any]], None]]]:
        """The file's content and how to write it, with nobody else between."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / FILE
        with (self.folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            told = json.loads(path.read_text(encoding="utf8")) if path.exists() else {}

            def write(new: dict[str, Any]) -> None:
                draft = path.with_suffix(
                    ".draft"
                )  # a killed sender leaves the old file or the new one, never half
                body = {"home": str(new["home"]), "claim": int(new["claim"])}
                draft.write_text(json.dumps(body), encoding="utf8")
                draft.replace(path)

            here = {"home": UUID(told["home"]) if told else uuid4(), "claim": int(told.get("claim", 0))}
            if not told:
                write(here)
            yield here, write


def _system(using: str) -> str:
    with connections[using].cursor() as cursor:
        cursor.execute(_SYSTEM)
        return str(cursor.fetchone()[0])
