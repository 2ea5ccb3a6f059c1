"""What a task is to speak of: the products of its family that suit the customer on the day, by the one rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from guanxi.crm.catalog.models import Product
from guanxi.crm.customers.models import Party
from guanxi.crm.interactions.policy import family_name
from guanxi.crm.policies.selectors import known
from guanxi.crm.worklist.models import Origin, Task
from guanxi.insight.policies.suitability import SuitabilityPolicy
from guanxi.insight.suitability import suitable

NAMED = 4  # products of a family; a manager names two or three
Named = tuple[str, list[tuple[str, bool]]]


def spoken_of(party: Party, tasks: Sequence[Task], day: date) -> list[Named]:
    """Each family that a playbook's step speaks of, with its products that may be offered today and whether a second
    person confirms; no product where none suits, or the bank has no such policy. One query where there is a family."""
    rows = (task.offer_family for task in tasks if task.origin == Origin.PLAYBOOK)
    families = list(dict.fromkeys(family for family in rows if family))
    rule = known(SuitabilityPolicy.kind, day) if families else None
    if not isinstance(rule, SuitabilityPolicy):
        return [(family_name(family), []) for family in families]
    found: dict[str, list[tuple[str, bool]]] = {family: [] for family in families}
    investor = party.investor()
    for product in Product.objects.filter(family__in=families).order_by("name", "product_code"):
        verdict = suitable(investor, product.offer, day, rule)
        if verdict.may_be_offered:
            found[product.family].append((product.name, verdict.answer == "confirm"))
    return [(family_name(family), named[:NAMED]) for family, named in found.items()]
