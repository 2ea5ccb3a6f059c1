"""Files above the own limit: asked for, approved by a second person within limits, taken once and in time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from guanxi.crm import testing
from guanxi.crm.audit.models import ChangeLog
from guanxi.crm.exports import asking, selectors, services
from guanxi.crm.exports.models import ExportRequest
from guanxi.crm.exports.services import Asked
from guanxi.crm.organisation.models import Cover, Staff
from guanxi.crm.organisation.rules import Reach
from guanxi.crm.organisation.selectors import reach_of

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
ASKED = Asked("customers", "/customers/export?stage=mature", "service", 1500)


class Outlet:
    """A manager who asks, the head who may approve 2,000 rows, the head elsewhere, a supervisor of all."""

    def __init__(self) -> None:
        testing.make_policies("access")
        people = testing.make_people()
        self.manager, self.head, self.bob = people.alice, people.head, people.bob
        self.elsewhere = testing.make_staff("outlet_head", people.elsewhere, name="别处")
        self.boss = testing.make_staff("supervisor", people.bank, name="主管")

    def ask(self, rows: int = 1500, reason: str = "名单核对") -> ExportRequest:
        asked = Asked(ASKED.what, ASKED.address, ASKED.purpose, rows)
        return services.ask(by=self.manager, asked=asked, reason=reason, **told(self.manager))

    def approve(self, request: ExportRequest, by: Staff, **more) -> ExportRequest:
        return services.approve(by=by, request=request, **({"read": request.content_hash} | told(by) | more))


def told(by: Staff) -> dict:
    return {"reach": reach(by), "today": TODAY, "now": NOW}


def reach(by: Staff) -> Reach:
    return reach_of(by, TODAY)


@pytest.fixture
def outlet() -> Outlet:
    return Outlet()


def test_one_file_once_for_exactly_this_address_and_in_time(outlet: Outlet) -> None:
    made = outlet.approve(outlet.ask(), outlet.head)
    key = str(made.uuid)
    assert selectors.usable(outlet.manager, key, ASKED.address, NOW) == made
    assert made.expires_at == NOW + timedelta(days=7)
    assert selectors.usable(outlet.manager, key, ASKED.address, made.expires_at) is None
    assert selectors.usable(outlet.manager, key, "/customers/export?", NOW) is None
    assert selectors.usable(outlet.bob, key, ASKED.address, NOW) is None
    with pytest.raises(PermissionDenied):
        services.take(by=outlet.manager, request=made, rows=1501, now=NOW)
    services.take(by=outlet.manager, request=made, rows=1400, now=NOW)
    assert selectors.usable(outlet.manager, key, ASKED.address, NOW) is None
    with pytest.raises(PermissionDenied):
        services.take(by=outlet.manager, request=made, rows=1400, now=NOW)
    verbs = (
        ChangeLog.objects.filter(verb__startswith="exports.").order_by("pk").values_list("verb", flat=True)
    )
    assert list(verbs) == ["exports.asked", "exports.approved", "exports.taken"]


def test_nobody_approves_above_the_own_line_elsewhere_the_own_one_or_what_was_not_read(
    outlet: Outlet,
) -> None:
    large, small = outlet.ask(rows=2001), outlet.ask()
    for request, by in ((large, outlet.head), (small, outlet.elsewhere), (small, outlet.manager)):
        with pytest.raises(PermissionDenied):
            outlet.approve(request, by)
    with pytest.raises(ValidationError):
        outlet.approve(small, outlet.head, read="0" * 64)
    assert list(selectors.waiting_for(reach(outlet.head), TODAY)) == [small]
    assert set(selectors.waiting_for(reach(outlet.boss), TODAY)) == {small, large}
    assert not selectors.visible_to(reach(outlet.elsewhere)).exists()
    assert not selectors.visible_to(reach(outlet.bob)).exists()
    Cover.objects.create(absent=outlet.manager, covering=outlet.head, first_day=TODAY, last_day=TODAY)
    with pytest.raises(ValidationError):
        outlet.approve(small, outlet.head)
    assert outlet.approve(large, outlet.boss).state == "approved"


def test_without_a_reason_or_anybody_who_may_approve_so_many_nothing_is_asked(outlet: Outlet) -> None:
    for more in ({"reason": " "}, {"rows": 100_001}):
        with pytest.raises(ValidationError):
            outlet.ask(**more)
    teller = testing.make_staff("teller", outlet.manager.posts.get().unit)
    with pytest.raises(PermissionDenied):
        services.ask(by=teller, asked=ASKED, reason="x", **told(teller))
    assert not ExportRequest.objects.exists()


def test_it_is_turned_down_with_a_reason_once(outlet: Outlet) -> None:
    made = outlet.ask()
    with pytest.raises(ValidationError):
        services.turn_down(by=outlet.head, request=made, note="", **told(outlet.head))
    services.turn_down(by=outlet.head, request=made, note="范围过大", **told(outlet.head))
    with pytest.raises(ValidationError):
        outlet.approve(made, outlet.head)


def test_what_was_sealed_opens_for_that_person_alone(outlet: Outlet) -> None:
    text = asking.sealed(ASKED, outlet.manager.pk)
    assert asking.opened(text, outlet.manager.pk) == ASKED
    assert asking.opened(text, outlet.bob.pk) is None
    assert asking.opened(text[:-2] + "xx", outlet.manager.pk) is None
