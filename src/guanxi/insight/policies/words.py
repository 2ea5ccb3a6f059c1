"""What codes in policies are called when a policy is read out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from guanxi.insight.policies.base import speak

PURPOSES = {
    "salary": "代发工资",
    "pension": "养老金",
    "social_security": "社保",
    "subsidy": "财政补贴",
    "cash": "现金",
    "transfer": "转账",
    "payment": "支付",
    "investment": "投资",
    "loan": "贷款",
    "card": "信用卡",
    "interest": "结息",
    "fee": "手续费",
    "tax": "代扣税",
    "other": "其他",
}
LOAN_CLASSES = {"normal": "正常", "watch": "关注", "substandard": "次级", "doubtful": "可疑", "loss": "损失"}
RENOWN_KINDS = {
    "village_cadre": "村干部",
    "business_owner": "企业主",
    "deputy": "人大代表",
    "committee_member": "政协委员",
    "listed": "上市公司",
    "other": "其他",
}
RELATIONS = {
    "spouse": "配偶",
    "parent": "父母",
    "child": "子女",
    "guardian": "监护人",
    "agent": "代理人",
    "authorised": "授权人",
    "employee": "员工",
    "owner": "股东",
    "legal_person": "法定代表人",
    "guarantor": "担保人",
}
CUSTOMER_GRADES = {
    "C1": "C1 保守型",
    "C2": "C2 稳健型",
    "C3": "C3 平衡型",
    "C4": "C4 成长型",
    "C5": "C5 进取型",
}
RISK_INPUTS = {
    "overdue_days": "逾期天数",
    "pd": "违约概率",
    "expired_days": "授信到期天数",
    "loan_class": "五级分类",
    "grade": "信用等级",
}


def said(code: str, labels: Mapping[str, str], language: str) -> str:
    """A code in words: its Chinese label, or the English code without underscores."""
    return speak(language, labels.get(code, code), code.replace("_", " "))


def listed(codes: Iterable[str], labels: Mapping[str, str], language: str) -> str:
    """Codes in words, one after another."""
    return speak(language, "、", ", ").join(said(code, labels, language) for code in codes)


def pointed(points: Mapping[str, int], labels: Mapping[str, str], language: str) -> str:
    """Codes with their points or weights: 配偶 3、父母 2."""
    parts = (f"{said(code, labels, language)} {value}" for code, value in points.items())
    return speak(language, "、", ", ").join(parts)
