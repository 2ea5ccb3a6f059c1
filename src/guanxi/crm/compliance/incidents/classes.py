"""Which classes of personal data a look or a file shows; pure. A column nobody has placed counts as `other`."""

from collections.abc import Iterable, Mapping

IDENTITY, CONTACT, FINANCE, PROFILE, RECORDS, PAPERS, OTHER = (
    "identity", "contact", "finance", "profile", "records", "papers", "other",
)  # fmt: skip
LABELS: Mapping[str, tuple[str, str]] = {
    IDENTITY: ("姓名、客户号、证件等身份信息", "who the customer is: name, numbers, papers"),
    CONTACT: ("电话、地址等联系方式", "phone, address and other ways of contact"),
    FINANCE: ("账户、余额、产品等金融账户信息", "accounts, balances and products"),
    PROFILE: ("等级、评分、预警等评价信息", "tier, scores and warnings"),
    RECORDS: ("联系、拜访、服务等往来记录", "contacts, visits and service"),
    PAPERS: ("证件、合同等资料影像", "scans of papers and contracts"),
    OTHER: ("其他个人信息", "other personal data"),
}
_WHOLE = frozenset({IDENTITY, CONTACT, FINANCE, PROFILE, RECORDS})
LOOKS: Mapping[str, frozenset[str]] = {
    "page": _WHOLE,
    "arrival": frozenset({IDENTITY, PROFILE}),
    "guest": frozenset({IDENTITY}),
    "identity": frozenset({IDENTITY, CONTACT}),
    "document": frozenset({IDENTITY, PAPERS}),
    "archive": frozenset({IDENTITY, RECORDS}),
    "behaviour": frozenset({IDENTITY, RECORDS}),
    "request": frozenset({IDENTITY}),
    "request_file": _WHOLE | {PAPERS},
    "api": frozenset({IDENTITY, CONTACT}),
    "api.scores": frozenset({IDENTITY, FINANCE, PROFILE}),
    "api.interactions": frozenset({IDENTITY, RECORDS}),
}
"""What each sort of look shows; a look of another sort shows a record of work about a known customer."""
REVEALED: Mapping[str, str] = {
    "mobile": CONTACT,
    "phone": CONTACT,
    "email": CONTACT,
    "address": CONTACT,
    "wecom": CONTACT,
}
COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(
        ("name", "number", "customer_no", "uuid", "kind", "sex", "age", "since", "id_masked", "code"),
        IDENTITY,
    ),
    **dict.fromkeys(("phone", "mobile", "contact", "contacts", "address"), CONTACT),
    **dict.fromkeys(
        (
            *(
                "aum",
                "aum_fen",
                "average",
                "deposits",
                "loans",
                "change",
                "gap",
                "held",
                "amount",
                "matures",
                "share",
            ),
            *(
                "family",
                "product",
                "before",
                "after",
                "contribution",
                "at_stake",
                "value_fen",
                "line",
                "wealth",
            ),
        ),
        FINANCE,
    ),
    **dict.fromkeys(
        (
            *(
                "tier",
                "stage",
                "value",
                "watch",
                "risk_grade",
                "risk_expires_on",
                "preference",
                "channel",
                "why",
            ),
            *("urgency", "chance", "raised", "side", "composite"),
        ),
        PROFILE,
    ),
    **dict.fromkeys(
        ("unit", "unit_no", "keeper", "last", "state", "opened", "ended", "due", "file", "decision"), RECORDS
    ),
}
SHEETS: Mapping[str, frozenset[str]] = {
    "subject_request": _WHOLE | {PAPERS},
    "proposal": frozenset({IDENTITY, FINANCE}),
    "handover": _WHOLE,
    "morning": frozenset({IDENTITY, FINANCE, RECORDS}),
    "weekly_pack": frozenset({IDENTITY, FINANCE, RECORDS}),
    "visit_prep": _WHOLE,
    "maintenance_plan": frozenset({IDENTITY, RECORDS}),
}
"""Files whose columns do not tell what stands in them."""


def classes_of_look(what: str) -> frozenset[str]:
    """The classes that one look of this sort shows; "reveal:<kind>" one number in full."""
    sort, _colon, kind = what.partition(":")
    if sort == "reveal":
        return frozenset({REVEALED.get(kind, IDENTITY)})
    return LOOKS.get(what, frozenset({IDENTITY, RECORDS}))


def classes_of_export(what: str, columns: Iterable[str]) -> frozenset[str]:
    """The classes in a file; that somebody is a customer at all is told by each of them."""
    if what in SHEETS:
        return SHEETS[what]
    return frozenset({IDENTITY, *(COLUMNS.get(column, OTHER) for column in columns)})
