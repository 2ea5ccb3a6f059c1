"""Figures as the pages write them in Chinese, for comparing what is shown with what the store says."""

from tests.browser.person import plain

from guanxi.web import formats


def short(fen: int) -> str:
    """123.46 万."""
    return plain(formats.money_short(fen, "zh"))


def words(fen: int) -> str:
    """123.46 万元."""
    return plain(formats.money_words(fen, "zh"))
