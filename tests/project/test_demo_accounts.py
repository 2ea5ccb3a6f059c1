"""Sign-ins of a demo or bench bank: kept in a file, and made again when the file outlived its database."""

import pytest

from guanxi.crm import testing
from guanxi.crm.organisation.models import Staff
from guanxi.project import demo_accounts

pytestmark = pytest.mark.django_db
ROLES = ("relationship_manager", "outlet_head")


def test_a_file_of_sign_ins_that_outlived_its_database_is_made_again(tmp_path, monkeypatch) -> None:
    people = testing.make_people()
    monkeypatch.setattr(demo_accounts, "_busiest_keeper", lambda: people.alice.pk)

    def opened() -> list[demo_accounts.DemoAccount]:
        return demo_accounts.open_demo_accounts(ROLES, today=testing.TODAY, file=tmp_path / "logins.json")

    first = opened()
    assert [account.staff_no for account in first] == [people.alice.staff_no, people.head.staff_no]
    assert opened() == first
    Staff.objects.update(is_demo=False, password="!")  # the database was made anew
    again = opened()
    assert again != first
    people.alice.refresh_from_db()
    assert people.alice.check_password(again[0].password)
    assert opened() == again
