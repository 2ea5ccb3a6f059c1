"""A sentence in both languages: what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """One finding. `where` names a file, a table or a column; `en` and `zh` say the same."""

    where: str
    en: str
    zh: str

    def words(self, language: str = "zh") -> str:
        """The sentence in "zh" or "en"."""
        return f"{self.where}: {self.en}" if language == "en" else f"{self.where}:{self.zh}"

    def __str__(self) -> str:
        return f"{self.where}: {self.en} ({self.zh})"
