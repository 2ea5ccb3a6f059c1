"""Names cut for search, and what a keeper may be. Plain values only."""

import unicodedata
from datetime import date

GRAM = 2


def folded(text: str) -> str:
    """A name as search compares it: width and case made equal, spaces and marks left out."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def grams_of(name: str) -> frozenset[str]:
    """All pairs of neighbouring letters of a name; a name of one letter is its own gram.

    The letter alone at the front is kept too, so that typing a surname finds something.
    """
    letters = folded(name)
    pairs = {letters[at : at + GRAM] for at in range(len(letters) - 1)}
    return frozenset(pairs | {letters[:1]}) - {""}


def grams_asked(typed: str) -> list[str]:
    """The grams that a name must have to contain what was typed, in order, each once."""
    letters = folded(typed)
    if len(letters) < GRAM:
        return [letters] if letters else []
    return list(dict.fromkeys(letters[at : at + GRAM] for at in range(len(letters) - 1)))


def may_keep(*, is_active: bool, holds_seeing_post: bool, same_unit: bool) -> bool:
    """Whether a person may become keeper: active, in a post that sees customers, at the unit that assigns."""
    return is_active and holds_seeing_post and same_unit


def shown_name(name: str, *, hidden: bool) -> str:
    """A customer's name as a list writes it: in full, or its first letter alone where names are hidden (王**)."""
    return f"{name[:1]}**" if hidden and name else name


def age_on(birth_date: date | None, day: date) -> int | None:
    """Completed years on that day; None when the birth date is unknown."""
    if birth_date is None:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
