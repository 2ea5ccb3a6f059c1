"""Five weeks of messages (消息): approved templates, channels that lead to the simulators, what was sent, what came of
it, and who refused.

Everything obeys the rules it will be judged by: marketing only to who had agreed, refused messages with their code,
the contact budget taken. The accounts reach `guanxi simulator --first-port 9701` on this machine, in the sandbox.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone

from guanxi.channels.parts import count
from guanxi.channels.simulators.town import accounts as simulated
from guanxi.crm.messaging import replies
from guanxi.crm.messaging.models import ChannelAccount, Heard, Message, Template, TemplateVersion, Touch
from guanxi.crm.messaging.policy import contact_policy
from guanxi.crm.messaging.wording import content_hash
from guanxi.crm.organisation.models import Post, Staff
from guanxi.insight.contact import lexicon
from guanxi.insight.workdays import is_workday
from guanxi.pipeline.demo.past._message_texts import EVENT, REPLIES, SIGN, TEMPLATES
from guanxi.pipeline.holding import hold_complaints

DAYS, EACH, PORT = 35, 160, 9701
SECRETS = "GUANXI_SIMULATOR_SECRETS"
"""The environment variable with the simulators' secrets: a JSON object, see docs/capabilities/messaging.md."""
# code, name, channel, purpose, the simulator's account, messages a second
ACCOUNTS = (
    ("sms-marketing", "短信·营销通道", "sms", "marketing", "sms-marketing", 200),
    ("sms-service", "短信·服务通道", "sms", "service", "sms", 200),
    ("email", "电子邮件", "email", "marketing", "email", 50),
    ("wecom", "企业微信·客户群发", "wecom", "marketing", "wecom", 20),
    ("push", "手机银行推送", "push", "marketing", "push", 200),
)
FATES = (("delivered", 90), ("failed", 4), ("accepted", 3), ("refused", 3))
FAILURES = ("EXPIRED", "UNDELIV", "MK:0001", "空号")
# The latest word on texts of every customer, with a number to reach them by; spread evenly over the bank.
_WHO = """
SELECT party.id, party.unit_id, party.keeper_id, word.agreed, word.id, holding.product_name, holding.balance_base_fen,
       holding.matures_on
FROM customers_party AS party
JOIN LATERAL (
    SELECT bool_and(latest.agreed) AS agreed, MIN(latest.id) AS id FROM (
        SELECT DISTINCT ON (channel) agreed, id FROM customers_consent
        WHERE party_id = party.id AND purpose = 'marketing' AND channel IN ('sms', 'any')
        ORDER BY channel, given_on DESC, agreed
    ) AS latest
) AS word ON TRUE
LEFT JOIN LATERAL (
    SELECT product_name, balance_base_fen, matures_on FROM customers_holding
    WHERE party_id = party.id AND matures_on IS NOT NULL ORDER BY matures_on, account_no LIMIT 1
) AS holding ON TRUE
WHERE party.state = 'active' AND party.kind = 'person' AND party.merged_into_id IS NULL
  AND EXISTS (SELECT 1 FROM customers_contactpoint AS point WHERE point.party_id = party.id AND point.kind = 'mobile')
ORDER BY md5(party.id::text || 'messages') LIMIT %(most)s
"""


@dataclass(frozen=True)
class Who:
    """A customer to write to, with the deposit that ends first."""

    party_id: int
    unit_id: int
    keeper_id: int | None
    agreed: bool | None
    consent: int | None
    product: str | None
    fen: int | None
    matures_on: date | None


