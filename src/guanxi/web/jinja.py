"""The Jinja2 environment of all pages: filters, helpers, messages, and the parts as `ui`."""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jinja2
from django.conf import settings
from django.template.backends.jinja2 import Jinja2
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from jinja2.runtime import Context
from markupsafe import Markup, escape

from guanxi.web import formats
from guanxi.web.forms import widget
from guanxi.web.frame import mark_current
from guanxi.web.meanings import definition_of
from guanxi.web.written import day, missing, moment, moved, tint_of, written

PARTS = tuple(f"web/parts/{kind}.html" for kind in ("page", "figures", "lists", "forms", "charts"))


class Templates(Jinja2):
    """Django's Jinja2 backend, looking in each app's `templates/` folder."""

    app_dirname = "templates"


class Parts:
    """The macros of web/parts/*.html under one name, so that no template has to import them."""

    def __init__(self, env: jinja2.Environment) -> None:
        """Keep the environment; the files are compiled when a part is first asked for."""
        self._env = env
        self._home: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        """The macro called `name`; an unknown one is an error with that name in it."""
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._home:
            self._home |= {
                found: path for path in PARTS for found in vars(self._env.get_template(path).module)
            }
        if name not in self._home:
            raise AttributeError(f"There is no part called {name!r} in web/parts/.")
        part = getattr(self._env.get_template(self._home[name]).module, name)
        if not self._env.auto_reload:
            self.__dict__[name] = part  # the next look does not come here again
        return part


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named route."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def url_or_none(name: str, *args: Any, **kwargs: Any) -> str | None:
    """The address of a named route, or None while that room does not exist."""
    try:
        return url(name, *args, **kwargs)
    except NoReverseMatch:
        return None


@lru_cache
def icon(name: str, size: str = "") -> Markup:
    """A line icon from the sprite (setup/icons.txt lists the names); decorative, so hidden from readers."""
    link = f"{static('vendor/icons.svg')}#tabler-{name}"
    return Markup('<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}"/></svg>').format(
        size, link
    )


def language() -> str:
    """The language of this page: zh-hans or en."""
    return translation.get_language() or settings.LANGUAGE_CODE


def html_language() -> str:
    """The language as HTML names it: zh-Hans or en."""
    return translation.to_locale(language()).replace("_", "-")


def _shown(write: Callable[..., str]) -> Callable[..., str | Markup]:
    """A filter that writes a value, and the dash with its reason where the value is None.

    It takes the context, though unused: otherwise Jinja would work constants out at compile time, in whatever
    language that happened to be.
    """

    @jinja2.pass_context
    def filtered(_context: Context, value: Any, *args: Any, reason: str | None = None) -> str | Markup:
        return missing(reason) if value is None else write(value, *args)

    return filtered


@jinja2.pass_context
def change(_context: Context, value: Any, kind: str = "percent", reason: str | None = None) -> Markup:
    """A movement with arrow and sign; `kind` is percent (a share), money (fen) or count."""
    if value is None:
        return missing(reason)
    if kind == "money":
        return moved(formats.change_money(value, language()))
    return moved(formats.change_count(value) if kind == "count" else formats.change_percent(value))


def _money_short(fen: int | Decimal) -> str:
    return formats.money_short(fen, language())


def _money_words(fen: int | Decimal) -> str:
    return formats.money_words(fen, language())


def _yuan(amount: Decimal) -> str:
    return formats.money(formats.fen_of(amount))


def _yuan_short(amount: Decimal) -> str:
    return formats.money_short(formats.fen_of(amount), language())


def join_classes(*names: str | bool | None) -> str:
    """The given class names that are not empty, separated by spaces."""
    return " ".join(str(name) for name in names if name)


def attributes(values: dict[str, Any] | None) -> Markup:
    """A dict as HTML attributes: None and False are left out, True stands alone."""
    said = (
        (escape(key), value)
        for key, value in (values or {}).items()
        if value is not None and value is not False
    )
    return Markup("").join(
        Markup(" {}").format(key) if value is True else Markup(' {}="{}"').format(key, value)
        for key, value in said
    )


def words_for_scripts() -> dict[str, str]:
    """The few words that scripts show, in the reader's language; they stand in a <meta> of the page."""
    return {
        "as_of": translation.gettext("as of"),
        "failed": translation.gettext("This part could not be loaded."),
        "again": translation.gettext("Try again"),
        "offline": translation.gettext("The server did not answer. What you typed is still here; try again."),
        "refused": translation.gettext("The server refused this."),
        "copied": translation.gettext("Copied"),
        "selected": translation.gettext("%(count)s selected").replace("%(count)s", "{count}"),
        "top": translation.gettext("top {share} hold {value}"),
        "even": translation.gettext("if all were equal"),
        "people": translation.gettext("customers"),
        "share_x": translation.gettext("Share of customers"),
        "share_y": translation.gettext("Share of the amount"),
    }


FILTERS: dict[str, Callable[..., Any]] = {
    "money": _shown(formats.money),
    "money_short": _shown(_money_short),
    "money_words": _shown(_money_words),
    "yuan": _shown(_yuan),
    "yuan_short": _shown(_yuan_short),
    "count": _shown(formats.count),
    "about": _shown(formats.about),
    "decimal": _shown(formats.decimal),
    "percent": _shown(formats.percent),
    "day": _shown(day),
    "month": _shown(formats.month),
    "moment": _shown(moment),
    "change": change,
    "attributes": attributes,
}
"""`count` covers Jinja's own alias of `length`; write `|length` for the size of a list."""


def environment(**options: Any) -> jinja2.Environment:
    """The environment for Django's Jinja2 backend. A name that is not there is an error, never an empty place."""
    options["undefined"] = jinja2.StrictUndefined
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    extensions = [
        *options.pop("extensions", ()),
        "jinja2.ext.i18n",
        "jinja2.ext.do",
        "jinja2.ext.loopcontrols",
    ]
    env = jinja2.Environment(**options, extensions=extensions)  # noqa: S701  # Django's backend passes autoescape=True
    _install_messages(env)
    env.filters.update(FILTERS)
    env.globals.update(
        ui=Parts(env),
        url=url,
        url_or_none=url_or_none,
        static=static,
        icon=icon,
        language=language,
        html_language=html_language,
        missing=missing,
        written=written,
        tint_of=tint_of,
        definition_of=definition_of,
        classes=join_classes,
        mark_current=mark_current,
        widget=widget,
        words_for_scripts=words_for_scripts,
    )
    return env


@jinja2.pass_context
def _said(_context: Context, text: str, /, **values: Any) -> str:
    """`_("…", name=value)`: the text in the reader's language with its values filled in, each escaped.

    Jinja's own newer style reads every % as a place for a value, so "3% of" would come out broken; here a % is
    only special where values are given (a doubled one is fine in both).
    """
    return _filled(translation.gettext(text), values)


@jinja2.pass_context
def _said_of_number(_context: Context, one: str, many: str, number: int, /, **values: Any) -> str:
    """`ngettext("%(num)s day", "%(num)s days", n)`: the form for this number, which is also `num`."""
    return _filled(translation.ngettext(one, many, number), {"num": number, **values})


def _filled(text: str, values: dict[str, Any]) -> str:
    safe = escape(text)
    return safe % values if values else safe.replace("%%", "%")


def _install_messages(env: jinja2.Environment) -> None:
    """`_()` speaks the language of the request."""
    env.globals.update(_=_said, gettext=_said, ngettext=_said_of_number)
