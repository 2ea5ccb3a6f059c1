"""Filling templates in: what the program knows of a customer itself, what comes with the message, and the mask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import connections
from django.urls import reverse

from guanxi.crm.arrays import numbers
from guanxi.crm.messaging.models import Channel, TemplateState, TemplateVersion
from guanxi.crm.messaging.permission import Choice
from guanxi.crm.messaging.policy import contact_policy
from guanxi.crm.scores.tiers import TierNames, tier_names
from guanxi.insight.contact.fields import FIELDS
from guanxi.insight.contact.texts import filled, said, used
from guanxi.web.signed import seal

PREFERENCES = "messaging.preferences"
"""The purpose a link to the preference page is signed for."""
_TWO = "欧阳上官司马诸葛皇甫司徒令狐慕容尉迟公孙长孙宇文夏侯端木东方独孤南宫百里呼延"
TWO_LETTERS = frozenset(_TWO[at : at + 2] for at in range(0, len(_TWO), 2))
_GIVEN = """
SELECT asked.id, party.id, party.kind, party.name, party.sex, unit.name, keeper.name, score.tier_scheme,
       score.tier_rank, COALESCE(budget.language, '')
FROM unnest(%s::bigint[]) AS asked (id)
JOIN customers_party AS own ON own.id = asked.id
JOIN customers_party AS party ON party.id = COALESCE(own.merged_into_id, own.id)
JOIN organisation_unit AS unit ON unit.id = party.unit_id
LEFT JOIN organisation_staff AS keeper ON keeper.id = party.keeper_id
LEFT JOIN scores_partyscore AS score ON score.party_id = party.id
LEFT JOIN messaging_budget AS budget ON budget.party_id = party.id
"""


class Sendable(Protocol):
    """What filling needs of a message."""

    @property
    def id(self) -> int: ...
    @property
    def party_id(self) -> int: ...
    @property
    def template_version(self) -> int | None: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Filled:
    """A message ready to go: its text, the subject where the channel has one, and its language."""

    text: str
    subject: str = ""
    language: str = "zh"
    unsubscribe: str = ""


@dataclass(frozen=True)
class Recipient:
    """What the program knows of a customer for a message."""

    party_id: int
    is_person: bool
    name: str
    sex: str
    branch: str
    manager: str
    scheme: str | None
    rank: int | None
    language: str


def texts_of(messages: Sequence[Sendable], *, today: date, using: str = "default") -> dict[int, Filled]:
    """Each message's text by its id, from its approved version. One whose version is not approved (any more), that
    lacks a field, or whose customer is out of sight is missing: it may not go."""
    versions = _versions((message.template_version for message in messages), using)
    known = recipients({message.party_id for message in messages}, using=using)
    tiers, until = tier_names(today), _until(today)
    told = {}
    for message in messages:
        version, one = versions.get(message.template_version or 0), known.get(message.party_id)
        if version is not None and one is not None:
            try:
                told[message.id] = fill(version, one, message.fields, tiers=tiers, until=until)
            except (KeyError, ValueError):
                continue
    return told


def choices_of(messages: Sequence[Sendable], *, using: str = "default") -> dict[int, Choice]:
    """By place: whether the message was chosen by scores and what it is about, as its template says."""
    versions = _versions((message.template_version for message in messages), using)
    found = {place: versions.get(message.template_version or 0) for place, message in enumerate(messages)}
    return {
        place: Choice(personal=version.template.personal, topic=version.template.topic)
        for place, version in found.items()
        if version is not None
    }


def fill(
    version: TemplateVersion, one: Recipient, told: Mapping[str, Any], *, tiers: TierNames, until: date,
    masked: bool = False, shown: bool = False,
) -> Filled:  # fmt: skip
    """One customer's text; KeyError for a field without value, ValueError for one that cannot be read.

    `masked` writes what identifies the customer or tells their money as its form only. `shown` to a person, not sent:
    the link to the customer's own page is its form only, since whoever opens it decides for the customer.
    """
    language = one.language if version.texts.get(one.language, {}).get("text") else "zh"
    parts = version.texts[language]
    wanted = {*used(parts["text"]), *used(parts.get("subject", ""))}
    values = {}
    for code in wanted:
        door = shown and code == "preferences"
        value = FIELDS[code].example[language] if door else _given(code, one, told, tiers, until, language)
        values[code] = hidden(code, value) if masked else value
    way_out = unsubscribe_link(one.party_id, until) if version.template.channel == Channel.EMAIL else ""
    return Filled(filled(parts["text"], values), filled(parts.get("subject", ""), values), language, way_out)


def recipients(ids: Iterable[int], *, using: str = "default") -> dict[int, Recipient]:
    """What is known of these customers, by the number asked for; who is out of sight is missing. One statement."""
    with connections[using].cursor() as cursor:
        cursor.execute(_GIVEN, [numbers(sorted(set(ids)))])
        rows = cursor.fetchall()
    return {
        row[0]: Recipient(
            party_id=row[1], is_person=row[2] == "person", name=row[3], sex=row[4] or "", branch=row[5],
            manager=row[6] or "", scheme=row[7], rank=row[8], language=row[9] or "zh",
        )
        for row in rows
    }  # fmt: skip


def greeted(one: Recipient, language: str) -> str:
    """王女士, Mr Wang: the family name with its courtesy; organisations by their name."""
    if not one.is_person or not one.name:
        return one.name or ("客户" if language == "zh" else "customer")
    family = one.name[:2] if one.name[:2] in TWO_LETTERS else one.name[:1]
    if language == "zh":
        return family + {"male": "先生", "female": "女士"}.get(one.sex, "先生/女士")
    return f"{ {'male': 'Mr', 'female': 'Ms'}.get(one.sex, 'Mr/Ms') } {family}"


def hidden(code: str, value: str) -> str:
    """A value as somebody sees it who may not see names and amounts: first letter and stars."""
    return value[:1] + "**" if FIELDS[code].hidden else value


def preference_link(party_id: int, until: date) -> str:
    """The address of a customer's preference page: signed, with its last day; no personal data in it."""
    return _address("messaging:preferences", party_id, until)


def unsubscribe_link(party_id: int, until: date) -> str:
    """Where a mail program posts the customer's way out (RFC 8058)."""
    return _address("messaging:unsubscribe", party_id, until)


def _address(name: str, party_id: int, until: date) -> str:
    base = str(settings.GUANXI_PUBLIC_URL).rstrip("/")
    return base + reverse(name, args=[seal(PREFERENCES, party_id, until)])


def _until(today: date) -> date:
    policy = contact_policy(today)
    return today + timedelta(days=policy.link_days if policy else 0)


def _given(
    code: str, one: Recipient, told: Mapping[str, Any], tiers: TierNames, until: date, language: str
) -> str:
    if code == "preferences":
        return preference_link(one.party_id, until)
    if code in told:
        return said(code, told[code], language)
    own = {"name": greeted(one, language), "branch": one.branch, "manager": one.manager or one.branch}
    if code == "tier" and (band := tiers.band(one.scheme, one.rank)) is not None:
        own["tier"] = band.label_zh if language == "zh" else band.label_en
    return said(code, own[code], language)


def _versions(keys: Iterable[int | None], using: str) -> dict[int, TemplateVersion]:
    rows = TemplateVersion.objects.using(using).filter(
        pk__in={key for key in keys if key}, state=TemplateState.APPROVED
    )
    return {version.pk: version for version in rows.select_related("template")}
