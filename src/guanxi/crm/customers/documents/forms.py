"""What the pages of documents may send."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from guanxi.crm.customers.documents import words
from guanxi.crm.customers.documents.checks import KB, FileRefused, Paper, paper_from
from guanxi.crm.customers.documents.models import LONGEST_REASON, LONGEST_REMARK
from guanxi.crm.customers.documents.services import Draft
from guanxi.insight.policies.archive import ArchivePolicy, DocumentKind


class DocumentForm(forms.Form):
    """A file with its kind, its last day where it has one, and a remark; `paper` is what is kept of the file."""

    kind = forms.ChoiceField(label=_("Kind of archive document"))
    file = forms.FileField(label=_("File"), allow_empty_file=True, max_length=255)
    ends_on = forms.DateField(
        label=_("Counts until"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("As printed on it. Empty: no last day."),
    )  # fmt: skip
    remark = forms.CharField(
        label=_("Remark"), required=False, max_length=LONGEST_REMARK,
        help_text=_("Front, second page … No numbers or names."),
    )  # fmt: skip
    paper: Paper

    def __init__(
        self, *args: Any, kinds: Sequence[DocumentKind], policy: ArchivePolicy, only: str = "", **kwargs: Any
    ) -> None:
        """`kinds` may be chosen; `only`: this kind stands already, for a newer version."""
        super().__init__(*args, **kwargs)
        self.kinds, self.policy, self.only = {one.document: one for one in kinds}, policy, only
        choices = [(code, one.label(words.language())) for code, one in self.kinds.items()]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        if only:
            del self.fields["kind"]
            if not self.kinds[only].ends:
                del self.fields["ends_on"]
        self.fields["file"].help_text = "；".join(
            f"{one.label(words.language())} {words.formats_in_words(one)} ≤ {words.size_in_words(one.largest_kb * KB)}"
            for one in kinds
        )
        self.fields["file"].widget.attrs["accept"] = ".pdf,.jpg,.jpeg,.png"

    def clean(self) -> dict[str, Any]:
        """Look at the file by the rules of its kind: its size before a byte of it is read."""
        told: dict[str, Any] = super().clean() or {}
        kind = self.kinds.get(self.only or told.get("kind", ""))
        sent = told.get("file")
        if kind is None or not isinstance(sent, UploadedFile):
            return told
        too_large = (sent.size or 0) > kind.largest_kb * KB
        try:
            self.paper = paper_from(b"" if too_large else sent.read(), kind, self.policy)
        except FileRefused as error:
            code = "size" if too_large else error.code
            self.add_error("file", words.why_refused(code, kind, self.policy))
        return told

    def draft(self) -> Draft:
        """What is said with the file."""
        told = self.cleaned_data
        return Draft(self.only or told["kind"], told.get("ends_on"), told["remark"])


class PurposeForm(forms.Form):
    """What a document is needed for."""

    purpose = forms.CharField(
        label=_("What do you need it for?"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Your name, the purpose and the time are recorded."),
    )  # fmt: skip


class WithdrawDocumentForm(forms.Form):
    """Why a document is withdrawn."""

    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON)
