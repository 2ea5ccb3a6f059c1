"""A campaign begun from a piece of useful information carries its words, and the piece's log finds it again."""

from datetime import UTC, date, datetime

import pytest

from guanxi.crm import testing
from guanxi.crm.campaigns.carrying import carrying
from guanxi.crm.campaigns.models import Campaign, Step
from guanxi.crm.messaging import pieces
from guanxi.crm.messaging.models import Piece, Template, TemplateVersion

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 4, 4, tzinfo=UTC)


def test_the_plan_has_the_pieces_approved_text_segment_and_family_and_the_piece_knows_the_campaign() -> None:
    people = testing.make_people()
    author = testing.make_staff("analyst", people.bank)
    piece = Piece.objects.create(
        title="净值波动怎么看", topic="wealth", purpose="marketing", valid_from=date(2026, 11, 1), families=["wealth"],
        valid_until=date(2026, 12, 1), written_by=author, written_at=NOW, segment={"key": "k", "number": 3},
    )  # fmt: skip
    assert carrying(piece, "").steps == ()
    made = {}
    for channel, state in (("sms", "approved"), ("wecom", "approved"), ("email", "draft")):
        template = Template.objects.create(
            code=channel, name=channel, channel=channel, purpose="marketing", use="offer", made_at=NOW
        )
        made[channel] = TemplateVersion.objects.create(
            template=template,
            number=1,
            texts={"zh": {"text": "…"}},
            content_hash="1" * 64,
            state=state,
            written_at=NOW,
        )
        piece.templates.add(template)
    plan = carrying(piece, str(made["wecom"].pk))
    assert (plan.segment, plan.segment_version, plan.family) == ("k", 3, "wealth")
    assert [(step.channel, step.templates) for step in plan.steps] == [("wecom", (made["wecom"].pk,))]
    assert carrying(piece, str(made["email"].pk)).steps[0].channel == "sms"
    campaign = Campaign.objects.create(
        name="净值", owner=author, unit=people.bank, content_hash="1" * 64, made_at=NOW, changed_at=NOW
    )
    Step.objects.create(
        campaign=campaign,
        number=1,
        kind="message",
        after_days=0,
        channel="wecom",
        templates=[made["wecom"].pk],
    )
    assert pieces.USED["campaign"]([made["wecom"].pk]) == [str(campaign.uuid)]
    assert pieces.USED["campaign"]([made["sms"].pk]) == []
