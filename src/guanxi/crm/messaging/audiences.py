"""Whom a notice or a piece of content is meant for (对象): tiers, holders of products, stages, a saved segment.

Each part that is filled narrows. The customers are those the reader sees; a segment is read within the reach of its
author, and so shows nobody whom either of the two does not see. Segments are a room above this one: it says here how
they are read when it starts.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.arrays import numbers
from guanxi.crm.catalog.models import Family, Product
from guanxi.crm.customers.holdings import CLOSED, OWNED
from guanxi.crm.customers.models import Holding, Party
from guanxi.crm.customers.selectors import visible_to
from guanxi.crm.messaging.models import Aimed, TemplateVersion
from guanxi.crm.messaging.permission import Choice, may_contact
from guanxi.crm.organisation.models import Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import reach_of
from guanxi.crm.scores.models import PartyScore
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.scores.words import STAGES

_LOST = gettext_lazy("There is no such segment, or it cannot be counted now.")

Kept = Mapping[str, Any]
"""A version of a segment as it was when it was chosen: it stays that, whatever becomes of the segment."""


@dataclass(frozen=True)
class Segments:
    """How saved segments are asked for.

    `offered`: those a person may choose, by key. `kept`: one of them as it is to be kept; None when it is not there for
    that person. `says`: its name and its sentence. `found`: the customers within a reach, of these alone where any are
    named; None when the facts there are cannot tell.
    """

    offered: Callable[[Reach], Sequence[tuple[str, str]]]
    kept: Callable[[Reach, str], Kept | None]
    says: Callable[[Kept, date], str]
    found: Callable[[Reach, Kept, Sequence[int] | None], Sequence[int] | None]


ASKED: list[Segments] = []
"""The room of segments, once it has started."""


@dataclass(frozen=True)
class Whom:
    """The same as `models.Aimed`, as it is typed and handed on; `key` is a segment's before it is kept."""

    tiers: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    segment: Kept = field(default_factory=dict)
    key: str = ""

    @classmethod
    def of(cls, aimed: Aimed) -> "Whom":
        """What stands in a row."""
        return cls(
            tuple(aimed.tiers), tuple(aimed.families), tuple(aimed.products), tuple(aimed.stages), aimed.segment
        )  # fmt: skip

    def columns(self) -> dict[str, object]:
        """What is kept in a row, in one order whatever the order typed."""
        parts = {
            name: sorted(set(getattr(self, name))) for name in ("tiers", "families", "products", "stages")
        }
        return parts | {"segment": dict(self.segment)}

    def __bool__(self) -> bool:
        return any((self.tiers, self.families, self.products, self.stages, self.segment, self.key))


@dataclass(frozen=True)
class Counted:
    """How many customers are meant, how many could be reached at that instant, and why the others not."""

    total: int
    reached: int
    refused: tuple[tuple[str, int], ...]


def settled(whom: Whom, by: Reach, today: date) -> Whom:
    """The same with its segment kept as it is now for this person.

    ValidationError for nobody at all, for what does not exist, and for a segment that cannot be counted.
    """
    known = {choice.key for choice in tier_names(today).choices()}
    if not whom:
        raise ValidationError(_("Say whom it is meant for."))
    fits = set(whom.tiers) <= known and set(whom.families) <= set(Family.values)
    wanted = set(whom.products)
    if not (fits and set(whom.stages) <= set(STAGES)):
        raise ValidationError(_("There is no such tier, product or stage."))
    if Product.objects.filter(product_code__in=wanted).count() < len(wanted):
        raise ValidationError(_("There is no such tier, product or stage."))
    if not whom.key:
        return whom
    kept = ASKED[0].kept(by, whom.key) if ASKED else None
    if kept is None or ASKED[0].found(by, kept, []) is None:
        raise ValidationError(_LOST)
    return replace(whom, segment=kept, key="")


def meant(reach: Reach, whom: Whom, author: Staff, today: date) -> QuerySet[Party]:
    """The customers within reach that are meant. ValidationError when the segment cannot be read any more."""
    return _narrowed(visible_to(reach), whom, author, today, None)


def suits(reach: Reach, whom: Whom, author: Staff, party: Party, today: date) -> bool:
    """Whether this customer within reach is meant."""
    try:
        return _narrowed(visible_to(reach).filter(pk=party.pk), whom, author, today, [party.pk]).exists()
    except ValidationError:
        return False


def counted(
    reach: Reach, version: TemplateVersion, whom: Whom, author: Staff, *, at: datetime, today: date
) -> Counted:
    """What permission would say to these customers at that instant for this text; nothing is reserved."""
    ids = list(meant(reach, whom, author, today).values_list("pk", flat=True))
    about = version.template
    verdicts = may_contact(
        parties=ids,
        channel=about.channel,
        purpose=about.purpose,
        at=at,
        choice=Choice(about.personal, about.topic),
    )
    refused = Counter(one.code for one in verdicts.values() if not one.allowed)
    return Counted(len(ids), len(ids) - refused.total(), tuple(refused.most_common()))


def said(whom: Whom, today: date) -> list[str]:
    """Its parts in words."""
    tiers = {choice.key: str(choice.label) for choice in tier_names(today).choices()}
    families = {str(value): str(label) for value, label in Family.choices}
    products: dict[str, str] = {}
    if whom.products:
        rows = Product.objects.filter(product_code__in=whom.products)
        products = dict(rows.values_list("product_code", "name"))
    words = [tiers.get(key, key) for key in whom.tiers]
    words += [_("holds %(what)s") % {"what": families.get(key, key)} for key in whom.families]
    words += [_("holds %(what)s") % {"what": products.get(key, key)} for key in whom.products]
    words += [str(STAGES.get(key, key)) for key in whom.stages]
    if whom.segment and ASKED:
        words.append(ASKED[0].says(whom.segment, today))
    return words


def _narrowed(
    rows: QuerySet[Party], whom: Whom, author: Staff, today: date, only: Sequence[int] | None
) -> QuerySet[Party]:
    if not whom:
        return rows.none()
    if whom.tiers:
        wanted = Q(pk__in=[])
        for key in whom.tiers:
            scheme, _dot, rank = key.rpartition(".")
            wanted |= Q(tier_scheme=scheme, tier_rank=int(rank))
        rows = rows.filter(pk__in=PartyScore.objects.filter(wanted).values("party"))
    if whom.stages:
        rows = rows.filter(pk__in=PartyScore.objects.filter(stage__in=whom.stages).values("party"))
    if whom.families or whom.products:
        held = Holding.objects.filter(Q(family__in=whom.families) | Q(product_code__in=whom.products))
        held = held.filter(role__in=sorted(OWNED)).exclude(state=CLOSED)
        rows = rows.filter(pk__in=held.values(holder=Coalesce("party__merged_into", "party")))
    if whom.segment:
        found = ASKED[0].found(reach_of(author, today), whom.segment, only) if ASKED else None
        if found is None:
            raise ValidationError(_LOST)
        rows = rows.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [numbers(found)]))
    return rows
