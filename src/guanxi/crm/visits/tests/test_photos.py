"""Photos of a visit: evidence in time, once and no more than the policy has room for, of one's own visits only."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from guanxi.crm import testing
from guanxi.crm.audit.models import CustomerView
from guanxi.crm.customers.services import assign_keeper
from guanxi.crm.organisation.acting import acting_as
from guanxi.crm.visits import photos
from guanxi.crm.visits.models import Visit, VisitPhoto
from guanxi.crm.visits.tests.test_services import LONG, NINE, TODAY, closed, planned, verbs

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> testing.People:
    testing.make_policies("visit", "interaction", "tier", "suitability", "need", "worklist", "retention")
    return testing.make_people()


def sent(colour="red", name="现场.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def added(by, visit, *files, today=TODAY) -> list[str]:
    with acting_as(by, today=today):
        return photos.add_photos(by=by, visit=visit, files=files or [sent()], today=today, now=NINE)


def test_a_photo_in_time_is_evidence_and_taken_off_it_is_none(people) -> None:
    visit = planned(people)
    assert added(people.alice, visit) == []
    done = closed(people, visit, place="")
    assert (done.evidence, done.is_proven) == (["minutes", "photo"], True)
    with acting_as(people.alice, today=TODAY):
        photos.remove_photo(by=people.alice, visit=done, number=VisitPhoto.objects.get().pk, today=TODAY)
        done.refresh_from_db()
    assert (done.evidence, done.is_proven) == (["minutes"], False)
    assert verbs() == ["visits.planned", "visits.photo_added", "visits.closed", "visits.photo_removed"]


def test_a_photo_proves_a_visit_already_written_down_until_its_days_are_over(people) -> None:
    done = closed(people, planned(people), place="")
    late = TODAY + timedelta(days=4)
    with pytest.raises(ValidationError, match="3"):
        added(people.alice, done, today=late)
    added(people.alice, done, today=late - timedelta(days=1))
    with testing.everything():
        assert Visit.objects.get().is_proven


def test_a_photo_stands_with_one_visit_once_and_a_visit_has_so_many(people) -> None:
    visit, other = planned(people), planned(people, at=NINE + timedelta(hours=3))
    added(people.alice, visit)
    assert "现场.jpg" in added(people.alice, other)[0]
    colours = ["red", "blue", "green", "white", "black", "yellow", "navy", "pink", "tan"]
    refused = added(people.alice, visit, *map(sent, colours))
    with testing.everything():
        assert VisitPhoto.objects.filter(visit=visit).count() == 6
    assert len(refused) == 2  # known, and the first of those too many; the rest is not even read


def test_only_ones_own_visit_takes_photos_and_each_bad_file_says_why(people) -> None:
    visit = planned(people)
    with pytest.raises(PermissionDenied):
        added(people.bob, visit)
    assert "JPEG" in added(people.alice, visit, SimpleUploadedFile("清单.pdf", b"%PDF-"))[0]


def test_photos_follow_the_customer_and_nobody_else_sees_them(people) -> None:
    added(people.alice, planned(people))
    with acting_as(people.head, today=TODAY) as reach:
        assign_keeper(
            by=people.head, reach=reach, party=people.customer, keeper=people.bob, today=TODAY, reason="移交"
        )
    for who, seen in ((people.alice, 0), (people.bob, 1), (people.charlie, 0)):
        with acting_as(who, today=TODAY), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM visits_visitphoto")  # a forgotten filter
            assert cursor.fetchone() == (seen,)


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def of_today(people) -> Visit:
    """A visit of the day that the server has."""
    start = datetime.combine(timezone.localdate(), NINE.time(), NINE.tzinfo)
    visit = planned(people)
    with testing.everything():
        Visit.objects.update(day=timezone.localdate(), starts_at=start, ends_at=start + timedelta(hours=1))
    return visit


def test_a_refused_file_keeps_what_was_typed_and_the_photo_that_was_good(people) -> None:
    visit, client = of_today(people), signed_in(people.alice)
    typed = {
        "minutes": LONG,
        "outcome": "met_interested",
        "photos": [sent(), SimpleUploadedFile("a.exe", b"MZ")],
    }
    for address in ("visits:close", "visits:photos"):
        answer = client.post(reverse(address, args=[visit.pk]), typed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert LONG in page
        assert "a.exe" in page
        typed["photos"] = [sent("blue"), SimpleUploadedFile("a.exe", b"MZ")]
    with testing.everything():
        assert VisitPhoto.objects.count() == 2
        assert Visit.objects.get().state == "planned"


def test_a_photo_is_handed_out_as_a_picture_that_is_kept_nowhere_and_the_look_is_recorded(people) -> None:
    visit, client = of_today(people), signed_in(people.alice)
    client.post(reverse("visits:photos", args=[visit.pk]), {"photos": [sent()]})
    with testing.everything():
        photo = VisitPhoto.objects.get()
    answer = client.get(reverse("visits:photo", args=[visit.pk, photo.pk]))
    assert answer.content == bytes(photo.content)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("inline; filename=")
    with testing.everything():
        assert CustomerView.objects.filter(what="visit_photo").count() == 1
    assert (
        signed_in(people.charlie).get(reverse("visits:photo", args=[visit.pk, photo.pk])).status_code == 404
    )
