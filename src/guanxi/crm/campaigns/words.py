"""What codes of campaigns are called on the screen."""

from collections.abc import Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.crm.behaviour.policy import event_policy
from guanxi.crm.campaigns.models import Referral, State
from guanxi.crm.campaigns.plan import ONLINE
from guanxi.web.formats import is_chinese

STATES: Mapping[str, str] = {
    State.DRAFT: "grey",
    State.SUBMITTED: "amber",
    State.APPROVED: "accent",
    State.RUNNING: "green",
    State.PAUSED: "amber",
    State.STOPPED: "red",
    State.ENDED: "grey",
}
KINDS: Mapping[str, Promise] = {
    "standard": _("Customers of a segment"),
    "bundle": _("Bundle of products for a cluster"),
    "employer": _("Payroll group of one employer"),
    "referral": _("Member gets member"),
    "pilot": _("Pilot outlets"),
    "joint": _("Across business lines"),
    "launch": _("New product in pilot markets"),
}
METRICS: Mapping[str, Promise] = {
    "aum": _("AUM"),
    "daily_average": _("Daily average"),
    "deposits": _("Deposits"),
    "wealth_products": _("Wealth products"),
    "active_customers": _("Active customers"),
    "contribution": _("Contribution"),
}
MEASURES: Mapping[str, Promise] = {
    "aum": _("AUM of a customer"),
    "product": _("Share of customers who take the product"),
    "retention": _("Share of customers who stay"),
    "contribution": _("Contribution of a customer"),
}
TRIGGERS: Mapping[str, Promise] = {
    "": _("none: the whole segment, in waves"),
    "large_inflow": _("Large inflow"),
    "maturity": _("Something matures soon"),
    "birthday": _("Birthday soon"),
    "payroll": _("Salary arrived"),
    "dormant": _("Mobile bank long unused"),
    "closed": _("A product was closed"),
}
CONDITIONS: Mapping[str, Promise] = {
    "always": _("in any case"),
    "no_contact": _("if not reached yet"),
    "no_reply": _("if no reply"),
    "replied": _("once they replied"),
    "not_bought": _("if nothing was taken yet"),
    "bought": _("once the product was taken"),
}
CLUSTERS: Mapping[str, Promise] = {
    "customer": _("each customer"),
    "household": _("households together"),
    "employer": _("people of one employer together"),
    "manager": _("a manager's customers together"),
}
STEP_KINDS: Mapping[str, Promise] = {
    "message": _("Message"),
    "task": _("Task for the keeper"),
    "lead": _("Opportunity for the keeper"),
}
LINES: Mapping[str, Promise] = {
    "retail": _("Retail"),
    "private": _("Private banking"),
    "corporate": _("Corporate"),
    "inclusive": _("Small business"),
    "digital": _("Digital channels"),
}
SECTIONS: Mapping[str, Promise] = {
    "goal": _("Goal"),
    "audience": _("Audience"),
    "offer": _("What is offered"),
    "steps": _("Steps"),
    "measure": _("Measuring"),
    "check": _("Check and hand in"),
}
LACKING: Mapping[str, Promise] = {
    "no_name": _("Give the campaign a name."),
    "no_goal": _("Choose a registered figure as the goal."),
    "no_target": _("Say by how much the figure is to rise."),
    "no_baseline": _("The goal has no published baseline yet: it comes with the next run."),
    "no_hope": _("Say which lift of a customer you hope for."),
    "hope_is_share": _("The lift hoped for is a share: below 100 %."),
    "no_trigger": _("Choose what sets the campaign off."),
    "no_employer": _("Choose the employer."),
    "no_pilots": _("Choose the pilot outlets and the comparable ones."),
    "no_audience": _("Choose a segment, or what sets the campaign off."),
    "no_offer": _("Say what is offered."),
    "no_steps": _("Add at least one step."),
    "too_many_steps": _("These are more steps than the policy allows."),
    "first_step_waits": _("The first step can have no condition."),
    "strange_step": _("A step is not complete."),
    "lead_of_what": _("An opportunity needs the product family of the goal."),
    "no_template": _("A message needs an approved template of its channel."),
    "credit_not_whole": _("The shares of credit must add up to 100 %."),
    "no_credit": _("Say which lines share the credit, at least two."),
    "no_days": _("Say from which day to which."),
    "days_over": _("The last day is past."),
    "no_budget": _("Say the budget; nothing is 0."),
    "horizon_out_of_range": _("The days of measuring are out of range."),
    "holdout_out_of_range": _("The held-out share is out of the policy's range."),
    "managed_holdout_out_of_range": _("The held-out share of kept customers is out of the policy's range."),
    "no_cluster": _("Choose what is drawn together."),
    "waves_not_whole": _("The waves must add up to the whole audience."),
}
PROBLEMS: Mapping[str, Promise] = {
    "no_run": _("No run has published figures yet."),
    "no_segment": _("The segment is not there any more, or not shared with you."),
    "cannot_count": _("The segment cannot be counted with today's figures."),
    "too_long": _("Counting took too long; narrow the segment."),
    "no_event": _("This online event is not registered for marketing."),
}
VERDICTS: Mapping[str, Promise] = {
    "unknown": _("out of sight"),
    "deceased": _("deceased"),
    "stopped": _("stopped by law or court"),
    "closed": _("no longer a customer"),
    "minor": _("under age"),
    "suppressed": _("number is blocked"),
    "refused": _("refused marketing"),
    "no_consent": _("no consent"),
    "no_profiling": _("refused profiling"),
    "topic": _("does not want this topic"),
    "hold": _("on hold (complaint or restriction)"),
    "zone": _("time zone unknown"),
    "calendar": _("holiday calendar missing"),
    "cap_none": _("wants no marketing"),
    "quiet": _("quiet hours"),
    "cap_day": _("budget of the day is used"),
    "cap_week": _("budget of the week is used"),
    "cap_month": _("budget of the month is used"),
    "no_policy": _("no contact policy"),
}
EVENTS: Mapping[str, Promise] = {
    "made": pgettext_lazy("campaign", "Drawn up"),
    "changed": pgettext_lazy("campaign", "Changed"),
    "submitted": pgettext_lazy("campaign", "Handed in"),
    "approved": pgettext_lazy("campaign", "Approved"),
    "rejected": pgettext_lazy("campaign", "Turned down"),
    "withdrawn": pgettext_lazy("campaign", "Taken back"),
    "launched": pgettext_lazy("campaign", "Began"),
    "paused": pgettext_lazy("campaign", "Paused"),
    "resumed": pgettext_lazy("campaign", "Goes on"),
    "stopped": pgettext_lazy("campaign", "Stopped"),
    "ended": pgettext_lazy("campaign", "Ended"),
}


def referral_state(row: Referral) -> tuple[str, str]:
    """How far somebody who was brought is, with the colour it is shown in."""
    if row.rewarded_on:
        return str(_("Rewarded")), "green"
    if row.brought_id:
        return str(_("A customer by now")), "accent"
    lost = row.lead.state in ("lost", "dropped")
    return (str(_("Nothing came of it")), "grey") if lost else (str(_("A lead, being worked")), "amber")


def trigger_name(code: str, today: date) -> str:
    """What sets a campaign off; an online event by its name in the register of the day."""
    if not code.startswith(ONLINE):
        return str(TRIGGERS.get(code, code))
    kind = code.removeprefix(ONLINE)
    policy = event_policy(today)
    one = policy.kind_of(kind) if policy else None
    if one is not None:
        kind = one.label_zh if is_chinese(get_language() or "zh") else one.label_en
    return str(_("Online: %(event)s") % {"event": kind})
