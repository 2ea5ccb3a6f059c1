"""A model serves only when an impact assessment covers it: the service, and the page that says what lacks."""

from datetime import UTC, datetime

import pytest

from guanxi.crm import testing
from guanxi.crm.assessments.services import NotAssessed
from guanxi.crm.foresight.models import ModelState, ModelVersion
from guanxi.crm.foresight.services import switch_on
from guanxi.crm.organisation.models import Staff

pytestmark = pytest.mark.django_db
TODAY = testing.TODAY
NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)


@pytest.fixture
def boss() -> Staff:
    testing.make_policies("protection")
    return testing.make_staff("supervisor", testing.make_unit("演示银行"))


def model_asked() -> ModelVersion:
    return ModelVersion.objects.create(
        purpose="exit", version=1, kind="logistic", body="{}", sha256="1" * 64, card={}, kept=True, why="",
        run_id="r", business_date=TODAY, made_at=NOW, state=ModelState.ASKED,
        asked_by=testing.make_staff("analyst", testing.make_unit("总行")),
    )  # fmt: skip


def test_a_model_is_switched_on_only_when_it_is_assessed(boss: Staff) -> None:
    version = model_asked()
    told = {"by": boss, "today": TODAY, "now": NOW, "version": version, "sha256": version.sha256}
    with pytest.raises(NotAssessed) as refused:
        switch_on(**told)
    assert refused.value.activities == ["model.exit"]
    testing.make_assessments("model.exit")
    assert switch_on(**told).state == ModelState.ON


def test_the_page_answers_409_and_names_what_lacks_and_nothing_is_kept(boss: Staff) -> None:
    version = model_asked()
    answer = testing.client_of(boss).post(f"/models/{version.pk}/on", {"sha256": version.sha256})
    assert answer.status_code == 409
    assert "销户流失模型" in answer.content.decode()
    version.refresh_from_db()
    assert version.state == ModelState.ASKED
