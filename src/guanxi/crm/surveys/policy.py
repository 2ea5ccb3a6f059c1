"""The policy of this room in force on a day."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.crm.policies.selectors import active
from guanxi.insight.policies.survey import SurveyPolicy


def survey_policy(on: date) -> SurveyPolicy:
    """Lines, limits and words as they count on that day; ValidationError when the bank has set none."""
    try:
        return cast("SurveyPolicy", active(SurveyPolicy.kind, on))
    except KeyError as missing:
        raise ValidationError(
            _("The bank has no policy of surveys yet; an administrator proposes one.")
        ) from missing


def language() -> str:
    """The reader's language."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"
