"""The contract in Chinese where its own table speaks English: what a file is, what is lost without it."""

from __future__ import annotations

_WITHOUT = {
    "units": "全行显示为一个机构，不能按网点下钻。",
    "staff": "没有管户人信息，登录账号须手工建立。",
    "customers": "必需文件。",
    "contact_points": "不能按手机号搜索，客户页没有联系方式。",
    "consents": "所有客户视为未同意营销。",
    "relations": "没有客户关系面板，关联度没有依据。",
    "products": "所有账户按活期存款处理（映射中指定产品大类的除外）。",
    "accounts": "必需文件。",
    "account_parties": "必需文件。",
    "attributions": "业绩只归属管户人。",
    "balances": "余额由交易流水的交易后余额推算。",
    "transactions": "没有交易行为、RFM 和睡眠依据，生命周期只看余额。",
    "channel_events": "没有渠道画像和年龄 × 渠道表。",
    "service_events": "投诉、代扣解约、提前支取、销户申请不产生预警。",
    "credit": "没有授信面板，预期损失用参数默认值。",
    "ftp_rates": "不计算贡献度。",
    "fx_rates": "外币账户将逐户列出并拒绝。",
}


def without_zh(name: str) -> str:
    """What the screens lose without this contract file, in Chinese; KeyError for a file the contract does not have."""
    return _WITHOUT[name]
