"""How fast to submit (发送速率): the contract's rate, and a pause after the SMSC said "later"."""

from __future__ import annotations

import asyncio


class Pace:
    """How fast to submit: at most so many a second, and after "throttled" a pause that grows until one is taken."""

    SHORTEST, LONGEST = 0.05, 5.0

    def __init__(self, a_second: int) -> None:
        self._gap = 1 / a_second if a_second else 0.0
        self._next = 0.0
        self._pause = self.SHORTEST

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = asyncio.get_running_loop().time()
        at = max(self._next, now)
        self._next = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)

    def slower(self) -> None:
        """The SMSC said "later": nobody submits for a while, and longer each time."""
        now = asyncio.get_running_loop().time()
        if now >= self._next - self._gap:
            self._next = now + self._pause
            self._pause = min(self._pause * 2, self.LONGEST)

    def faster(self) -> None:
        """One was taken."""
        self._pause = self.SHORTEST
