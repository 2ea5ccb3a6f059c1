"""Kinds of channel and the module that speaks each; a new kind is one line here (docs/how-to/new-channel.md)."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from guanxi.channels.face import Channel
from guanxi.channels.settings import SettingsRefused, is_loopback

# kind -> module and class; modules are imported when an account of their kind is opened.
KINDS = {
    "sms_smpp": ("guanxi.channels.sms_smpp", "SmsOverSmpp"),
    "sms_http": ("guanxi.channels.sms_http", "SmsOverHttp"),
    "email_smtp": ("guanxi.channels.email_smtp", "EmailOverSmtp"),
    "wecom_app": ("guanxi.channels.wecom", "WecomApp"),
    "wecom_mass": ("guanxi.channels.wecom", "WecomMass"),
    "webhook": ("guanxi.channels.webhook", "Webhook"),
    "call_list": ("guanxi.channels.call_list", "CallList"),
    "letter": ("guanxi.channels.letter", "Letter"),
}


def open_channel(
    kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str], *, sandbox: bool = True
) -> Channel:
    """A channel of this kind, not yet connected (`await channel.open()`).

    In the sandbox (沙箱) any host that is not this machine is refused before a socket is made; reaching the outside
    must be asked for. Raises `SettingsRefused` for an unknown kind, bad settings, or an outside host in the sandbox.
    """
    if kind not in KINDS:
        raise SettingsRefused(kind, [f"no such kind of channel (known: {', '.join(KINDS)})"])
    module, name = KINDS[kind]
    channel: Any = getattr(importlib.import_module(module), name)(settings, secrets)
    outside = [host for host in channel.hosts if not is_loopback(host)]
    if sandbox and outside:
        raise SettingsRefused(kind, [f"sandbox: {host} is not this machine" for host in outside])
    return channel  # type: ignore[no-any-return]