def tell(*, today: date) -> int:
    """Templates, accounts and messages up to the evening before `today`; rows written, 0 when there are messages."""
    policy = contact_policy(today)
    people = _people(today)
    if policy is None or not people or Template.objects.using("pipeline").exists():
        return 0
    chance = random.Random("messages")  # noqa: S311  # a made-up bank, the same each time
    versions = _templates(people, today)
    told = _accounts(policy.signature, today)
    sends = _sends(today)
    with connections["pipeline"].cursor() as cursor:
        cursor.execute(_WHO, {"most": EACH * len(sends)})
        everybody = [Who(*row) for row in cursor.fetchall()]
    messages = [
        message
        for place, (code, day) in enumerate(sends)
        for message in _sent(versions[code], told, everybody[place :: len(sends)], day, chance)
    ]
    Message.objects.using("pipeline").bulk_create(messages)
    Touch.objects.using("pipeline").bulk_create(_touches(messages))
    heard = _replies([one for one in messages if one.state == "delivered"], chance)
    connection = connections["pipeline"].connection
    assert connection is not None
    held = hold_complaints(connection, today)
    return len(versions) + len(told) + len(messages) + heard + held.begun


def _people(today: date) -> list[Staff]:
    """Who writes and who approves: two different people of the head office."""
    posts = Post.objects.using("pipeline").filter(role__in=("analyst", "compliance"), valid_to=None)
    found = {
        post.role: post.staff
        for post in posts.select_related("staff").order_by("-pk")
        if post.valid_from <= today
    }
    return [found["analyst"], found["compliance"]] if len(found) == 2 else []


def _templates(people: Sequence[Staff], today: date) -> dict[str, TemplateVersion]:
    """Each text approved five weeks ago; one newer draft waits, so that there is something to decide."""
    author, approver = people
    at = _at(today - timedelta(days=DAYS + 5), 10)
    made = {}
    for about, texts in TEMPLATES:
        template = Template.objects.using("pipeline").create(**vars(about), made_by=author, made_at=at)
        told = {language: {"subject": subject, "text": text} for language, (subject, text) in texts.items()}
        made[about.code] = TemplateVersion.objects.using("pipeline").create(
            template=template, number=1, texts=told, content_hash=content_hash(template, told), state="approved",
            lexicon=lexicon.VERSION, written_by=author, written_at=at, decided_by=approver,
            decided_at=at + timedelta(hours=5),
        )  # fmt: skip
    _waiting(author, made["waking"].template, today)
    return made


def _waiting(author: Staff, template: Template, today: date) -> None:
    text = (
        SIGN
        + "尊敬的{name}，您的账户长期未使用，为保障资金安全请于{day}前到{branch}核实身份信息。拒收请回复R"
    )
    told = {"zh": {"subject": "", "text": text}}
    TemplateVersion.objects.using("pipeline").create(
        template=template, number=2, texts=told, content_hash=content_hash(template, told), state="proposed",
        lexicon=lexicon.VERSION, written_by=author, written_at=_at(today - timedelta(days=1), 16),
        note="更短，说明用途",
    )  # fmt: skip


def _accounts(signature: str, today: date) -> dict[str, ChannelAccount]:
    """Accounts that lead to the simulators, all in the sandbox and off until a person switches them on."""
    ports = {name: PORT + at for at, name in enumerate(("smsc", "gateway", "mail", "wecom", "push"))}
    known = simulated(settings.GUANXI_HOME / "simulators", ports)
    made = {}
    for code, name, kind, purpose, key, rate in ACCOUNTS:
        setting = dict(known[key]["settings"])
        if "signature" in setting:
            setting["signature"] = signature
        made[code] = ChannelAccount.objects.using("pipeline").create(
            code=code, name=name, kind=kind, purpose=purpose, adapter=known[key]["kind"], settings=setting,
            secrets_from=SECRETS, rate=rate, window=50, can_ask=key == "push", sandbox=True, is_on=False,
            off_reason="new", switched_at=_at(today - timedelta(days=DAYS), 9),
        )  # fmt: skip
    return made


