"""Fields, HTMX answers and error pages."""

import json
from datetime import date

import pytest
from django import forms
from django.db import OperationalError
from django.http import HttpResponse
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from guanxi.web import errors, htmx, sent
from guanxi.web.csp import POLICY
from guanxi.web.formats import money
from guanxi.web.forms import DayInput, MoneyField


@given(st.integers(0, 10**17))
def test_an_amount_typed_as_it_is_shown_is_read_back_to_the_fen(fen):
    assert MoneyField().clean(money(fen)) == fen


@pytest.mark.parametrize(
    "typed", ["1.234", "1e5", "abc", "--1", "1.2.3", "NaN", "Infinity", "1" * 17, "-1", "\u0661"]
)
def test_an_amount_that_is_none_is_refused(typed):
    with translation.override("en"), pytest.raises(forms.ValidationError):
        MoneyField().clean(typed)


def test_an_amount_may_be_left_out_only_where_it_may():
    assert MoneyField(required=False).clean("") is None
    assert MoneyField(below_zero=True).clean("-5") == -500
    assert MoneyField().clean("1\uff0c234") == 123400
    with pytest.raises(forms.ValidationError):
        MoneyField().clean("")


class Sample(forms.Form):
    who = forms.CharField(label="Who", help_text="Full name")
    when = forms.DateField(widget=DayInput, initial=None)
    kind = forms.ChoiceField(choices=[("a", "A")])
    sure = forms.BooleanField()
    many = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    secret = forms.CharField(widget=forms.HiddenInput)


def test_each_field_has_its_label_its_input_and_its_error():
    form = Sample({"who": "", "kind": "z"})
    text = engines["jinja"].from_string("{{ ui.fields(form) }}").render({"form": form})
    for name, look in {
        "who": "form-control",
        "when": "form-control",
        "kind": "form-select",
        "sure": "form-check-input",
    }.items():
        assert f'name="{name}"' in text
        assert look in text
    assert text.count("field-error") >= 5
    assert 'for="id_who"' in text
    assert 'id="id_who_helptext"' in text
    assert text.count('type="hidden"') == 1


def test_the_same_field_twice_on_a_page_has_two_labels_that_find_their_own_input():
    class Why(forms.Form):
        reason = forms.CharField()

    told = {"form": Why()}
    text = engines["jinja"].from_string('{{ ui.fields(form) }}{{ ui.fields(form, of="back") }}').render(told)
    for own in ("id_reason", "id_reason-back"):
        assert text.count(f'for="{own}"') == text.count(f' id="{own}"') == 1


def test_htmx_is_told_from_the_browser_and_from_its_history():
    make = RequestFactory().get
    assert htmx.is_htmx(make("/", headers={"HX-Request": "true"}))
    assert not htmx.is_htmx(make("/"))
    assert not htmx.is_htmx(make("/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}))


def test_an_answer_can_say_a_sentence_and_close_the_dialog_at_once():
    answer = htmx.close_dialog(htmx.say(HttpResponse(), "已保存"))
    assert json.loads(answer.headers["HX-Trigger"]) == {"guanxi:say": "已保存", "guanxi:close": True}
    assert answer.headers["HX-Trigger"].isascii()
    assert htmx.close_dialog().status_code == 204
    assert htmx.go_to("/x").headers["HX-Redirect"] == "/x"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("view", "status"),
    [
        (errors.bad_request, 400),
        (errors.forbidden, 403),
        (errors.csrf_failure, 403),
        (errors.not_found, 404),
        (errors.server_error, 500),
    ],
)
def test_an_error_page_says_what_where_and_what_now(view, status, language):
    request = RequestFactory().get("/customers/<b>/")
    with translation.override(language):
        answer = view(request)
        text = answer.content.decode()
    assert answer.status_code == status
    assert "/customers/&lt;b&gt;/" in text
    assert text.count("<dt>") == 2
    assert ("下一步" if language == "zh-hans" else "What now") in text


class Told(Exception):
    """What PostgreSQL said, with its state."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("failure", "sqlstate", "status"),
    [
        (OperationalError, None, 503),  # no connection at all
        (OperationalError, "57P01", 503),
        (OperationalError, "57P03", 503),
        (OperationalError, "08006", 503),
        (OperationalError, "57014", 500),  # a statement that took too long
        (OperationalError, "40P01", 500),
        (RuntimeError, "57P01", 500),
    ],
)
def test_a_database_that_is_away_is_said_and_asked_for_again(failure, sqlstate, status):
    def fail():
        raise failure from Told(sqlstate)

    try:
        fail()
    except failure:
        answer = errors.server_error(RequestFactory().get("/"))
    assert (answer.status_code, "Retry-After" in answer) == (status, status == 503)


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere():
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert "script-src 'self';" in POLICY
    assert "style-src 'self';" in POLICY


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "1",
        "desk:home",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:1",
        "\\\\evil.example",
    ],
)
def test_an_address_that_is_not_ours_is_not_gone_to(wanted):
    assert sent.one_of_ours(wanted, "/home") == "/home"


def test_an_address_of_ours_is_gone_to_and_fits_a_header():
    assert (
        sent.one_of_ours("/customers/?text=王&tier=person.4", "/")
        == "/customers/?text=%E7%8E%8B&tier=person.4"
    )
    assert "\n" not in sent.one_of_ours("/\r\nSet-Cookie: a", "/")


@pytest.mark.parametrize("typed", ["", "-1", "1.0", "²", "٣", "1_0", " 1", "9" * 19, "9" * 5000, "abc"])
def test_what_is_no_key_is_none(typed):
    assert sent.whole(typed) is None


def test_the_greatest_key_is_read():
    assert (sent.whole("0"), sent.whole("9" * 18)) == (0, 10**18 - 1)


class Dated(forms.Form):
    day = forms.DateField(widget=DayInput(), required=False)


@pytest.mark.parametrize(
    "typed", ["9999-12-31", "0001-01-01", "1799-12-31", "12/31/9999", "2026-02-30", "abc"]
)
def test_a_day_that_no_sum_of_days_survives_is_refused_like_any_that_is_none(typed):
    assert Dated({"day": typed}).errors["day"]


@pytest.mark.parametrize(
    ("typed", "day"), [(" 2026-10-31 ", date(2026, 10, 31)), ("", None), ("1800-01-01", date(1800, 1, 1))]
)
def test_a_day_is_read_as_the_browser_sends_it(typed, day):
    form = Dated({"day": typed})
    assert form.is_valid()
    assert form.cleaned_data["day"] == day
