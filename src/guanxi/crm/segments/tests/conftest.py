"""Fixtures of this room's tests."""

from pathlib import Path

import pytest

from guanxi.crm import testing


@pytest.fixture
def home(settings, tmp_path) -> Path:
    """An empty home of the bank."""
    settings.GUANXI_BANK_HOME = tmp_path
    return tmp_path


@pytest.fixture
def screen(home: Path) -> testing.Screen:
    """The three people with a customer, in a bank whose home is empty."""
    assert home.is_dir()
    return testing.make_screen()
