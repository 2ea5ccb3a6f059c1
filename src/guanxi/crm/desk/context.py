"""What the frame around every page is told: places, person, freshness of the figures."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from guanxi.crm.desk.standing import standing_of
from guanxi.crm.interactions.script import script_for
from guanxi.crm.organisation.middleware import ActingRequest
from guanxi.crm.organisation.models import Role
from guanxi.crm.organisation.rules import ROLE_RULES, Right
from guanxi.crm.scores.models import Run, RunState
from guanxi.web.frame import Area, DataState, Entry, Frame, Person, places_for
from guanxi.web.htmx import is_htmx

FRESH_DAYS = 1  # the night works on the day before; older figures are said to be stale


def _with(*rights: Right) -> frozenset[str]:
    """The roles that have any of these rights."""
    return frozenset(role for role, rule in ROLE_RULES.items() if rule.rights & set(rights))


AREAS = (
    Area("today", gettext_noop("Today"), "checklist", (
        Entry("today", gettext_noop("Today"), "desk:home"),
        Entry("counter", gettext_noop("Arrival"), "counter:arrival", _with(Right.SERVE_COUNTER)),
        Entry("planning", gettext_noop("Wealth planning"), "planning:list",
              _with(Right.ADVISE, Right.ASK_PLANNER)),
        Entry("promises", gettext_noop("Promises"), "interactions:promises", _with(Right.LOG_CONTACTS)),
        Entry("next_actions", gettext_noop("Next actions"), "effects:next_actions", _with(Right.LOG_CONTACTS)),
        Entry("visits", gettext_noop("Visits"), "visits:week", _with(Right.PLAN_VISITS)),
        Entry("mine", gettext_noop("My figures"), "performance:mine",
              _with(Right.SEE_WORKLIST) - _with(Right.SEE_TEAM_WORK)),
    )),
    Area("customers", gettext_noop("Customers"), "users", (
        Entry("customers", gettext_noop("Customer list"), "desk:customers", _with(Right.SEE_CUSTOMERS)),
        Entry("warnings", gettext_noop("Warnings"), "foresight:warnings", _with(Right.SEE_DAILY)),
        Entry("replies", gettext_noop("Replies"), "messaging:replies", _with(Right.LOG_CONTACTS)),
        Entry("sponsors", gettext_noop("Key people"), "visits:sponsors", _with(Right.PLAN_VISITS)),
        Entry("retention", gettext_noop("Retention"), "retention:list",
              _with(Right.KEEP_CASES, Right.SEE_STRUCTURE)),
        Entry("keeping", gettext_noop("Keeping"), "keeping:handovers", _with(Right.LOG_CONTACTS)),
        Entry("records", gettext_noop("Records"), "performance:records", _with(Right.SEE_DAILY)),
        Entry("identity", gettext_noop("Merges"), "customers:identity", _with(Right.RESOLVE_IDENTITY)),
    )),
    Area("leads", gettext_noop("Leads"), "flag", (
        Entry("leads", gettext_noop("Leads"), "leads:home", _with(Right.HAND_IN_LEADS, Right.CHANGE_PEOPLE)),
    )),
    Area("marketing", gettext_noop("Marketing"), "target", (
        Entry("campaigns", gettext_noop("Campaigns"), "campaigns:list",
              _with(Right.SEE_CAMPAIGNS, Right.MAKE_CAMPAIGNS)),
        Entry("effects", gettext_noop("Effects"), "effects:catalogue", _with(Right.SEE_EFFECTS)),
        Entry("marketing", gettext_noop("Segment list"), "segments:list", _with(Right.USE_SEGMENTS)),
        Entry("playbooks", gettext_noop("Playbooks"), "segments:playbooks", _with(Right.SEE_CUSTOMERS)),
        Entry("messages", gettext_noop("Messages"), "messaging:overview", _with(Right.SEE_MESSAGES)),
        Entry("salons", gettext_noop("Salons"), "salons:list", _with(Right.RUN_SALONS, Right.SERVE_COUNTER)),
        Entry("communities", gettext_noop("Communities"), "salons:communities", _with(Right.RUN_SALONS)),
    )),
    Area("products", gettext_noop("Products"), "tag", (
        Entry("products", gettext_noop("Products"), "desk:products", _with(Right.SEE_CUSTOMERS)),
    )),
    Area("service", gettext_noop("Service"), "heart-handshake", (
        Entry("care", gettext_noop("Care"), "care:calendar", _with(Right.GIVE_CARE)),
        Entry("surveys", gettext_noop("Surveys"), "surveys:list", _with(Right.SEE_SURVEYS)),
    )),
    Area("structure", gettext_noop("Customer analysis"), "chart-area-line", (
        Entry("structure", gettext_noop("Customer analysis"), "reports:structure", _with(Right.SEE_STRUCTURE)),
        Entry("worth_keeping", gettext_noop("What keeping is worth"), "reports:worth_keeping",
              _with(Right.SEE_STRUCTURE)),
        Entry("workbench", gettext_noop("Analysts' workbench"), "analysis:workbench", _with(Right.USE_WORKBENCH)),
        Entry("three_sources", gettext_noop("Three sources"), "analysis:three_sources",
              _with(Right.USE_WORKBENCH)),
    )),
    Area("reports", gettext_noop("Reports"), "report-analytics", (
        Entry("reports", gettext_noop("Reports"), "reports:daily", _with(Right.SEE_DAILY)),
        Entry("books", gettext_noop("Books month by month"), "reports:books", _with(Right.SEE_DAILY)),
    )),
    Area("team", gettext_noop("Team"), "users-group", (
        Entry("team", gettext_noop("Cockpit"), "performance:cockpit", _with(Right.SEE_TEAM_WORK)),
        Entry("morning", gettext_noop("Morning page"), "performance:morning", _with(Right.SEE_TEAM_WORK)),
        Entry("weeks", gettext_noop("Weekly meeting"), "performance:weeks", _with(Right.COACH)),
        Entry("coaching", gettext_noop("Coaching"), "performance:coaching", _with(Right.COACH)),
        Entry("approvals", gettext_noop("Approvals"), "performance:approvals",
              _with(Right.SEE_TEAM_WORK, Right.APPROVE_POLICY)),
        Entry("people", gettext_noop("People"), "organisation:people", _with(Right.SEE_PEOPLE)),
    )),
    Area("system", gettext_noop("System"), "adjustments", (
        Entry("audit", gettext_noop("Audit"), "audit:trail", _with(Right.SEE_AUDIT)),
        Entry("compliance", gettext_noop("Compliance"), "compliance:overview", _with(Right.HANDLE_REQUESTS)),
        Entry("system", gettext_noop("Runs"), "runs:list", _with(Right.SEE_RUNS)),
        Entry("policies", gettext_noop("Policies"), "policies:list", _with(Right.SEE_POLICIES)),
        Entry("models", gettext_noop("Models"), "foresight:models", _with(Right.SEE_RUNS)),
        Entry("events", gettext_noop("Channel events"), "behaviour:intake", _with(Right.SEE_RUNS)),
        Entry("processors", gettext_noop("Processors"), "processors:list", _with(Right.SEE_PROCESSORS)),
        Entry("assessments", gettext_noop("Impact assessments"), "assessments:list", _with(Right.SEE_ASSESSMENTS)),
        Entry("exports", gettext_noop("Requests for files"), "exports:list",
              _with(Right.EXPORT_CUSTOMERS, Right.APPROVE_EXPORTS)),
        Entry("tokens", gettext_noop("Tokens"), "openapi:tokens", _with(Right.KEEP_TOKENS)),
    )),
)  # fmt: skip


def frame(request: HttpRequest) -> dict[str, Any]:
    """The template context {"frame": …}; nothing for parts of pages and for people not signed in."""
    if not hasattr(request, "reach") or is_htmx(request):
        return {}
    assert isinstance(request, HttpRequest)
    return {"frame": frame_for(request)}  # type: ignore[arg-type]  # the middleware made it an ActingRequest


def frame_for(request: ActingRequest) -> Frame:
    """The frame of one request; one small query."""
    reach = request.reach
    return Frame(
        navigation=places_for(AREAS, reach.roles),
        person=Person(request.user.name, _posts_in_words(request)),
        data=data_state(request),
        home_url=reverse("desk:home"),
        search_url=reverse("desk:search") if reach.may(Right.SEE_CUSTOMERS) else None,
        logout_url=reverse("organisation:sign_out"),
        language_url=reverse("set_language"),
        bank_name=_bank_name(),
        scripts=(script_for(request),) if reach.may(Right.LOG_CONTACTS) else (),
    )


def data_state(request: ActingRequest) -> DataState:
    """As of which day the figures are, whether that is yesterday, and whether the last run went well."""
    standing = standing_of(request)
    current, latest = standing.current, standing.latest
    if current is None:
        return DataState("none", words=_("No run has published figures yet."))
    words = _("Figures of %(day)s") % {"day": current.business_date.isoformat()}
    if _went_wrong(latest):
        return DataState("failed", current.business_date, words)
    late = (request.today - current.business_date).days > FRESH_DAYS
    return DataState("stale" if late else "green", current.business_date, words)


def _went_wrong(run: Run | None) -> bool:
    return run is not None and run.state in {RunState.FAILED, RunState.STOPPED}


def _posts_in_words(request: ActingRequest) -> str:
    return "; ".join(f"{Role(post.role).label} · {post.unit_name}" for post in request.reach.posts)


def _bank_name() -> str:
    from django.conf import settings

    chinese = (get_language() or "zh").startswith("zh")
    return str(
        getattr(settings, "GUANXI_BANK_NAME", "") if chinese else getattr(settings, "GUANXI_BANK_NAME_EN", "")
    )
