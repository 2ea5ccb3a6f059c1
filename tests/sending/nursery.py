"""Bears senders: a process that has Django loaded and forks a sender for each order, so that a thousand can be killed.

Orders come as lines of JSON on stdin, answers go to stdout. No connection is open when it forks.
"""

import contextlib
import dataclasses
import faulthandler
import json
import os
import signal
import sys
import threading
import time
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")
import django

django.setup()

from django.db import connections, transaction  # noqa: E402

from guanxi.crm import testing  # noqa: E402
from guanxi.crm.customers.models import ContactPoint, Party, VaultEntry  # noqa: E402
from guanxi.crm.messaging import permission, services  # noqa: E402
from guanxi.crm.messaging.engine.addresses import from_vault  # noqa: E402
from guanxi.crm.messaging.engine.gate import BankGate  # noqa: E402
from guanxi.crm.messaging.engine.home import Home  # noqa: E402
from guanxi.crm.messaging.engine.ports import Rendered  # noqa: E402
from guanxi.crm.messaging.models import ChannelAccount  # noqa: E402
from guanxi.crm.policies.models import PolicyVersion  # noqa: E402
from guanxi.insight.policies import load_policy  # noqa: E402
from guanxi.insight.policies.sending import SendingPolicy  # noqa: E402
from guanxi.insight.staging.identifiers import Protected  # noqa: E402
from guanxi.lake.door import Door, read_keys  # noqa: E402
from guanxi.pipeline import sending  # noqa: E402
from guanxi.pipeline.sending import Office  # noqa: E402
from guanxi.project.database import django_settings  # noqa: E402

DATABASES = {"owner": "DATABASE_OWNER_URL", "default": "DATABASE_URL", "pipeline": "DATABASE_PIPELINE_URL"}
BORN: set[int] = set()
KEY = json.dumps({"key": "sandbox"})
PLACE = Path(os.environ["GUANXI_HOME"])
FAST: dict[str, Any] = {
    "lease_seconds": 4, "call_seconds": 2, "lanes": 2, "throttle_seconds": 1, "ask_seconds": 1, "late_minutes": 120,
    "person_messages": 2, "person_minutes": 10, "volume_share": "0.01", "calls_most": 100, "silent_hours": 72,
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Open:
    """Yes to everything."""

    allowed: bool = True
    code: str = "ok"
    next_at: datetime | None = None
    word: int | None = None


class OpenGate:
    """For faults of the machine alone: all are permitted, texts stand in the fields."""

    def barred(self, connector, *, at, using):  # noqa: ARG002
        return ""

    def take(self, messages, *, at, using):  # noqa: ARG002
        return [Open() for _message in messages]

    def give_back(self, messages, *, at, using):  # noqa: ARG002
        return None

    def texts(self, messages, *, using):  # noqa: ARG002
        return {message.id: Rendered(message.fields["text"]) for message in messages}

    def hear(self, reply, *, channel, at, using):  # noqa: ARG002
        return None


class TextGate(BankGate):
    """The bank's own permission with the test's texts."""

    def texts(self, messages, *, using):  # noqa: ARG002
        return {message.id: Rendered(message.fields["text"]) for message in messages}

    def hear(self, reply, *, channel, at, using):  # noqa: ARG002
        return None


def make(order: dict[str, Any]) -> dict[str, Any]:
    """The bank, `customers` of it with numbers in the vault, one account at `url`; `campaigns` queued messages each."""
    bank = testing.make_unit("演示银行")
    outlet = testing.make_unit("观前支行", parent=bank)
    manager = testing.make_staff("relationship_manager", outlet)
    door = Door(read_keys(PLACE))
    count = int(order["customers"])
    numbers = [f"199{number:08d}" for number in range(count)]
    shown, kept = door.protect(Protected.MOBILE, numbers)
    with testing.everything():
        parties = [
            Party(
                id=20_000_000 + number, uuid=f"00000000-0000-4000-8000-{number:012d}", customer_no=f"T{number:07d}",
                kind="person", name="王建国", unit=outlet, keeper=manager, id_type="resident_id",
            )
            for number in range(count)
        ]  # fmt: skip
        Party.objects.bulk_create(parties)
        ContactPoint.objects.bulk_create(
            ContactPoint(party=party, kind="mobile", token=one.token, masked=one.masked, is_primary=True)
            for party, one in zip(parties, shown, strict=True)
        )
        VaultEntry.objects.bulk_create(
            VaultEntry(token=row.token, kind=row.kind, ciphertext=row.ciphertext, key_id=row.key_id)
            for row in kept
        )
        if order.get("agreed"):
            for party in parties:
                party.consents.create(purpose="marketing", channel="any", agreed=True, given_on="2026-01-01")
    testing.make_processors("sms")
    ChannelAccount.objects.create(
        code="sms", name="短信", kind="sms", purpose=order.get("purpose", "marketing"), adapter="sms_http",
        settings={"url": order["url"], "account": "guanxi", "seconds": 1.5, "batch": 20, **order.get("settings", {})},
        secrets_from="TEST_SECRETS", is_on=True, off_reason="", rate=order.get("rate", 100_000),
        window=order.get("window", 20), **order.get("account", {}),
    )  # fmt: skip
    if order.get("caps"):
        _cap(order["caps"])
    told = {"campaigns": order.get("campaigns", 1), "purpose": order.get("purpose", "marketing")}
    return queue({**told, "at": order.get("at")})


def _cap(numbers: list[int]) -> None:
    """The contact rules with one cap: a day, a week, a month."""
    version = PolicyVersion.objects.get(kind="contact")
    day, week, month = numbers
    version.payload["caps"] = [{"a_day": day, "a_week": week, "a_month": month}]
    policy = load_policy("contact", version.payload)
    PolicyVersion.objects.filter(pk=version.pk).update(
        payload=policy.to_payload(), content_hash=policy.content_hash()
    )


def queue(order: dict[str, Any]) -> dict[str, Any]:
    """One more message to each customer from each campaign, from campaign number `first` on."""
    connections.close_all()  # the store may have been restarted since
    now = datetime.fromisoformat(order["at"]) if order.get("at") else datetime.now(UTC)
    parties = list(Party.objects.using("pipeline").order_by("id").values_list("id", flat=True))
    first, count = int(order.get("first", 0)), 0
    for number in range(first, first + int(order["campaigns"])):
        with transaction.atomic(using="pipeline"):
            queued = services.queue(
                by=None, origin="campaign", ref=f"c-{number}", channel="sms", template_version=1,
                purpose=order["purpose"], parties=[(party, {"text": f"您好 {number}"}) for party in parties],
                planned_at=now, expires_at=now + timedelta(hours=2), now=now, using="pipeline",
            )  # fmt: skip
            count += queued.count
    return {"queued": count}


def send(order: dict[str, Any]) -> dict[str, Any]:
    """Fork a sender that works until it is killed (or told to end)."""
    connections.close_all()
    pid = os.fork()
    if pid:
        BORN.add(pid)
        return {"pid": pid}
    try:
        _be_a_sender(order)
    except BaseException:  # noqa: BLE001  # the child ends here whatever happened
        traceback.print_exc()
    finally:
        os._exit(0)


def _be_a_sender(order: dict[str, Any]) -> None:
    os.environ["TEST_SECRETS"] = KEY
    sending.TROUBLE = order.get("trouble", sending.TROUBLE)
    faulthandler.register(
        signal.SIGUSR1
    )  # where each thread stands, for whoever looks into a test that waits
    ends = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_given: ends.set())
    policy = SendingPolicy.from_payload({**FAST, **order.get("policy", {})})
    shift = datetime.fromisoformat(order["at"]) - datetime.now(UTC) if order.get("at") else timedelta()
    office = Office(
        gate=TextGate() if order.get("strict") else OpenGate(),
        addresses=from_vault(Door(read_keys(PLACE))),
        policy=policy,
        clock=lambda: datetime.now(UTC) + shift,
        home=Home(PLACE, policy.silent_hours),
    )
    with office.at_work():
        ends.wait()


