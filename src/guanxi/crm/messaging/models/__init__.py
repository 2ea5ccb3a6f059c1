"""Tables of the messaging room: the outbox with its channels, and permission to contact."""

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

__all__ = [
    "Channel",
    "ChannelAccount",
    "Claim",
    "Message",
    "Origin",
    "Purpose",
    "Receipt",
    "SendingHome",
    "State",
    "Volume",
]
