"""What is asked for a template (what it is, its texts in two languages), and for a notice and whom it goes to."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.crm.catalog.models import Family, Product
from guanxi.crm.messaging import notices, words
from guanxi.crm.messaging.audiences import ASKED, Whom
from guanxi.crm.messaging.models import Channel, PieceTopic, Purpose, Template, TemplateVersion
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.scores.tiers import tier_names
from guanxi.crm.scores.words import STAGES
from guanxi.insight.contact.fields import TOPICS, USES
from guanxi.web.forms import DayInput

MOST_TEXT = 2_000


class AboutForm(forms.Form):
    """What a template is; fixed once it is made."""

    name = forms.CharField(label=_("Name of the template"), max_length=80)
    code = forms.SlugField(label=_("Code"), max_length=40, help_text=_("Small letters, digits and dashes."))
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices, initial=Channel.SMS)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices, initial=Purpose.MARKETING)
    use = forms.ChoiceField(label=_("What for"))
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    personal = forms.BooleanField(label=pgettext_lazy("template", "Chosen by scores"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Uses and topics in the reader's language."""
        super().__init__(*args, **kwargs)
        uses = [(code, words.use(code)) for code in USES]
        topics = [("", "—"), *((code, words.topic(code)) for code in TOPICS)]
        self.fields["use"].choices = uses  # type: ignore[attr-defined]  # a ChoiceField has them
        self.fields["topic"].choices = topics  # type: ignore[attr-defined]  # a ChoiceField has them


class TextsForm(forms.Form):
    """Subject and text, in Chinese and (where there is one) in English."""

    subject_zh = forms.CharField(label=_("Subject"), required=False, max_length=120)
    text_zh = forms.CharField(
        label=_("Chinese text"),
        required=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    subject_en = forms.CharField(label=_("English subject"), required=False, max_length=120)
    text_en = forms.CharField(
        label=_("English text"),
        required=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def texts(self) -> dict[str, dict[str, str]]:
        """As templates keep them."""
        told = self.cleaned_data
        return {
            language: {
                "subject": told.get(f"subject_{language}", ""),
                "text": told.get(f"text_{language}", ""),
            }
            for language in ("zh", "en")
        }

    @staticmethod
    def told(texts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """The same as initial values."""
        return {
            f"{part}_{language}": texts.get(language, {}).get(part, "")
            for language in ("zh", "en")
            for part in ("subject", "text")
        }


class WhomForm(forms.Form):
    """Whom something is meant for: each part that is filled narrows."""

    tiers = forms.MultipleChoiceField(
        label=_("Tiers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: any tier. What is filled in several parts must all hold."),
    )
    families = forms.MultipleChoiceField(
        label=_("Holds of"), required=False, choices=Family.choices, widget=forms.CheckboxSelectMultiple
    )
    products = forms.MultipleChoiceField(
        label=_("Or holds the product"), required=False, widget=forms.SelectMultiple(attrs={"size": 5})
    )
    stages = forms.MultipleChoiceField(
        label=_("Stage"), required=False, choices=list(STAGES.items()), widget=forms.CheckboxSelectMultiple
    )
    segment = forms.ChoiceField(
        label=_("Saved segment"), required=False,
        help_text=_("Read within your reach, in the version of today."),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, reach: Reach, **kwargs: Any) -> None:
        """Tiers of the policy in force, products on sale or held, and the segments this person may use."""
        super().__init__(*args, **kwargs)
        tiers = [(one.key, str(one.label)) for one in tier_names(today).choices()]
        self.fields["tiers"].choices = tiers  # type: ignore[attr-defined]  # a choice field has them
        rows = Product.objects.values_list("product_code", "name")
        self.fields["products"].choices = list(rows)  # type: ignore[attr-defined]  # a choice field has them
        offered = [("", "—"), *(ASKED[0].offered(reach) if ASKED else ())]
        self.fields["segment"].choices = offered  # type: ignore[attr-defined]  # a choice field has them

    def whom(self) -> Whom:
        """What was chosen."""
        told = self.cleaned_data
        return Whom(
            tuple(told["tiers"]), tuple(told["families"]), tuple(told["products"]), tuple(told["stages"]),
            key=told["segment"],
        )  # fmt: skip

    @staticmethod
    def told(whom: Whom) -> dict[str, Any]:
        """The same as initial values."""
        return whom.columns() | {"segment": whom.segment.get("key", "")}


class NoticeForm(WhomForm):
    """A service notice: its text, times and whom it goes to."""

    title = forms.CharField(label=_("Title of the notice"), max_length=80)
    version = forms.ModelChoiceField(label=_("Approved text"), queryset=TemplateVersion.objects.none())
    planned_at = forms.DateTimeField(
        label=_("To be sent from"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    expires_at = forms.DateTimeField(
        label=_("Not after"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    field_order = ("title", "version", "planned_at", "expires_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Texts approved as service notices."""
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = notices.texts()  # type: ignore[attr-defined]  # a model choice has it
        self.fields["version"].label_from_instance = lambda one: one.template.name  # type: ignore[attr-defined]

    def draft(self) -> dict[str, Any]:
        """What was typed, for the service."""
        told = self.cleaned_data
        names = ("title", "version", "planned_at", "expires_at")
        return {name: told[name] for name in names} | {"whom": self.whom()}


class PieceForm(WhomForm):
    """A piece of content: what it is, its texts, its days and whom it suits."""

    title = forms.CharField(label=_("Title of the piece"), max_length=80)
    topic = forms.ChoiceField(label=pgettext_lazy("content", "Topic"), choices=PieceTopic.choices)
    templates = forms.ModelMultipleChoiceField(
        label=_("Texts of the piece"), queryset=Template.objects.none(), widget=forms.CheckboxSelectMultiple,
        help_text=_("One a channel, all of one purpose. Only approved texts are used."),
    )  # fmt: skip
    valid_from = forms.DateField(label=_("Valid from"), widget=DayInput())
    valid_until = forms.DateField(label=_("Valid until"), widget=DayInput())
    field_order = ("title", "topic", "templates", "valid_from", "valid_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Texts that need nothing but what is known of every customer."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["templates"]
        field.queryset = notices.whole()
        field.label_from_instance = _called

    def draft(self) -> dict[str, Any]:
        """What was typed, for the service."""
        told = self.cleaned_data
        names = ("title", "topic", "valid_from", "valid_until")
        return {name: told[name] for name in names} | {
            "templates": list(told["templates"]),
            "whom": self.whom(),
        }


def _called(template: Template) -> str:
    return f"{template.name} · {template.get_channel_display()} · {template.get_purpose_display()}"
