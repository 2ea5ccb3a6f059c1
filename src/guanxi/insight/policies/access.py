"""How much a person may take or see of protected data: rows of an export by role, numbers unmasked a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak
from guanxi.insight.staging.contract import STAFF

ROLES = STAFF.column("post").values
MOST_ROWS = 1_000_000  # what one sheet of a workbook holds
MOST_DAYS = 30
ROLE_NAMES = {
    "relationship_manager": ("客户经理", "Relationship manager"),
    "corporate_manager": ("对公客户经理", "Corporate manager"),
    "planner": ("理财经理", "Wealth planner"),
    "teller": ("柜员", "Teller"),
    "lobby": ("大堂经理", "Lobby manager"),
    "outlet_head": ("网点负责人", "Outlet head"),
    "supervisor": ("主管", "Supervisor"),
    "analyst": ("分析人员", "Analyst"),
    "administrator": ("系统管理员", "Administrator"),
    "compliance": ("合规人员", "Compliance officer"),
    "other": ("其他", "Other"),
}


@dataclass(frozen=True)
class AccessPolicy(Policy):
    """Limits of taking data out; a role that is not named may take nothing."""

    kind: ClassVar[str] = "access"

    export_rows: dict[str, int]  # role → rows of one file
    reveals_a_day: int  # above, the alarm is recorded; nobody is stopped at the counter
    approved_rows: dict[str, int] = field(
        default_factory=dict
    )  # role → rows of a file it may approve for others
    approved_days: int = 7  # an approval not used in so many days has run out

    def export_limit(self, roles: frozenset[str]) -> int:
        """The most rows that anybody holding these roles may take in one file; 0: none."""
        return max((rows for role, rows in self.export_rows.items() if role in roles), default=0)

    def approval_limit(self, roles: frozenset[str]) -> int:
        """The most rows of one file that anybody holding these roles may approve for others; 0: none."""
        return max((rows for role, rows in self.approved_rows.items() if role in roles), default=0)

    def problems(self, language: str = "zh") -> list[str]:
        """Roles that do not exist, limits out of range."""
        found = Findings(language)
        for role, rows in (*self.export_rows.items(), *self.approved_rows.items()):
            found.need(role in ROLES, f"没有岗位 {role}", f"there is no role {role}")
            found.need(
                0 <= rows <= MOST_ROWS,
                f"{role}：导出行数须在 0 到 {MOST_ROWS:,} 之间",
                f"{role}: rows must be 0 to {MOST_ROWS:,}",
            )
        found.need(
            1 <= self.approved_days <= MOST_DAYS,
            f"导出批准的有效天数须在 1 到 {MOST_DAYS} 之间",
            f"an approval counts 1 to {MOST_DAYS} days",
        )
        found.need(
            self.reveals_a_day >= 1, "每日查看号码次数至少为 1", "numbers unmasked a day must be at least 1"
        )
        return found.said

    def tables(self) -> dict[str, PolicyTable]:
        """None: no step of the night reads it."""
        return {}

    def in_words(self, language: str = "zh") -> list[str]:
        """The limit of each role in the order of the roles, then the alarm."""
        named = {
            role: self.export_rows[role]
            for role in (*ROLE_NAMES, *self.export_rows)
            if role in self.export_rows
        }
        said = []
        for role, rows in named.items():
            zh, en = ROLE_NAMES.get(role, (role, role))
            said.append(
                speak(language, f"{zh}：每次最多导出 {rows:,} 行。", f"{en}: at most {rows:,} rows a file.")
            )
        return [
            *said,
            *self._approvals_in_words(language),
            speak(
                language,
                f"查看完整号码：每人每日超过 {self.reveals_a_day} 次即告警。",
                f"Numbers shown in full: more than {self.reveals_a_day} a person a day raise an alarm.",
            ),
        ]

    def _approvals_in_words(self, language: str) -> list[str]:
        said = []
        for role in (one for one in ROLE_NAMES if self.approved_rows.get(one)):
            zh, en = ROLE_NAMES[role]
            rows = self.approved_rows[role]
            said.append(
                speak(
                    language,
                    f"{zh}：可批准他人一次导出至多 {rows:,} 行，批准后 {self.approved_days} 天内取一次。",
                    f"{en}: may approve others' files of up to {rows:,} rows, taken once in {self.approved_days} days.",
                )
            )
        return said
