"""The demo's qualifications: told once, held by most sellers, and some of them about to expire."""

from datetime import date

import pytest

from guanxi.crm import testing
from guanxi.crm.organisation.models import Licence
from guanxi.pipeline.demo.past import licences

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "pipeline"])
TODAY = date(2026, 11, 1)


def test_qualifications_are_told_once_and_some_end_within_weeks() -> None:
    testing.make_policies("suitability")
    unit = testing.make_unit()
    for _n in range(7):
        testing.make_staff("relationship_manager", unit)
    Licence.objects.all().delete()
    assert licences.tell(today=TODAY) == 20 + 2  # one of seven lacks insurance, two of them are told to renew
    assert licences.tell(today=TODAY) == 0
    assert Licence.objects.filter(expires_on__lt=TODAY).count() == 0
