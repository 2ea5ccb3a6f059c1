"""What the API says and takes. Money in fen of the base currency; days as YYYY-MM-DD; what is not known is null."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

MOST_FEN = 10**15
PLAIN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Texts without control characters; the store takes no NUL."""

Text20 = Annotated[str, StringConstraints(max_length=20, pattern=PLAIN)]
Text64 = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PLAIN)]
Text200 = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PLAIN)]
Note400 = Annotated[str, StringConstraints(max_length=400, pattern=PLAIN)]
Note1000 = Annotated[str, StringConstraints(max_length=1000, pattern=PLAIN)]
Fen = Annotated[int, Field(gt=0, le=MOST_FEN)]


class Taken(Schema):
    """What may be sent: nothing beside the fields named."""

    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """application/problem+json."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[dict[str, Any]] | None = None


class Number(Taken):
    """A customer, phone, card or identity number, whole. In the body, so that no log keeps it."""

    number: Text64


class Customer(Schema):
    """A customer as the page of that person shows it: names and numbers masked where the page masks them."""

    uuid: UUID
    customer_no: str | None
    kind: str
    name: str
    state: str
    sex: str | None
    age: int | None
    since: date | None
    unit_no: str
    unit: str
    keeper: str | None
    risk_grade: str | None
    risk_expires_on: date | None
    id_masked: str | None


class Contact(Schema):
    """How to reach a customer, masked."""

    kind: str
    masked: str
    is_primary: bool


class CustomerDetail(Customer):
    """One customer with how to reach them."""

    contacts: list[Contact]


class Customers(Schema):
    """A page of customers; `next` goes into `after`, null at the end."""

    items: list[Customer]
    next: str | None


class Scores(Schema):
    """The scores the last run published; null where it said nothing."""

    customer: UUID
    business_date: date | None
    tier: str | None
    tier_label: str | None
    stage: str | None
    aum_fen: int | None
    daily_average_fen: int | None
    contribution_12m_fen: int | None
    value_score: float | None


class Segment(Schema):
    """A segment shared with the person, or the person's own."""

    uuid: UUID
    name: str
    purpose: str
    kind: str
    owner: str
    words: str


class Segments(Schema):
    """All segments within reach."""

    items: list[Segment]


class SegmentCount(Schema):
    """How many customers within reach a segment has, on the day of the figures; null where nothing can be counted."""

    customers: int | None
    aum_fen: int | None
    refused_profiling: int | None
    as_of: date | None


class Member(Schema):
    """A customer of a segment."""

    uuid: UUID
    name: str
    tier: str | None
    aum_fen: int | None


class Members(Schema):
    """A page of a segment's customers, the wealthiest first."""

    items: list[Member]
    next: str | None


class NewLead(Taken):
    """A lead as a colleague would hand it in; the number is protected on arrival and never given back in clear."""

    kind: Literal["person", "company"]
    name: Text200
    contact: Text64
    unit_no: Text64
    industry: Annotated[str, StringConstraints(max_length=16, pattern=PLAIN)] = ""
    note: Note400 = ""
    worth_fen: Fen | None = None
    agreed: bool = False


class Lead(Schema):
    """A lead and where it stands."""

    uuid: UUID
    kind: str
    name: str
    contact_masked: str
    unit_no: str
    state: str
    made_on: date
    owner: str | None


class Leads(Schema):
    """A page of leads, the newest first."""

    items: list[Lead]
    next: str | None


class NewContact(Taken):
    """A contact with a customer as it is written down. `client_key` makes it one, however often it is sent."""

    channel: Text20
    at: datetime
    outcome: Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=PLAIN)]
    client_key: UUID
    note: Note1000 = ""
    intent_family: Annotated[str, StringConstraints(max_length=16, pattern=PLAIN)] = ""
    intent_fen: Fen | None = None


class Interaction(Schema):
    """A contact of the log."""

    id: int
    channel: str
    at: datetime
    outcome: str
    author: str
    note: str
    intent_family: str
    intent_fen: int | None


class Interactions(Schema):
    """A page of contacts, the latest first."""

    items: list[Interaction]
    next: str | None


class Made(Schema):
    """The key of what was written."""

    id: str


class Campaign(Schema):
    """A campaign that the person may know of."""

    uuid: UUID
    name: str
    kind: str
    state: str
    owner: str
    unit_no: str
    metric: str
    starts_on: date | None
    ends_on: date | None


class Campaigns(Schema):
    """The campaigns within reach, the latest changed first."""

    items: list[Campaign]


class Progress(Schema):
    """How far a campaign is, as its page counts it. Nothing of who is held out."""

    uuid: UUID
    treated: int
    by_state: dict[str, int]


class BadLine(Schema):
    """A line of events that was not taken, and why; nothing of what it said."""

    line: int
    reason: str
    words: str
    property: str | None = None


class EventsTaken(Schema):
    """What became of a batch of events."""

    received: int
    new: int
    known: int
    waiting: int
    dropped: dict[str, int]
    refused: int
    lines: list[BadLine]
