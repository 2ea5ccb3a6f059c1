"""A salon of the outlet with Alice as its owner, in a bank home of its own so that the door has keys."""

import pytest

from guanxi.crm.salons.tests.flow import Party, make_party


@pytest.fixture
def evening(settings, tmp_path) -> Party:
    settings.GUANXI_BANK_HOME = tmp_path
    return make_party()
