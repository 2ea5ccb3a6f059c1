"""A campaign begun from a piece of useful information (资讯): its words, its segment, its product family."""

from guanxi.crm.campaigns.plan import Plan, StepPlan
from guanxi.crm.messaging.models import Piece
from guanxi.crm.messaging.pieces import versions_of


def carrying(piece: Piece, version: str) -> Plan:
    """The plan that a piece begins: one message of its text `version` (the first when it is none of the piece's).

    Its segment and the first of its product families come along; tiers and stages are narrowed by a segment.
    """
    texts = versions_of(piece)
    chosen = next((one for one in texts if str(one.pk) == version), texts[0] if texts else None)
    steps = (StepPlan("message", channel=chosen.template.channel, templates=(chosen.pk,)),) if chosen else ()
    kept = piece.segment
    return Plan(
        name=piece.title[:60], family=piece.families[0] if piece.families else "", segment=kept.get("key", ""),
        segment_version=kept.get("number"), steps=steps,
    )  # fmt: skip
