"""What may be tried together, and for how long. Plain values only."""

from collections.abc import Sequence

KINDS = ("tier", "value", "scope")
SPANS = (1, 3, 6, 12, 24)
MOST_DRAFTS = 3


def may_try(*, kind: str, hashes: Sequence[str], active_hash: str, months: int) -> bool:
    """One to three different drafts of a kind that the lab knows, none of them what counts already."""
    different = len(set(hashes)) == len(hashes) and active_hash not in hashes
    return kind in KINDS and 1 <= len(hashes) <= MOST_DRAFTS and different and months in SPANS


def may_stop(state: str) -> bool:
    """Whether there is still something to stop."""
    return state in ("waiting", "running")
