"""The answer to a person in words (答复书). Letters are Chinese, as their readers are."""

from collections.abc import Mapping

from guanxi.crm.compliance.models import FILE_KINDS, Refusal, RequestKind, SubjectRequest, Verdict

KINDS: Mapping[str, str] = {
    RequestKind.ACCESS: "查阅",
    RequestKind.COPY: "复制",
    RequestKind.CORRECT: "更正、补充",
    RequestKind.DELETE: "删除",
    RequestKind.EXPLAIN: "解释说明",
}
VERDICTS: Mapping[str, str] = {
    Verdict.GRANTED: "我行同意您的请求。",
    Verdict.PARTLY: "我行同意您的部分请求，其余部分不予同意。",
    Verdict.REFUSED: "我行不予同意您的请求。",
}
REFUSALS: Mapping[str, str] = {
    Refusal.RETENTION: "法律、行政法规规定的保存期限未届满",
    Refusal.IDENTITY: "未能核实请求人身份或授权",
    Refusal.NOT_HELD: "我行未持有所请求的个人信息",
    Refusal.RIGHT_AS_IS: "经核实，现有信息准确、完整",
    Refusal.OTHERS: "涉及他人的合法权益",
    Refusal.SECRECY: "法律、行政法规规定应当保密",
}
RESTRICTED = "在保存期限内，除存储和采取必要的安全保护措施外，我行停止对相关个人信息的其他处理。"
WITH_FILE = "所请求的个人信息副本及说明随本答复一并交付，请妥善保管。"
CORRECTED = "相关信息将先在源系统更正，随后更新至我行客户关系管理系统。"


def letter_of(request: SubjectRequest) -> dict[str, str]:
    """What the letter of a decided request says: kind, verdict, ground, and what follows from it."""
    agreed = request.verdict in (Verdict.GRANTED, Verdict.PARTLY)
    more = ""
    if request.refusal == Refusal.RETENTION and request.kind == RequestKind.DELETE:
        more = RESTRICTED
    elif agreed and request.kind in FILE_KINDS:
        more = WITH_FILE
    elif agreed and request.kind == RequestKind.CORRECT:
        more = CORRECTED
    return {
        "letter_kind": KINDS[request.kind],
        "letter_verdict": VERDICTS[request.verdict],
        "letter_refusal": REFUSALS.get(request.refusal, ""),
        "letter_more": more,
    }
