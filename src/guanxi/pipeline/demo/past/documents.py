"""Documents of some kept customers: copies of cards and licences, risk forms, contracts; some end soon, some replaced.

They go through the same look and the same encryption as what people hand in.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.crm.customers.documents.checks import Paper, paper_from
from guanxi.crm.customers.documents.models import Document, DocumentContent
from guanxi.crm.customers.models import Party
from guanxi.crm.customers.protected import door
from guanxi.crm.policies.selectors import known
from guanxi.insight.policies.archive import ArchivePolicy, kept_until
from guanxi.pipeline.demo.past._papers import card_copy, licence_copy, text_page

CUSTOMERS = 18
DRAWN: Mapping[str, Callable[[str], bytes]] = {
    "id_copy": card_copy,
    "licence": licence_copy,
    "authority": lambda seed: text_page("Letter of authority", _number(seed)),
    "risk_form": lambda seed: text_page("Risk questionnaire", _number(seed)),
    "contract": lambda seed: text_page("Contract", _number(seed)),
}
REMARKS = {"id_copy": "正反面", "licence": "副本", "contract": "大额存单协议", "risk_form": "网点面签"}
CREDIT = "综合授信额度合同"
WITHDRAWN = "客户经办人已更换，授权失效"


def tell(*, today: date) -> int:
    """Documents of the wealthiest kept customers, persons and companies; rows written, 0 when told before."""
    policy = known("archive", today)
    if not isinstance(policy, ArchivePolicy) or Document.objects.using("pipeline").exists():
        return 0
    kept = Party.objects.using("pipeline").filter(merged_into=None, keeper__isnull=False, state="active")
    richest = kept.select_related("keeper").order_by("-partyscore__aum_fen", "pk")
    persons = list(richest.filter(kind="person")[:CUSTOMERS])
    others = list(richest.filter(kind__in=("company", "sole_trader"))[: CUSTOMERS // 2])
    papers = [pair for party in (*persons, *others) for pair in _papers(party, policy, today)]
    Document.objects.using("pipeline").bulk_create([row for row, _paper in papers])
    sealed = [(row, *door().seal_document(paper.content, row.uuid.bytes)) for row, paper in papers]
    DocumentContent.objects.using("pipeline").bulk_create(
        DocumentContent(document=row, key_id=key, ciphertext=content) for row, key, content in sealed
    )
    return len(papers)


def _papers(party: Party, policy: ArchivePolicy, today: date) -> Iterator[tuple[Document, Paper]]:
    """Two or three documents; of every fourth customer the first was replaced, every fifth has one that ends soon."""
    chance = random.Random(f"documents {party.customer_no}")  # noqa: S311  # a made-up bank, the same each time
    private = party.kind == "person"
    kinds = ["id_copy", "risk_form"] if private else ["licence", "authority"]
    kinds += ["contract"] if chance.random() < 0.4 else []
    for code in kinds:
        days, versions = chance.randint(10, 300), 1 + (code == kinds[0] and chance.random() < 0.25)
        thread = uuid.uuid5(uuid.NAMESPACE_OID, f"document {party.customer_no} {code}")
        ends = today + timedelta(
            days=chance.choice((12, -6, 25) if chance.random() < 0.2 else (400, 1100, 2400))
        )
        for version in range(1, versions + 1):
            latest = version == versions
            day = today - timedelta(days=days if latest else days + 700)
            yield _one(party, code, (thread, version, latest), (day, ends), policy)


def _one(
    party: Party,
    code: str,
    place: tuple[uuid.UUID, int, bool],
    days: tuple[date, date],
    policy: ArchivePolicy,
) -> tuple[Document, Paper]:
    (thread, version, latest), (day, ends) = place, days
    kind = policy.document(code)
    assert kind is not None
    assert party.keeper is not None
    paper = paper_from(DRAWN[code](f"{party.customer_no} {version}"), kind, policy)
    at = timezone.make_aware(datetime.combine(day, time(10, version)))
    said = CREDIT if code == "contract" and party.kind != "person" else REMARKS.get(code, "")
    row = Document(
        party=party, uuid=uuid.uuid5(thread, str(version)), thread=thread, version=version, is_latest=latest, kind=code,
        remark=said, mime=paper.mime, size=len(paper.content), sha256=paper.sha256,
        ends_on=ends if latest else day + timedelta(days=690), added_by=party.keeper, added_on=day, added_at=at,
    )  # fmt: skip
    if not latest:
        row.kept_until = kept_until(kind, day + timedelta(days=700))
    elif code == "authority" and int(thread) % 3 == 0:
        row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = (
            at + timedelta(days=9),
            party.keeper,
            WITHDRAWN,
        )
        row.kept_until = kept_until(kind, day + timedelta(days=9))
    return row, paper


def _number(seed: str) -> int:
    return random.Random(seed).randrange(1_000_000)  # noqa: S311
