"""Seats of a salon and the line of those who wait for one; everything here is done under the salon's lock."""

from datetime import date

from guanxi.crm.audit import services as audit
from guanxi.crm.salons import treating
from guanxi.crm.salons.models import Invitation, Salon
from guanxi.crm.salons.rules import State


def count(salon: Salon, was: str, becomes: str) -> None:
    """Keep the salon's own numbers after somebody's state has changed."""
    salon.taken += (becomes == State.COMING) - (was == State.COMING)
    salon.waiting += (becomes == State.WAITING) - (was == State.WAITING)
    salon.save(update_fields=["taken", "waiting"])


def move_up(salon: Salon, *, today: date) -> None:
    """Those who have waited longest have the seats that are free; the whole bank's invitations must be in sight."""
    free = salon.seats - salon.taken
    line = Invitation.objects.select_related("party__unit").filter(salon=salon, state=State.WAITING)
    for first in line.order_by("answered_at", "pk")[: max(0, free)]:
        first.state, first.salon = State.COMING, salon
        first.save(update_fields=["state"])
        count(salon, State.WAITING, State.COMING)
        treating.tell_seat_free(first, today=today)
        audit.record(by=None, verb="salons.moved_up", on=first)
