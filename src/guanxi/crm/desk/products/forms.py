"""What the product list may be asked for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.catalog.models import Family
from guanxi.crm.catalog.selectors import UNGRADED, Asked
from guanxi.insight.policies.suitability import PRODUCT_GRADES

STATES = (("on_sale", _("On sale")), ("coming", _("Coming")), ("ended", _("Off sale")), ("every", _("All")))


class ProductFilter(forms.Form):
    """Name or code, families, grades; which state of sale is the page's tab."""

    text = forms.CharField(max_length=40, required=False, label=_("Name or code"))
    family = forms.MultipleChoiceField(
        required=False, label=_("Product family"), choices=Family.choices, widget=forms.CheckboxSelectMultiple
    )
    grade = forms.MultipleChoiceField(
        required=False,
        label=_("Risk grade"),
        choices=[*((grade, grade) for grade in PRODUCT_GRADES), (UNGRADED, _("No grade"))],
        widget=forms.CheckboxSelectMultiple,
    )


def asked_of(data: Any) -> tuple[ProductFilter, Asked]:
    """The form bound to the address and what it asks; what it refuses is left out. On sale unless said otherwise."""
    form = ProductFilter(data)
    form.is_valid()
    told = form.cleaned_data
    wanted = data.get("state", "on_sale")
    state = "" if wanted == "every" else wanted if wanted in dict(STATES) else "on_sale"
    return form, Asked(
        told.get("text", ""), tuple(told.get("family", ())), tuple(told.get("grade", ())), state
    )
