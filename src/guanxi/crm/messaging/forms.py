"""What is asked for a template: what it is, and its texts in two languages."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.crm.messaging import notices, words
from guanxi.crm.messaging.models import Channel, Purpose, TemplateVersion
from guanxi.crm.scores.tiers import tier_names
from guanxi.insight.contact.fields import TOPICS, USES

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


class NoticeForm(forms.Form):
    """A service notice to the customers of some tiers."""

    title = forms.CharField(label=_("Title of the notice"), max_length=80)
    version = forms.ModelChoiceField(label=_("Approved text"), queryset=TemplateVersion.objects.none())
    tiers = forms.MultipleChoiceField(label=_("Tiers"), widget=forms.CheckboxSelectMultiple)
    planned_at = forms.DateTimeField(
        label=_("To be sent from"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    expires_at = forms.DateTimeField(
        label=_("Not after"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        """Texts approved as service notices, and the tiers of the policy in force."""
        super().__init__(*args, **kwargs)
        tiers = [(one.key, str(one.label)) for one in tier_names(today).choices()]
        self.fields["version"].queryset = notices.texts()  # type: ignore[attr-defined]  # a model choice has it
        self.fields["version"].label_from_instance = lambda one: one.template.name  # type: ignore[attr-defined]
        self.fields["tiers"].choices = tiers  # type: ignore[attr-defined]  # a ChoiceField has them
