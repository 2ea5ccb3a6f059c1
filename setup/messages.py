"""The texts of the screens: `python setup/messages.py extract|compile|check`.

Each package under src/guanxi that has texts keeps its own locale/<language>/LC_MESSAGES/django.po. `extract`
reads the Python files and the Jinja2 templates and brings the .po files up to date; `compile` writes
the .mo files; `check` names every text without translation. Babel does it all: gettext's programs are not
needed.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).resolve().parent.parent / "src" / "guanxi"
LANGUAGES = ("zh_Hans",)
HEADER = """\
# The texts of this package. Kept up to date by setup/messages.py.
msgid ""
msgstr ""
"Project-Id-Version: Guanxi\\n"
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
METHODS = [("**/tests/**", "ignore"), ("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {
    "**/templates/**.html": {
        "extensions": "jinja2.ext.i18n,jinja2.ext.do,jinja2.ext.loopcontrols",
        "silent": "false",
    }
}
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def packages() -> Iterator[Path]:
    """The packages that own texts: every app of crm, and the other storeys whole."""
    for storey in sorted(path for path in SOURCE.iterdir() if (path / "__init__.py").exists()):
        if storey.name == "crm":
            yield from sorted(path for path in storey.iterdir() if (path / "__init__.py").exists())
        else:
            yield storey


def catalogues() -> list[Path]:
    """Every .po file there is."""
    return sorted(SOURCE.rglob("locale/*/LC_MESSAGES/django.po"))


def extracted(package: Path) -> Catalog:
    """The texts that a package's code and templates use now, with their files (no line numbers)."""
    catalog = Catalog(project="Guanxi", charset="utf-8")
    found = extract_from_dir(package, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",))
    for file, _line, text, comments, context in found:
        catalog.add(text, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalog


def extract() -> int:
    """Bring each package's .po files up to date; a text no longer used is dropped."""
    for package in packages():
        template = extracted(package)
        if not len(template):
            continue
        for language in LANGUAGES:
            place = package / "locale" / language / "LC_MESSAGES" / "django.po"
            place.parent.mkdir(parents=True, exist_ok=True)
            catalog = read(place, language)
            catalog.update(template, no_fuzzy_matching=True)
            catalog.obsolete.clear()
            write(catalog, place, language)
            missing = sum(1 for message in catalog if message.id and not message.string)
            print(f"messages: {place.relative_to(SOURCE)}: {len(catalog)} texts, {missing} to translate")
    return 0


def write(catalog: Catalog, place: Path, language: str) -> None:
    """Write a catalogue, the same bytes for the same texts: no date, no line numbers, sorted."""
    with place.open("wb") as out:
        out.write(HEADER.format(language=language, plural=catalog.plural_forms).encode())
        write_po(out, catalog, width=100, include_lineno=False, sort_output=True, omit_header=True)


def read(place: Path, language: str) -> Catalog:
    """The catalogue at `place`, an empty one when there is none yet."""
    if not place.exists():
        return Catalog(locale=language, project="Guanxi", charset="utf-8")
    with place.open("rb") as source:
        return read_po(source, locale=language)


def gaps() -> list[str]:
    """Each text in use that a language lacks or has only as a guess, as "package: language: text"."""
    found = []
    for package in packages():
        used = [message for message in extracted(package) if message.id]
        for language in LANGUAGES:
            known = read(package / "locale" / language / "LC_MESSAGES" / "django.po", language)
            for message in used:
                translated = known.get(message.id, message.context)
                if translated is None or translated.fuzzy or not is_full(translated.string):
                    found.append(f"{package.relative_to(SOURCE)}: {language}: {message.id!r}")
    return found


def is_full(text: object) -> bool:
    """Whether a translation is there, in every plural form."""
    return all(text) if isinstance(text, (list, tuple)) else bool(text)


def check() -> int:
    """Print the gaps; 1 when there are any."""
    found = gaps()
    for gap in found:
        print(f"messages: no translation: {gap}")
    return 1 if found else 0


def compile_all() -> int:
    """Write the .mo file beside each .po file."""
    found = catalogues()
    for place in found:
        with place.with_suffix(".mo").open("wb") as out:
            write_mo(out, read(place, place.parent.parent.name))
    print(f"messages: {len(found)} catalogues")
    return 0


if __name__ == "__main__":
    sys.exit({"extract": extract, "compile": compile_all, "check": check}[sys.argv[1]]())