def _sends(today: date) -> list[tuple[str, date]]:
    """What was sent when: on working days, each kind at its own pace."""
    pace = {"maturity-offer": 7, "salon-invitation": 16, "birthday": 6, "waking": 13, "maturity-notice": 9}
    days = [today - timedelta(days=number) for number in range(DAYS, 0, -1)]
    working = [day for day in days if is_workday(day)]
    return [(code, day) for code, every in pace.items() for day in working[:: max(every * 5 // 7, 1)]]


def _sent(
    version: TemplateVersion,
    told: dict[str, ChannelAccount],
    people: Sequence[Who],
    day: date,
    chance: random.Random,
) -> Iterator[Message]:
    about = version.template
    account = told["sms-service" if about.purpose == "service" else "sms-marketing"]
    for one in people:
        at = _at(day, 9) + timedelta(seconds=chance.randrange(3_600))
        yield _message(version, account, one, at, chance)


def _message(
    version: TemplateVersion, account: ChannelAccount, one: Who, at: datetime, chance: random.Random
) -> Message:
    about, ref = version.template, f"{version.template.code}:{timezone.localtime(at):%Y-%m-%d}"
    marketing = about.purpose == "marketing"
    may = not marketing or bool(one.agreed)
    fate = chance.choices([name for name, _ in FATES], [share for _, share in FATES])[0] if may else "refused"
    text = version.texts["zh"]["text"]
    message = Message(
        uuid=uuid.uuid5(uuid.NAMESPACE_OID, f"{ref}|{one.party_id}"), party_id=one.party_id, unit_id=one.unit_id,
        keeper_id=one.keeper_id, channel="sms", purpose=about.purpose, template_version=version.pk,
        origin="manual" if marketing else "service", ref=ref, fields=_fields(version, one, at), planned_at=at,
        ready_at=at, expires_at=at + timedelta(days=2), state=fate, account=account,
    )  # fmt: skip
    if fate == "refused":
        message.code = (
            chance.choice(("cap_week", "hold"))
            if may
            else ("no_consent" if one.agreed is None else "refused")
        )
        message.ended_at = at
        return message
    message.submitted_at, message.accepted_at = at, at + timedelta(seconds=1)
    message.vendor_id, message.parts = uuid.uuid5(message.uuid, "vendor").hex[:16], count(text)
    message.cost_fen, message.consent = 5 * message.parts, one.consent if marketing else None
    if fate != "accepted":
        message.ended_at = at + timedelta(seconds=chance.randrange(4, 240))
        message.code = chance.choice(FAILURES) if fate == "failed" else ""
    return message


def _fields(version: TemplateVersion, one: Who, at: datetime) -> dict[str, Any]:
    soon = (timezone.localtime(at) + timedelta(days=9)).date()
    own: dict[str, dict[str, Any]] = {
        "maturity": {"product": one.product or "整存整取定期存款", "amount": one.fen or 5_000_000,
                     "maturity_day": (one.matures_on or soon).isoformat()},
        "event": {**EVENT, "event_day": soon.isoformat()},
        "waking": {"day": soon.isoformat()},
    }  # fmt: skip
    return own.get(version.template.use, {})


def _touches(messages: Sequence[Message]) -> list[Touch]:
    reached = [one for one in messages if one.purpose == "marketing" and one.submitted_at]
    days = {(one.party_id, timezone.localtime(one.submitted_at).date()) for one in reached}
    return [Touch(party_id=party, day=day, channel="sms", times=1) for party, day in sorted(days)]


def _replies(delivered: Sequence[Message], chance: random.Random) -> int:
    """Some wrote back; those who refused are refusals from that instant on."""
    from guanxi.crm.customers.models import ContactPoint

    some = chance.sample(list(delivered), min(len(delivered) // 25, 40))
    points = dict(
        ContactPoint.objects.using("pipeline").filter(party_id__in=[one.party_id for one in some], kind="mobile")
        .values_list("party_id", "token")
    )  # fmt: skip
    for place, message in enumerate(some):
        assert message.submitted_at is not None
        at = message.submitted_at + timedelta(minutes=chance.randrange(2, 300))
        replies.keep_words(
            party=message.party, token=points.get(message.party_id, ""), channel="sms",
            text=REPLIES[place % len(REPLIES)], said_at=at, at=at + timedelta(seconds=20), using="pipeline",
        )  # fmt: skip
    return Heard.objects.using("pipeline").count()


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
