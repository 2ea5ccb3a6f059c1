"""A message that left, one in doubt, a reply and a link for each customer of the routes' world; one template, one
channel for all."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from guanxi.crm import testing
from guanxi.crm.customers.models import Party
from guanxi.crm.messaging.filling import PREFERENCES
from guanxi.crm.messaging.models import (
    ChannelAccount,
    Heard,
    Message,
    Notice,
    Piece,
    Template,
    TemplateVersion,
)
from guanxi.crm.organisation.models import Staff
from guanxi.web.signed import seal

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
TEXT = "【江城农商银行】尊敬的{name}，您的{product}将于{maturity_day}到期。拒收请回复R"


def things_of(party: Party, keeper: Staff) -> dict[str, Any]:
    """`message_sent`, `message_doubtful`, `reply`, `preference_link`, `template`, `channel_account`, `notice`."""
    testing.make_policies("contact", "tier")
    account, _new = ChannelAccount.objects.get_or_create(
        code="house",
        defaults={
            "name": "短信", "kind": "sms", "purpose": "marketing", "adapter": "sms_http", "rate": 1, "window": 1
        },
    )  # fmt: skip
    template, _new = Template.objects.get_or_create(
        code="house",
        defaults={
            "name": "到期提醒", "channel": "sms", "purpose": "marketing", "use": "maturity", "made_at": NOON
        },
    )  # fmt: skip
    told = {"texts": {"zh": {"subject": "", "text": TEXT}}, "content_hash": "0" * 64, "written_at": NOON}
    version, _new = TemplateVersion.objects.get_or_create(
        template=template, number=1, defaults={**told, "state": "approved"}
    )
    TemplateVersion.objects.get_or_create(template=template, number=2, defaults={**told, "state": "proposed"})
    plain, _new = Template.objects.get_or_create(
        code="plain",
        defaults={
            "name": "系统维护",
            "channel": "sms",
            "purpose": "service",
            "use": "notice",
            "made_at": NOON,
        },
    )
    told["texts"] = {"zh": {"subject": "", "text": "【江城农商银行】尊敬的{name}，今晚系统维护。"}}
    worded, _new = TemplateVersion.objects.get_or_create(
        template=plain, number=1, defaults={**told, "state": "approved"}
    )
    notice, _new = Notice.objects.get_or_create(
        title="系统维护", version=worded,
        defaults={
            "tiers": [], "planned_at": NOON, "expires_at": NOON + timedelta(days=2), "content_hash": "0" * 64,
            "written_by": keeper, "written_at": NOON,
        },
    )  # fmt: skip
    pieces = [
        Piece.objects.get_or_create(
            title=title,
            defaults={
                "topic": "safety", "purpose": "marketing", "valid_from": NOON.date(), "valid_until": date(2099, 1, 1),
                "written_by": keeper, "written_at": NOON, "families": ["time"],
            },
        )[0]
        for title in ("防诈骗提示", "旧资讯")
    ]  # fmt: skip
    pieces[0].templates.add(template)
    with testing.everything():
        sent = _message(
            party, keeper, account, version, state="delivered", accepted_at=NOON, ended_at=NOON, step=1
        )
        doubtful = _message(party, keeper, account, version, state="unknown", unknown_at=NOON, step=2)
        reply = Heard.objects.create(
            party=party, channel="sms", token="t", text="请问利率多少", at=NOON, heard_at=NOON, asks="talk"
        )
    return {
        "message_sent": sent.uuid, "message_doubtful": doubtful.uuid, "reply": reply.pk, "template": template.code,
        "channel_account": account.pk, "preference_link": seal(PREFERENCES, party.pk, date(2026, 12, 31)),
        "notice": notice.uuid, "piece": pieces[0].uuid, "piece_old": pieces[1].uuid,
    }  # fmt: skip


def _message(
    party: Party, keeper: Staff, account: ChannelAccount, version: TemplateVersion, **more: Any
) -> Message:
    return Message.objects.create(
        uuid=uuid.uuid4(), party=party, unit_id=party.unit_id, keeper_id=party.keeper_id, channel="sms",
        purpose="marketing", template_version=version.pk, origin="manual", ref=f"house:{keeper.pk}", planned_at=NOON,
        ready_at=NOON, expires_at=NOON + timedelta(days=2), submitted_at=NOON, account=account,
        fields={"product": "定期存款", "maturity_day": "2026-11-20"}, **more,
    )  # fmt: skip
