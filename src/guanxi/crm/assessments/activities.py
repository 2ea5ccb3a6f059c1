"""Activities that are assessed (处理活动): what decides about people, reaches them, or hands their data on.

A code is `kind.which`; the policy `protection` says which kinds may not begin without an assessment.
"""

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.insight.policies.protection import ASSESSED

CAMPAIGN, MODEL, INTERFACE = ASSESSED
API = f"{INTERFACE}.api"
NAMES: Mapping[str, Promise] = {
    f"{CAMPAIGN}.sms": gettext_lazy("Campaigns by text message"),
    f"{CAMPAIGN}.email": gettext_lazy("Campaigns by e-mail"),
    f"{CAMPAIGN}.wecom": gettext_lazy("Campaigns by WeCom"),
    f"{CAMPAIGN}.push": gettext_lazy("Campaigns by app push"),
    f"{CAMPAIGN}.call": gettext_lazy("Campaigns by telephone"),
    f"{CAMPAIGN}.letter": gettext_lazy("Campaigns by letter"),
    f"{CAMPAIGN}.people": gettext_lazy("Campaigns that managers carry out"),
    f"{MODEL}.asset_loss": gettext_lazy("Model of asset loss"),
    f"{MODEL}.exit": gettext_lazy("Model of leaving"),
    f"{MODEL}.dormant": gettext_lazy("Model of dormancy"),
    f"{MODEL}.tier_drop": gettext_lazy("Model of a falling tier"),
    f"{MODEL}.need": gettext_lazy("Model of the next need"),
    API: gettext_lazy("The open API"),
}


def kind_of(activity: str) -> str:
    """The kind, as the policy names it."""
    return activity.partition(".")[0]


def in_words(activities: Iterable[str]) -> str:
    """Activities by their names, in the order they are offered in."""
    chosen = set(activities)
    return _(", ").join(str(name) for code, name in NAMES.items() if code in chosen)
