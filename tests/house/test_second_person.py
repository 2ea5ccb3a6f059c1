"""Who decides about what somebody made is a second person everywhere: also not one who stands in for the maker."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from guanxi.crm import testing
from guanxi.crm.organisation.models import Cover
from guanxi.crm.organisation.second_person import check_second_person, stand_ins

CRM = Path(testing.__file__).parent
DECIDERS = {"decided_by", "approved_by", "heard_by"}


def deciding_modules() -> set[str]:
    found = set()
    for path in CRM.rglob("*.py"):
        if {"tests", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            named = [
                part for target in targets for part in ast.walk(target) if isinstance(part, ast.Attribute)
            ]
            if any(one.attr in DECIDERS for one in named):
                found.add(path.relative_to(CRM).as_posix())
    return found


def test_every_module_that_keeps_who_decided_asks_for_a_second_person() -> None:
    modules = deciding_modules()
    assert len(modules) > 8
    without = {
        name for name in modules if "second_person import" not in (CRM / name).read_text(encoding="utf8")
    }
    assert without == set()


@pytest.mark.django_db
def test_who_stands_in_for_a_maker_or_is_stood_in_for_does_not_decide_while_it_lasts() -> None:
    people, day = testing.make_people(), testing.TODAY
    with testing.everything():
        Cover.objects.create(absent=people.alice, covering=people.head, first_day=day, last_day=day)
    assert stand_ins((people.alice.pk, None), day) == {people.alice.pk, people.head.pk}
    assert stand_ins((None,), day) == frozenset()
    for by, maker in ((people.head, people.alice), (people.alice, people.head)):
        with pytest.raises(ValidationError):
            check_second_person(by, (maker.pk,), day)
        for other in (day - timedelta(days=1), day + timedelta(days=1)):
            check_second_person(by, (maker.pk,), other)
    check_second_person(people.bob, (people.alice.pk,), day)
