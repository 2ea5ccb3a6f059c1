"""What states are called."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guanxi.crm.salons.rules import Stage, State

STAGES: Mapping[Stage, Promise] = {
    Stage.PLANNED: _("Lies ahead"),
    Stage.CALLED_OFF: _("Called off"),
    Stage.ENDED: _("Ended"),
}
STATES: Mapping[State, Promise] = {
    State.INVITED: _("Invited"),
    State.COMING: _("Signed up"),
    State.WAITING: _("On the waiting list"),
    State.DECLINED: _("Will not come"),
}
