"""Products as the bank lists them, published by the run with the history of their terms and who holds them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.crm.organisation.models import Unit
from guanxi.insight.suitability import Offer


class Family(models.TextChoices):
    """Product families (产品大类); the contract's words."""

    DEMAND = "demand", _("Demand deposit")
    TIME = "time", _("Time deposit")
    CD = "cd", _("Certificate of deposit")
    STRUCTURED = "structured", _("Structured deposit")
    WEALTH = "wealth", _("Wealth product")
    FUND = "fund", _("Fund")
    INSURANCE = "insurance", _("Insurance")
    BOND = "bond", _("Bond")
    METAL = "metal", _("Precious metal")
    TRUST = "trust", _("Trust")
    LOAN = "loan", _("Loan")
    CARD = "card", _("Card")


class Product(models.Model):
    """A product with its grades of risk (R1-R5), the days on which it is sold (`sold_to` included) and its terms.

    `min_fen` is in hundredths of `currency`; `rate` a share a year (0.0155 is 1.55 %), with `rate_to` a range. None is
    what the bank does not deliver.
    """

    product_code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    family = models.CharField(max_length=16, choices=Family)
    risk_grade = models.CharField(max_length=2, null=True, blank=True)  # noqa: DJ001  # ungraded is not ''
    issuer_risk_grade = models.CharField(max_length=2, null=True, blank=True)  # noqa: DJ001  # ungraded is not ''
    sold_from = models.DateField(null=True, blank=True)
    sold_to = models.DateField(null=True, blank=True)
    issuer = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  # not delivered is not ''
    currency = models.CharField(max_length=3, null=True, blank=True)  # noqa: DJ001  # not delivered is not ''
    min_fen = models.BigIntegerField(null=True, blank=True)
    term_days = models.IntegerField(null=True, blank=True)
    rate = models.DecimalField(max_digits=18, decimal_places=8, null=True, blank=True)
    rate_to = models.DecimalField(max_digits=18, decimal_places=8, null=True, blank=True)
    note = models.TextField(null=True, blank=True)  # noqa: DJ001  # not delivered is not ''

    class Meta:
        ordering = ["product_code"]

    def __str__(self) -> str:
        return self.name

    @property
    def offer(self) -> Offer:
        """What suitability asks of it: both grades, for the higher counts, and the days of sale."""
        return Offer(self.family, self.risk_grade, self.issuer_risk_grade, self.sold_from, self.sold_to)


class ProductVersion(models.Model):
    """The terms of a product as the night of `known_on` first saw them (产品版本); the next one ends them.

    `terms`: the fields of `Product` by name as text, those not delivered left out.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="versions")
    known_on = models.DateField()
    terms = models.JSONField(default=dict)

    class Meta:
        ordering = ["-known_on"]
        constraints = [
            models.UniqueConstraint(fields=["product", "known_on"], name="productversion_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.known_on}"


class ProductHeld(models.Model):
    """How many customers of a managing unit hold a product and how much, in fen of the base currency, by the last run.

    `maturing`: accounts that end within 30 days of the run's date. A customer's joint account counts by his share.
    """

    product_code = models.CharField(max_length=64)
    unit = models.ForeignKey(Unit, models.CASCADE, db_constraint=False, related_name="+")
    customers = models.IntegerField()
    held_fen = models.BigIntegerField()
    maturing = models.IntegerField()
    maturing_fen = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "products held"
        constraints = [models.UniqueConstraint(fields=["product_code", "unit"], name="productheld_once")]

    def __str__(self) -> str:
        return f"{self.product_code} {self.unit_id}"
