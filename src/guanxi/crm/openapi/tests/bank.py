"""What the tests of the API start from: a bank with scores, a token of each person, everything a token may be given."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from guanxi.crm import testing
from guanxi.crm.openapi.scopes import SCOPES
from guanxi.crm.organisation.models import Staff, Token
from guanxi.crm.organisation.tokens import make_token

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
POLICIES = ("behaviour_event", "worklist", "interaction", "lead")


@dataclass
class Gate:
    """The bank, and a token with every scope for whoever is asked for."""

    screen: testing.Screen
    told: dict[int, str] = field(default_factory=dict)

    @property
    def people(self) -> testing.People:
        """Alice, Bob, Charlie, the head."""
        return self.screen.people

    def token(self, staff: Staff, *scopes: str, **more: Any) -> tuple[Token, str]:
        """A token of this person; with every scope when none is named."""
        name = f"{staff.staff_no} {Token.objects.count()}"
        told = {"expires_at": NOON + timedelta(days=9)} | more
        return make_token(name=name, staff=staff, scopes=scopes or list(SCOPES), now=NOON, **told)

    def ask(self, staff: Staff | str, path: str, body: Any = None, method: str = "", **headers: str):
        """What the API answers to this person's token, or to a token as text."""
        if isinstance(staff, Staff):
            if staff.pk not in self.told:
                self.told[staff.pk] = self.token(staff)[1]
            staff = self.told[staff.pk]
        verb = method or ("post" if body is not None else "get")
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(Client(), verb)(
            f"/open/v1/{path}",
            **content,
            headers={"Authorization": f"Bearer {staff}"}
            | {name.replace("_", "-"): text for name, text in headers.items()},
        )


def make_gate() -> Gate:
    """The small bank of the pages' tests, with the policies the API needs."""
    screen = testing.make_screen()
    testing.make_policies(*POLICIES)
    return Gate(screen)
