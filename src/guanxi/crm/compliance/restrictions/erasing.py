"""Erases approved customers from the store: the night's deed, with the pipeline's login, one transaction a customer."""

from collections.abc import Collection
from datetime import date

from django.apps import apps
from django.db import transaction
from django.db.models import Q

from guanxi.crm.audit import services as audit
from guanxi.crm.compliance.held import Numbers, numbers_named
from guanxi.crm.compliance.models import SubjectRequest
from guanxi.crm.compliance.restrictions.gone import EMPTIED, lookups
from guanxi.crm.compliance.restrictions.models import Erasure, ErasureState
from guanxi.crm.customers.documents.models import Document
from guanxi.crm.customers.models import ContactPoint, Identifier, Party, VaultEntry

USING = "pipeline"


def approved() -> list[tuple[Erasure, Numbers]]:
    """Erasures that two people agreed to and no night has done yet, with all that names the customer."""
    waiting = Erasure.objects.using(USING).select_related("restriction__party").order_by("pk")
    return [
        (one, numbers_named(one.restriction.party, using=USING))
        for one in waiting.filter(state=ErasureState.APPROVED)
    ]


def erase(erasure: Erasure, named: Numbers, tokens: Collection[str], on: date) -> dict[str, int]:
    """Delete the customer's rows, empty what stays, note it; rows by table. `tokens`: those the lake knew besides.

    Keys between tables are checked when the transaction ends: one that points at a row that is gone undoes it all.
    """
    with transaction.atomic(using=USING):
        Party.objects.using(USING).filter(pk__in=named.keys).update(**EMPTIED)
        SubjectRequest.objects.using(USING).filter(party__in=named.keys).update(
            words="", right_key="", right_value=b""
        )
        # A document in use has no last day of its own: the customer's is the last of all.
        Document.objects.using(USING).filter(party__in=named.keys, kept_until=None).update(
            kept_until=erasure.restriction.kept_until
        )
        rows = _vault({*named.tokens, *tokens}, named)
        rows |= {label: _deleted(label, found, named) for label, found in lookups().items()}
        rows = {label: count for label, count in rows.items() if count}
        erasure.state, erasure.erased_on, erasure.rows = ErasureState.DONE, on, rows
        erasure.save(using=USING, update_fields=["state", "erased_on", "rows"])
        audit.record(by=None, verb="compliance.erased", on=erasure, using=USING, rows=sum(rows.values()))
    return rows


def delivered(customer_nos: Collection[str], on: date) -> None:
    """Note for erased customers that the bank's extract of `on` still held them."""
    Erasure.objects.using(USING).filter(
        state=ErasureState.DONE, restriction__numbers__party__customer_no__in=customer_nos
    ).update(delivered_on=on)


def _vault(tokens: set[str], named: Numbers) -> dict[str, int]:
    """Values of this customer alone; one shared with somebody else (a household's phone) is the other's too."""
    for held in (Identifier, ContactPoint):
        others = held.objects.using(USING).filter(token__in=tokens).exclude(party__in=named.keys)
        tokens = tokens - set(others.values_list("token", flat=True))
    return {"customers.VaultEntry": VaultEntry.objects.using(USING).filter(token__in=tokens).delete()[0]}


def _deleted(label: str, found: tuple[str, ...], named: Numbers) -> int:
    model = apps.get_model(label)
    wanted = Q()
    for lookup in found:
        wanted |= Q(**{f"{lookup}__in": named.keys})
    rows = model._base_manager.using(USING)  # noqa: SLF001  # Django documents it
    keys = rows.filter(wanted).order_by().values("pk")
    return int(rows.filter(pk__in=keys)._raw_delete(USING))  # noqa: SLF001  # no cascade: each table says itself
