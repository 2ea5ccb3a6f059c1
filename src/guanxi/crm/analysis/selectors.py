"""Reads of questions: one's own, and what is shared. Whoever does not see the whole bank finds nothing here."""

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from guanxi.crm.analysis.models import Asked, AskedState, SavedQuery
from guanxi.crm.organisation.models import Unit
from guanxi.crm.organisation.rules import Reach, Right
from guanxi.crm.scores.selectors import current_run
from guanxi.insight.policies.workbench import WorkbenchPolicy
from guanxi.lake.asking import Answer, answer_in
from guanxi.lake.masked import Made, newest

MOST_SHOWN = 12


def need(reach: Reach) -> None:
    """Raises PermissionDenied for whoever may not ask: the data are of every unit, so the reach must be."""
    if not reach.may(Right.USE_WORKBENCH) or not _sees_all(reach):
        raise PermissionDenied("the workbench is for those who look at the whole bank")


def _sees_all(reach: Reach) -> bool:
    """An analyst, or a supervisor above every unit there is."""
    return reach.whole_bank or len(reach.unit_ids) == Unit.objects.count()


def saved_for(reach: Reach) -> QuerySet[SavedQuery]:
    """One's own queries and the shared ones."""
    need(reach)
    rows = SavedQuery.objects.filter(Q(owner=reach.staff_id) | Q(is_shared=True), retired_at=None)
    return rows.select_related("owner").order_by("name", "pk")


def saved_or_404(reach: Reach, uuid: UUID) -> SavedQuery:
    """One of these."""
    found = saved_for(reach).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def asked_for(reach: Reach) -> QuerySet[Asked]:
    """One's own questions, the latest first."""
    need(reach)
    return Asked.objects.filter(by=reach.staff_id).order_by("-asked_at", "-pk")


def asked_or_404(reach: Reach, uuid: UUID) -> Asked:
    """One of one's own; another's answers exactly as none."""
    found = asked_for(reach).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def data_for(policy: WorkbenchPolicy) -> Made | None:
    """The data of the current run, else the newest there are; none that were made with smaller groups than allowed."""
    run = current_run()
    lake = Path(settings.GUANXI_BANK_HOME) / "lake"
    made = (newest(lake, run.pk) if run else None) or newest(lake)
    return made if made is not None and made.smallest_group >= policy.smallest_group else None


def folder_of(asked: Asked) -> Path:
    """Where a question's process leaves its answer."""
    return results() / str(asked.uuid)


def results() -> Path:
    """The folder of all answers."""
    return Path(settings.GUANXI_BANK_HOME) / "workbench"


def answer_of(asked: Asked) -> Answer | None:
    """The answer of a question that was answered; None once it is no longer kept."""
    return answer_in(folder_of(asked)) if asked.state == AskedState.DONE else None