def refuse(order: dict[str, Any]) -> dict[str, Any]:
    """A customer opts out; when this answers, it is committed."""
    at = datetime.fromisoformat(order["at"])
    with transaction.atomic(using="pipeline"):
        party = Party.objects.using("pipeline").get(pk=order["party"])
        permission.refuse_all(party=party, source="reply", at=at, text="TD", using="pipeline")
    return {"at": datetime.now(UTC).isoformat()}


def switch(order: dict[str, Any]) -> dict[str, Any]:
    """Switch the account."""
    ChannelAccount.objects.using("pipeline").update(
        is_on=order["on"], off_reason="" if order["on"] else "person"
    )
    return {}


def move(order: dict[str, Any]) -> dict[str, Any]:
    """Go on in another place: its folder and its database."""
    global PLACE  # noqa: PLW0603  # one place at a time
    rest(order)
    os.environ.update(order["environment"])
    PLACE = Path(os.environ["GUANXI_HOME"])
    for alias, variable in DATABASES.items():
        options = connections[alias].settings_dict["OPTIONS"]
        told = django_settings(os.environ[variable], OPTIONS=options)
        connections.settings[alias].update(told)
        connections[alias].settings_dict.update(told)
    return {}


def rest(order: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Kill every sender that lives, and let go of the store."""
    connections.close_all()
    for pid in BORN:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while BORN:
        time.sleep(0.01)
        BORN.difference_update([pid for pid in BORN if not Path(f"/proc/{pid}").exists()])
    return {}


ORDERS = {
    "move": move,
    "rest": rest,
    "make": make,
    "queue": queue,
    "send": send,
    "refuse": refuse,
    "switch": switch,
}


def main() -> None:
    """Carry out orders until stdin ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = ORDERS[order["do"]](order)
        except Exception:  # noqa: BLE001  # the test hears of it
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
