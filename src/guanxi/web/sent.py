"""What a browser sends along outside of forms (addresses to go on to, keys that were ticked), read without trust."""

from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme

MOST_DIGITS = 18
"""So many digits always fit a BIGINT."""


def one_of_ours(wanted: str, otherwise: str) -> str:
    """The address `wanted` when it is a path of this program, ready for a header; else `otherwise`.

    A path alone: whoever may write the host of a link that comes back here may lead people away.
    """
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return str(iri_to_uri(wanted)) if ours else otherwise


def whole(text: str) -> int | None:
    """A key or another whole number from 0 on; None for what is none, or has more digits than the store keeps."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
