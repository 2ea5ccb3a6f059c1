"""A survey as it is written down: the usual questions ticked, up to three of one's own, a free word."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from guanxi.crm.organisation.models import Unit
from guanxi.crm.surveys.models import Occasion
from guanxi.crm.surveys.rules import Choice, Kind, Question

OWN = 3
CSAT = Question(
    "csat", Kind.CSAT, "您对本次服务满意吗？", "How satisfied are you with the service?", needed=True
)
NPS = Question("nps", Kind.NPS, "您愿意向亲友推荐我行吗？", "Would you recommend us to family and friends?")
WORD = Question("word", Kind.TEXT, "您的意见和建议", "What should we do better?")


class QuestionsForm(forms.Form):
    """The questions of a version."""

    csat = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Satisfaction, 1 to 5"))
    csat_zh = forms.CharField(max_length=100, initial=CSAT.zh, label=gettext_lazy("asked in Chinese"))
    csat_en = forms.CharField(max_length=100, initial=CSAT.en, label=gettext_lazy("asked in English"))
    nps = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Recommendation, 0 to 10"))
    nps_zh = forms.CharField(max_length=100, initial=NPS.zh, label=gettext_lazy("asked in Chinese"))
    nps_en = forms.CharField(max_length=100, initial=NPS.en, label=gettext_lazy("asked in English"))
    word = forms.BooleanField(required=False, initial=True, label=gettext_lazy("A free word at the end"))

    def __init__(self, data: Any = None, *, questions: Iterable[Question] = ()) -> None:
        """Show the questions there are."""
        known = {one.code: one for one in questions}
        super().__init__(data, initial=_initial(known) if known else None)
        kinds = [
            ("", "—"),
            (Kind.SINGLE, gettext_lazy("one answer")),
            (Kind.MULTI, gettext_lazy("several answers")),
        ]
        for place in range(1, OWN + 1):
            own = known.get(f"own{place}")
            told = {"kind": own.kind, "zh": own.zh, "en": own.en} if own else {}
            lines = "\n".join(f"{one.zh} | {one.en}" for one in own.choices) if own else ""
            self.fields[f"kind{place}"] = forms.ChoiceField(
                choices=kinds,
                required=False,
                initial=told.get("kind", ""),
                label=gettext_lazy("Question of one's own"),
            )
            for tongue, label in (
                ("zh", gettext_lazy("asked in Chinese")),
                ("en", gettext_lazy("asked in English")),
            ):
                self.fields[f"{tongue}{place}"] = forms.CharField(
                    max_length=100, required=False, initial=told.get(tongue, ""), label=label
                )
            self.fields[f"choices{place}"] = forms.CharField(
                max_length=800, required=False, initial=lines,
                label=gettext_lazy("Choices, one a line: Chinese | English"),
                widget=forms.Textarea(attrs={"rows": 3}),
            )  # fmt: skip

    def questions(self) -> list[Question]:
        """What was written down, in order: scores, one's own, the free word."""
        told = self.cleaned_data
        made = []
        if told["csat"]:
            made.append(Question("csat", Kind.CSAT, told["csat_zh"], told["csat_en"], needed=True))
        if told["nps"]:
            made.append(Question("nps", Kind.NPS, told["nps_zh"], told["nps_en"], needed=not told["csat"]))
        for place in range(1, OWN + 1):
            if told[f"kind{place}"]:
                choices = tuple(_choices(told[f"choices{place}"]))
                asked = (told[f"kind{place}"], told[f"zh{place}"], told[f"en{place}"])
                made.append(Question(f"own{place}", *asked, choices))
        return [*made, WORD] if told["word"] else made

    def own(self) -> list[list[Any]]:
        """The fields of one's own questions, for drawing them together."""
        names = ("kind", "zh", "en", "choices")
        return [[self[f"{name}{place}"] for name in names] for place in range(1, OWN + 1)]


def _initial(known: dict[str, Question]) -> dict[str, Any]:
    told: dict[str, Any] = {code: code in known for code in ("csat", "nps", "word")}
    for code, usual in (("csat", CSAT), ("nps", NPS)):
        one = known.get(code, usual)
        told |= {f"{code}_zh": one.zh, f"{code}_en": one.en}
    return told


def _choices(text: str) -> Iterable[Choice]:
    lines = [line for line in text.splitlines() if line.strip()]
    for place, line in enumerate(lines, start=1):
        zh, _bar, en = line.partition("|")
        yield Choice(f"c{place}", zh.strip(), en.strip() or zh.strip())


class SurveyForm(QuestionsForm):
    """A new survey."""

    title = forms.CharField(max_length=60, label=gettext_lazy("Name of the survey"))
    unit = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Unit"))
    occasion = forms.ChoiceField(choices=Occasion.choices, label=gettext_lazy("When it is asked"))
    is_anonymous = forms.BooleanField(
        required=False, label=gettext_lazy("Anonymous: answers lead to no customer and to no manager")
    )

    def __init__(self, data: Any = None, *, units: Iterable[Unit]) -> None:
        """Offer the units."""
        super().__init__(data)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(unit.pk, unit.name) for unit in units]
