"""The demo's channels: in the sandbox, and really talking to the simulators beside the server."""

import asyncio
import json
from pathlib import Path

import pytest

from guanxi.channels.face import Accepted, Outgoing
from guanxi.channels.register import open_channel
from guanxi.channels.simulators.ledger import read_ledger
from guanxi.channels.sms_smpp import SmsOverSmpp
from guanxi.crm.messaging.models import ChannelAccount
from guanxi.pipeline.demo.past.messaging import ACCOUNTS, SECRETS
from guanxi.project.demo_channels import counterparts

pytestmark = pytest.mark.django_db


def test_the_demo_s_accounts_lead_to_the_simulators_beside_it_and_keep_what_is_their_own(
    tmp_path: Path,
) -> None:
    told = {
        "signature": "【示范银行】",
        "way_out": "，拒收请回复R",
        "system_id": "guanxi",
        "source": "10690002",
    }
    code, name, kind, purpose, _key, rate = ACCOUNTS[0]
    ChannelAccount.objects.create(
        code=code, name=name, kind=kind, purpose=purpose, adapter="sms_smpp", settings=told, secrets_from=SECRETS,
        rate=rate, window=50, can_ask=True,
    )  # fmt: skip
    environment: dict[str, str] = {"PATH": "/usr/bin", "GUANXI_HOME": str(tmp_path)}
    with counterparts(tmp_path, environment):
        account = ChannelAccount.objects.get(code=code)
        assert (account.is_on, account.can_ask, account.takes_twice) == (False, False, True)
        assert {**account.settings, **told} == account.settings

        async def send() -> object:
            channel = open_channel(
                account.adapter, account.settings, json.loads(environment[account.secrets_from])
            )
            assert isinstance(channel, SmsOverSmpp)
            await channel.open()
            answers = await channel.send([Outgoing("m1", "13900000001", "您好")])
            await channel.close()
            return answers[0]

        assert isinstance(asyncio.run(send()), Accepted)
    texts = [
        line["text"]
        for line in read_ledger(tmp_path / "simulators" / "smsc.jsonl")
        if line["deed"] == "message"
    ]
    assert texts == ["【示范银行】您好，拒收请回复R"]
    assert not (tmp_path / "simulators" / "accounts.json").exists()
