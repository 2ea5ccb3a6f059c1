"""Products as the bank lists them, published by the run."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
    """A product with the grade of its risk (R1-R5) and the days on which it is sold, `sold_to` included."""

    product_code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    family = models.CharField(max_length=16, choices=Family)
    risk_grade = models.CharField(max_length=2, null=True, blank=True)  # noqa: DJ001  # ungraded is not ''  # ungraded is not ''
    sold_from = models.DateField(null=True, blank=True)
    sold_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["product_code"]

    def __str__(self) -> str:
        return self.name
