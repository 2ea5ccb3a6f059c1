"""WeCom (企业微信): an application message to staff, and a mass message to customers that their manager confirms.

Built against the platform's published documents and the fake in `simulators/wecom.py`; NOT verified against the real
service. Limits and codes the platform may change are settings.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

from guanxi.channels import wire
from guanxi.channels.face import Accepted, Answer, Doubtful, Found, Heard, Outgoing, Receipt, Refused
from guanxi.channels.settings import host_of, read_settings, secret
from guanxi.channels.tasks import OpenTask, OpenTasks

EXPIRED_TOKEN = {40014, 41001, 42001}
# Lists in an answer that otherwise says "ok"; the platform writes user ids in small letters there.
NOT_REACHED = {
    "invaliduser": "no such person",
    "unlicenseduser": "the person has no licence for applications",
}
BUSY = -1  # "system busy": whether it took the message is not said
SENT = {
    1: "delivered",
    2: "failed",
    3: "failed",
}  # of a mass message's member; 0: the manager has not confirmed yet


@dataclass(frozen=True)
class WecomSettings:
    """A WeCom application. `duplicate_seconds` is the platform's own check on equal messages (0: off)."""

    corp_id: str
    agent_id: int
    app_secret: str = secret()
    url: str = "https://qyapi.weixin.qq.com"
    seconds: float = 10.0
    at_once: int = 4
    duplicate_seconds: int = 1800
    most_receivers: int = 10_000
    app_octets: int = 2048  # the platform cuts a longer text without a word
    mass_octets: int = 4000
    later_codes: tuple[str, ...] = ("45009", "45033", "48002", "60020")
    folder: str = ""

    def problems(self) -> Iterator[str]:
        """What types cannot say."""
        if not host_of(self.url):
            yield "url must be https://host"
        if not 0 <= self.duplicate_seconds <= 14400:
            yield "duplicate_seconds must lie between 0 and 14400"
        if min(self.seconds, self.at_once, self.app_octets, self.mass_octets) <= 0:
            yield "seconds, at_once, app_octets and mass_octets must be above 0"
        if not 0 < self.most_receivers <= 10_000:
            yield "most_receivers must lie between 1 and 10000"


