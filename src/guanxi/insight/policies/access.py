"""How much a person may take or see of protected data: rows of an export by role, numbers unmasked a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from guanxi.insight.policies.base import Findings, Policy, PolicyTable, speak
from guanxi.insight.staging.contract import STAFF

ROLES = STAFF.column("post").values
MOST_ROWS = 1_000_000  # what one sheet of a workbook holds
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

    def export_limit(self, roles: frozenset[str]) -> int:
        """The most rows that anybody holding these roles may take in one file; 0: none."""
        return max((rows for role, rows in self.export_rows.items() if role in roles), default=0)

    def problems(self, language: str = "zh") -> list[str]:
        """Roles that do not exist, limits out of range."""
        found = Findings(language)
        for role, rows in self.export_rows.items():
            found.need(role in ROLES, f"没有岗位 {role}", f"there is no role {role}")
            found.need(
                0 <= rows <= MOST_ROWS,
                f"{role}：导出行数须在 0 到 {MOST_ROWS:,} 之间",
                f"{role}: rows must be 0 to {MOST_ROWS:,}",
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
            speak(
                language,
                f"查看完整号码：每人每日超过 {self.reveals_a_day} 次即告警。",
                f"Numbers shown in full: more than {self.reveals_a_day} a person a day raise an alarm.",
            ),
        ]
