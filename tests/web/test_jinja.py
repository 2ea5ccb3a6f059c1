"""Templates: strict about names, safe about text, and in the language of the request."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.template import engines
from django.utils import translation
from jinja2 import UndefinedError

import guanxi
from guanxi.web.frame import Area, Entry, Frame, mark_current, places_for
from guanxi.web.lists import Column, address, address_for_sort, chosen_columns


def rendered(text, language="en", **values):
    with translation.override(language):
        return engines["jinja"].from_string(text).render(values)


def test_a_name_that_is_not_there_is_an_error_and_not_an_empty_place():
    with pytest.raises(UndefinedError):
        rendered("{{ nothing }}")
    with pytest.raises(UndefinedError):
        rendered("{{ ui.no_such_part() }}")


def test_text_of_customers_cannot_become_markup():
    bad = '"><script>x</script>'
    parts = (
        "ui.figure(bad, bad)", "ui.reason(bad)", "ui.tier_badge(2, bad, bad)", "ui.panel(bad)", "ui.masked(bad, bad)",
        "ui.search_result(bad, bad, bad)", "_('%(what)s', what=bad)", "{'title': bad}|attributes", "missing(bad)",
        "ui.chart('bars', {'categories': [bad], 'series': [{'name': bad, 'values': [1]}]}, bad)",
        "ui.tabs([(bad, bad, true)])", "ui.notice(bad)", "ui.empty_state(bad, bad)", "ui.download(bad, bad)",
    )  # fmt: skip
    for part in parts:
        page = rendered("{{ " + part + " }}", bad=bad)
        assert "script" in page
        assert "<script" not in page
        assert '""' not in page.replace('alt=""', "").replace('data-as-of=""', "")


def test_one_compiled_template_speaks_each_language():
    template = engines["jinja"].from_string("{{ 123460000|money_short }} {{ _('Customers') }}")
    with translation.override("zh-hans"):
        chinese = template.render({})
    with translation.override("en"):
        english = template.render({})
    assert chinese.startswith("123.46\u00a0万")
    assert english == "1.23\u00a0M Customers"


def test_a_percent_sign_in_a_text_is_only_a_percent_sign():
    assert rendered("{{ _('3% of all, 4 % a') }}") == "3% of all, 4 % a"
    assert rendered("{{ _('%(n)s%% of all', n=3) }}") == "3% of all"


def test_a_figure_that_is_not_known_says_why():
    page = rendered("{{ x|money(reason='No balance yet') }}", x=None)
    assert "—" in page
    assert 'title="No balance yet"' in page


@pytest.mark.parametrize(("share", "mark"), [(0.02, "rise"), (-0.02, "fall"), (0, "same")])
def test_a_movement_has_sign_arrow_and_class(share, mark):
    assert f"change {mark}" in rendered("{{ share|change }}", share=share)


def test_no_part_writes_an_inline_style_or_script():
    from django.test import RequestFactory, override_settings

    from guanxi.web.style import page

    with override_settings(DEMO=True, ROOT_URLCONF="tests.web.site"), translation.override("zh-hans"):
        text = page(RequestFactory().get("/style?errors=1")).content.decode()
    assert " style=" not in text
    assert "<style" not in text
    assert " onclick" not in text
    assert "hx-on" not in text
    assert all("src=" in tag.split(">")[0] for tag in text.split("<script")[1:])


def test_the_style_page_is_not_there_in_a_bank():
    from django.http import Http404
    from django.test import RequestFactory, override_settings

    from guanxi.web.style import page

    with override_settings(DEMO=False, DEBUG=False), pytest.raises(Http404):
        page(RequestFactory().get("/style"))


def test_the_rail_shows_what_the_role_has_and_what_exists(settings):
    settings.ROOT_URLCONF = "tests.web.site"
    areas = [
        Area("a", "Customers", "users", [
            Entry("a1", "Leads", "style", frozenset({"analyst"})),
            Entry("a2", "Customers", "style", frozenset({"manager"})),
            Entry("a3", "Today", "style"),
        ]),
        Area("b", "Leads", "flag", [Entry("b", "Leads", "style", frozenset({"analyst"}))]),
        Area("c", "Reports", "report-analytics", [Entry("c", "Reports", "no-such-page", frozenset({"manager"}))]),
        Area("d", "Today", "checklist", [Entry("d", "Today", "style")]),
    ]  # fmt: skip
    places = places_for(areas, {"manager"})
    assert [(place.id, [page.id for page in place.inner]) for place in places] == [
        ("a", ["a2", "a3"]),
        ("d", ["d"]),
    ]
    marked = mark_current(places, "a3")
    assert [place.current for place in marked] == [True, False]
    assert [page.current for page in marked[0].inner] == [False, True]
    assert Frame(navigation=places).home_url == "/"


COLUMNS = [Column("name", "Name", fixed=True), Column("aum", "AUM", "money"), Column("tier", "Tier")]


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ([], ["name", "aum", "tier"]),
        (["aum"], ["name", "aum"]),
        (["tier", "aum"], ["name", "aum", "tier"]),
        (["x"], ["name", "aum", "tier"]),
    ],
)
def test_chosen_columns_keep_their_order_and_the_fixed_one(wanted, shown):
    assert [column.id for column in chosen_columns(COLUMNS, wanted)] == shown


def test_a_changed_filter_begins_at_the_first_page_and_keeps_the_rest():
    query = {"tier": "3", "after": "xyz", "sort": "-aum"}
    assert address(query, tier="4") == "?sort=-aum&tier=4"
    assert address(query, without=["tier"]) == "?sort=-aum"
    assert address(query, tier=None) == "?sort=-aum"
    assert address_for_sort(query) == "?tier=3&sort="
    assert address_for_sort({}) == "?sort="


def test_a_cell_is_written_as_its_column_says():
    line = "{{ ui.cell(column, value) }}"
    assert ">2026-10-31<" in rendered(line, column=Column("d", "Day", "day"), value=date(2026, 10, 31))
    assert ">1,234.50<" in rendered(line, column=Column("m", "AUM", "money"), value=123450)
    assert 'data-label="AUM"' in rendered(line, column=Column("m", "AUM", "money"), value=None)


def test_every_picture_a_template_names_is_in_the_sheet_of_pictures() -> None:
    source = Path(guanxi.__file__).parent
    sheet = (source / "web" / "static" / "vendor" / "icons.svg").read_text(encoding="utf8")
    there = set(re.findall(r'id="tabler-([a-z0-9-]+)"', sheet))
    named = re.compile(
        r'icon\("([a-z0-9-]+)"|icon_name="([a-z0-9-]+)"|empty_state\(.*?, "([a-z0-9]+(?:-[a-z0-9]+)*)"\)'
    )
    wanted = {
        (next(filter(None, found)), page.name)
        for page in source.glob("**/templates/**/*.html")
        for found in named.findall(page.read_text(encoding="utf8"))
    }
    assert wanted
    assert [pair for pair in sorted(wanted) if pair[0] not in there] == []
