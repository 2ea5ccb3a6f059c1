"""Tables of the messaging room: the outbox with its channels, and permission to contact."""

from guanxi.crm.messaging.models.notices import Aimed, Notice, NoticeState
from guanxi.crm.messaging.models.outbox import (
    Channel,
    ChannelAccount,
    Claim,
    Message,
    Origin,
    Purpose,
    Receipt,
    SendingHome,
    State,
    Volume,
)
from guanxi.crm.messaging.models.permission import (
    Budget,
    ConsentEntry,
    Heard,
    Hold,
    HoldReason,
    SaidBy,
    Suppression,
    Template,
    TemplateState,
    TemplateVersion,
    Touch,
)
from guanxi.crm.messaging.models.pieces import Handed, Piece, PieceTopic

__all__ = [
    "Aimed",
    "Budget",
    "Channel",
    "ChannelAccount",
    "Claim",
    "ConsentEntry",
    "Handed",
    "Heard",
    "Hold",
    "HoldReason",
    "Message",
    "Notice",
    "NoticeState",
    "Origin",
    "Piece",
    "PieceTopic",
    "Purpose",
    "Receipt",
    "SaidBy",
    "SendingHome",
    "State",
    "Suppression",
    "Template",
    "TemplateState",
    "TemplateVersion",
    "Touch",
    "Volume",
]
