"""Tables of the messaging room: the outbox with its channels, and permission to contact."""

from guanxi.crm.messaging.models.notices import Notice, NoticeState
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

__all__ = [
    "Budget",
    "Channel",
    "ChannelAccount",
    "Claim",
    "ConsentEntry",
    "Heard",
    "Hold",
    "HoldReason",
    "Message",
    "Notice",
    "NoticeState",
    "Origin",
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
