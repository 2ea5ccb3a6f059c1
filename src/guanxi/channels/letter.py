"""Letters (信函): one file each in a folder that the print shop collects; PDF where a renderer is given, else HTML."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guanxi.channels.face import Accepted, Answer, Found, Heard, NotFound, Outgoing, Refused
from guanxi.channels.settings import read_settings

Renderer = Callable[[str], bytes]  # a page of HTML → a PDF's octets


@dataclass(frozen=True)
class LetterSettings:
    """Where letters wait, what stands at their foot, and what one costs in fen (paper, print, postage)."""

    folder: str
    foot: str = ""
    fen: int = 0

    def problems(self) -> Iterator[str]:
        """What types cannot say."""
        if not self.folder or self.fen < 0:
            yield "folder must not be empty and fen not below 0"


class Letter:
    """The folder as a channel: a letter is there whole or not at all, and once."""

    can_ask = True
    takes_twice = False
    hosts: Sequence[str] = ()

    def __init__(
        self, settings: Mapping[str, Any], secrets: Mapping[str, str], render: Renderer | None = None
    ) -> None:
        self.set = read_settings(LetterSettings, "letter", settings, secrets)
        self._folder = Path(self.set.folder)
        self.render = render

    async def open(self) -> None:
        """Make the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)

    async def close(self) -> None:
        """Nothing is held open."""

    def parts(self, text: str) -> int:
        """A letter is one."""
        del text
        return 1

    async def send(self, batch: Sequence[Outgoing]) -> Sequence[Answer]:
        """Write the letters; one that is there already stays as it is."""
        return [self._one(out) for out in batch]

    def _one(self, out: Outgoing) -> Answer:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", out.out_id):
            return Refused(out.out_id, "unfit", "the id is no file name", temporary=False)
        path = self._path(out.out_id)
        try:
            if not path.exists():
                page = _page(out, self.set.foot)
                _write(path, self.render(page) if self.render else page.encode("utf-8", "replace"))
        except OSError as error:
            return Refused(out.out_id, "disk", str(error), temporary=True)
        return Accepted(out.out_id, path.name, 1, self.set.fen)

    def _path(self, out_id: str) -> Path:
        return self._folder / f"{out_id}.{'pdf' if self.render else 'html'}"

    async def ask(self, out_ids: Sequence[str]) -> Mapping[str, Found]:
        """Whether a letter is in the folder, or was and has been collected into its `sent` folder."""
        return {i: self._accepted(i) if self._is_there(i) else NotFound(i) for i in out_ids}

    def _is_there(self, out_id: str) -> bool:
        path = self._path(out_id)
        return path.exists() or (self._folder / "sent" / path.name).exists()

    def _accepted(self, out_id: str) -> Accepted:
        return Accepted(out_id, self._path(out_id).name, 1, self.set.fen)

    async def heard(self) -> Sequence[Heard]:
        """Paper does not answer; what the post returns is logged by people."""
        return ()


def _page(out: Outgoing, foot: str) -> str:
    """A plain page; everything written by people is escaped."""
    address = "<br>".join(map(html.escape, out.address.splitlines()))
    body = "".join(f"<p>{html.escape(line)}</p>" for line in out.text.splitlines() if line.strip())
    return (
        '<!doctype html><html lang="zh-Hans"><meta charset="utf-8">'
        f"<title>{html.escape(out.subject)}</title><address>{address}</address>"
        f"<h1>{html.escape(out.subject)}</h1>{body}<footer>{html.escape(foot)}</footer></html>"
    )


def _write(path: Path, octets: bytes) -> None:
    aside = path.with_suffix(".part")
    with aside.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
