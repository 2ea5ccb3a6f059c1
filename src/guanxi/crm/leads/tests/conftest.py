"""The crew, in a bank home of its own so that the door has keys."""

import pytest

from guanxi.crm.leads.tests.flow import Crew, make_crew


@pytest.fixture
def crew(settings, tmp_path) -> Crew:
    settings.GUANXI_BANK_HOME = tmp_path
    return make_crew()
