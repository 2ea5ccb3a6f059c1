"""What data may be used for (使用目的), after PIPL art. 6 and 19: every file that leaves names one of these."""

from enum import StrEnum


class Purpose(StrEnum):
    """One purpose; which bank's data it may touch is said by kind in `kinds.toml`."""

    SERVICE = "service"
    MARKETING = "marketing"
    RISK = "risk"
    ANALYSIS = "analysis"
    COMPLAINTS = "complaints"
    COMPLIANCE = "compliance"


PURPOSE_NAMES = {
    Purpose.SERVICE: ("客户服务", "Service"),
    Purpose.MARKETING: ("营销", "Marketing"),
    Purpose.RISK: ("风险管理", "Risk"),
    Purpose.ANALYSIS: ("经营分析", "Analysis"),
    Purpose.COMPLAINTS: ("投诉处理", "Complaints"),
    Purpose.COMPLIANCE: ("合规", "Compliance"),
}
