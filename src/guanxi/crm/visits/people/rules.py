"""What is missing in the map of a customer, when a sponsor is due, and where the lines of the drawing run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ROW, HEAD, WIDTH, BOX = 64, 8, 960, 330  # of the drawing, in its own units
EXPECTED = ("legal_person", "general_manager", "finance")
"""Posts that somebody holds in every company; the map says which of them are not on it."""


def not_noted(posts: Iterable[str]) -> list[str]:
    """The posts every company has that nobody is noted for; a chair or controller may run it without a manager."""
    held = set(posts)
    if held & {"chair", "controller"}:
        held.add("general_manager")
    return [post for post in EXPECTED if post not in held]


def due_on(last: date | None, since: date, every_days: int) -> date:
    """The day a sponsor's next contact is due: counted from the last one, without any from the naming."""
    return (last or since) + timedelta(days=every_days)


@dataclass(frozen=True)
class Spot:
    """A box of the drawing: its key and the top of it."""

    key: int
    top: int

    @property
    def middle(self) -> int:
        """Where its lines begin."""
        return self.top + (ROW - HEAD) // 2


def spots(keys: Sequence[int], rows: int) -> list[Spot]:
    """Boxes one under another, the shorter side in the middle of `rows`."""
    first = (rows - len(keys)) * ROW // 2
    return [Spot(key, first + place * ROW) for place, key in enumerate(keys)]


def curve(left: int, right: int) -> str:
    """The path of a line from the left column at height `left` to the right one at `right`."""
    begin, end = BOX, WIDTH - BOX
    middle = WIDTH // 2
    return f"M{begin} {left}C{middle} {left} {middle} {right} {end} {right}"
