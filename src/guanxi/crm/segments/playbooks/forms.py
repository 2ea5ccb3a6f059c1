"""What is typed when a segment is bound to a playbook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.crm.policies.words import language
from guanxi.insight.policies.playbook import LABEL_LENGTH, Playbook, PlaybookPolicy


class BindForm(forms.Form):
    """The playbook's name, whose steps it takes, what is expected, and why; `bound`: the one the segment has."""

    name = forms.CharField(max_length=LABEL_LENGTH, label=_("Name of the playbook"))
    like = forms.ChoiceField(label=_("Steps taken from"), help_text=_("Each step can be changed afterwards."))
    expect = forms.CharField(max_length=200, label=_("Expected of the customer"))
    note = forms.CharField(max_length=200, label=_("Why"), help_text=_("For the person who decides."))

    def __init__(
        self, data: Any = None, *, policy: PlaybookPolicy, name: str, bound: Playbook | None
    ) -> None:
        """Offer the playbooks in force; nothing to choose where the segment has one."""
        first = {"name": bound.label_zh if bound else name, "expect": bound.expect_zh if bound else ""}
        super().__init__(data, initial=first)
        like = self.fields["like"]
        assert isinstance(like, forms.ChoiceField)
        like.choices = [(book.playbook, book.label(language())) for book in policy.playbooks]
        if bound is not None:
            del self.fields["like"]