class Wecom:
    """The conversation both kinds share: a token, fetched when needed, and a call that says what is certain."""

    kind = "wecom"
    can_ask = False
    takes_twice = True  # the duplicate check knows equal texts for a while, not our ids

    def __init__(
        self,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.set = read_settings(WecomSettings, self.kind, settings, secrets)
        self.hosts: Sequence[str] = [host_of(self.set.url)]
        self._now = now
        self._gate = asyncio.Semaphore(self.set.at_once)
        self._fetching = asyncio.Lock()
        self._token = ""
        self._line = wire.Line(self.set.seconds, self.set.at_once)

    async def open(self) -> None:
        """Ready; the token is fetched at the first call."""
        await self._line.open()

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    def parts(self, text: str) -> int:
        """A message is one, however long."""
        del text
        return 1

    async def ask(self, out_ids: Sequence[str]) -> Mapping[str, Found]:
        """The platform does not know our ids."""
        del out_ids
        return {}

    async def call(self, path: str, document: Mapping[str, Any]) -> wire.Outcome:
        """One call with a valid token; an expired one is fetched again, since such a call surely did nothing."""
        for _ in range(2):
            refusal = await self._fresh_token()
            if refusal is not None:
                return refusal
            body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
            used = self._token
            outcome = await self._line.post(f"{self.set.url}/cgi-bin/{path}?access_token={used}", body)
            if not isinstance(outcome, wire.Said) or outcome.document.get("errcode") not in EXPIRED_TOKEN:
                return outcome
            if self._token == used:
                self._token = ""
        return wire.NotTaken("token", "the platform refuses every token", temporary=True)

    async def _fresh_token(self) -> wire.NotTaken | None:
        if not self._line.is_open:
            return wire.CLOSED
        async with self._fetching:
            if self._token:
                return None
            keys = urlencode({"corpid": self.set.corp_id, "corpsecret": self.set.app_secret})
            outcome = await self._line.get(f"{self.set.url}/cgi-bin/gettoken?{keys}")
            token = outcome.document.get("access_token") if isinstance(outcome, wire.Said) else None
            if not token:
                return wire.NotTaken("token", "no access token", temporary=True)
            self._token = str(token)
        return None

    def meaning(self, out_id: str, outcome: wire.Outcome) -> Answer:
        """What a call's outcome says about one message."""
        if isinstance(outcome, wire.NotTaken):
            return Refused(out_id, outcome.code, outcome.words, outcome.temporary)
        if isinstance(outcome, wire.Unknown):
            return Doubtful(out_id, outcome.words)
        code = outcome.document.get("errcode")
        if code == 0:
            return Accepted(out_id, str(outcome.document.get("msgid", "")), 1, 0)
        if code == BUSY or not isinstance(code, int):
            return Doubtful(out_id, "system busy" if code == BUSY else "an answer without a code")
        words = str(outcome.document.get("errmsg", ""))
        return Refused(out_id, str(code), words, temporary=str(code) in self.set.later_codes)


class WecomApp(Wecom):
    """Application messages (应用消息) to staff; the address is the person's WeCom user id.

    Beyond 30 messages a minute or 1,000 an hour to one person the platform drops them without saying so.
    """

    kind = "wecom_app"

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """One call a message."""
        return await asyncio.gather(*(self._one(out) for out in batch))

    async def _one(self, out: Outgoing) -> Answer:
        if not out.address or out.address == "@all" or "|" in out.address:
            return Refused(out.out_id, "unfit", "one person's user id", temporary=False)
        if len(out.text.encode("utf-8", "replace")) > self.set.app_octets:
            return Refused(out.out_id, "unfit", "a text longer than the platform shows", temporary=False)
        document = {
            "touser": out.address,
            "msgtype": "text",
            "agentid": self.set.agent_id,
            "text": {"content": out.text},
            "enable_duplicate_check": int(self.set.duplicate_seconds > 0),
            "duplicate_check_interval": self.set.duplicate_seconds,
        }
        async with self._gate:
            outcome = await self.call("message/send", document)
        told = outcome.document if isinstance(outcome, wire.Said) else {}
        for list_name, words in NOT_REACHED.items():
            if out.address.lower() in str(told.get(list_name, "")).lower().split("|"):
                return Refused(out.out_id, list_name, words, temporary=False)
        return self.meaning(out.out_id, outcome)

    async def heard(self) -> Sequence[Heard]:
        """The platform tells nothing afterwards."""
        return ()


class WecomMass(Wecom):
    """Mass messages to customers (企业群发): made here, confirmed by the manager on the phone, then asked about.

    The address is the customer's external user id, `fields["sender"]` the manager's user id. Messages with one text
    from one manager become one task for that manager to confirm.
    """

    kind = "wecom_mass"

    def __init__(
        self,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(settings, secrets, now)
        self._tasks = OpenTasks(Path(self.set.folder) / "wecom-tasks.jsonl" if self.set.folder else None)

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """One task for each manager and text, within the platform's limit of receivers."""
        groups: dict[tuple[str, str], list[Outgoing]] = {}
        for out in batch:
            groups.setdefault((out.fields.get("sender", ""), out.text), []).append(out)
        most = self.set.most_receivers
        chunks = [group[at : at + most] for group in groups.values() for at in range(0, len(group), most)]
        answers = {a.out_id: a for chunk in await asyncio.gather(*map(self._task, chunks)) for a in chunk}
        return [answers[out.out_id] for out in batch]

    async def _task(self, chunk: Sequence[Outgoing]) -> list[Answer]:
        sender = chunk[0].fields.get("sender", "")
        members = {out.address: out.out_id for out in chunk}
        words = self._unfit(sender, members, chunk)
        if words:
            return [Refused(out.out_id, "unfit", words, temporary=False) for out in chunk]
        document = {
            "chat_type": "single",
            "external_userid": list(members),
            "sender": sender,
            "text": {"content": chunk[0].text},
        }
        async with self._gate:
            outcome = await self.call("externalcontact/add_msg_template", document)
        failed = set(outcome.document.get("fail_list") or ()) if isinstance(outcome, wire.Said) else set()
        answers: list[Answer] = [self._member(out, outcome, failed) for out in chunk]
        taken = {
            out.address: out.out_id for out, a in zip(chunk, answers, strict=True) if isinstance(a, Accepted)
        }
        if taken and isinstance(outcome, wire.Said):
            self._tasks.add(OpenTask(str(outcome.document.get("msgid", "")), sender, taken))
        return answers

    # A task without receivers would go to every customer of the manager.
    def _unfit(self, sender: str, members: Mapping[str, str], chunk: Sequence[Outgoing]) -> str:
        if not sender:
            return "the manager who confirms is missing"
        if "" in members:
            return "a customer without a WeCom id"
        if len(chunk[0].text.encode("utf-8", "replace")) > self.set.mass_octets:
            return "a text longer than the platform takes"
        return "one customer twice in one task" if len(members) < len(chunk) else ""

    def _member(self, out: Outgoing, outcome: wire.Outcome, failed: set[str]) -> Answer:
        if out.address in failed:
            return Refused(
                out.out_id,
                "fail_list",
                "not a customer of this manager, or the month is full",
                temporary=False,
            )
        return self.meaning(out.out_id, outcome)

    async def heard(self) -> Sequence[Heard]:
        """Ask about every task not wholly confirmed; what was told before is told again until the next call."""
        self._tasks.forget_told()
        receipts: list[Heard] = []
        for task in self._tasks.open:
            for member in await self._results(task):
                receipt = self._receipt(task, member)
                if receipt is not None:
                    self._tasks.tell(task, str(member.get("external_userid")))
                    receipts.append(receipt)
        return receipts

    async def _results(self, task: OpenTask) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = []
        cursor = ""
        while True:
            asked = {"msgid": task.name, "userid": task.sender, "limit": 1000, "cursor": cursor}
            outcome = await self.call("externalcontact/get_groupmsg_send_result", asked)
            if not isinstance(outcome, wire.Said) or outcome.document.get("errcode") != 0:
                return results
            results += outcome.document.get("send_list") or []
            cursor = str(outcome.document.get("next_cursor") or "")
            if not cursor:
                return results

    def _receipt(self, task: OpenTask, member: Mapping[str, Any]) -> Receipt | None:
        out_id = task.members.get(str(member.get("external_userid")))
        status = member.get("status")
        if out_id is None or status not in SENT:
            return None
        told_at = member.get("send_time")
        at = datetime.fromtimestamp(told_at, UTC) if isinstance(told_at, int) and told_at > 0 else self._now()
        state: Literal["delivered", "failed"] = "delivered" if SENT[status] == "delivered" else "failed"
        return Receipt(None, out_id, state, str(status), at)
