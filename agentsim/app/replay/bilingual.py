"""Sentences that a visitor may read, in English and Japanese, and the errors that carry them."""

import logging
import re
from typing import Any, NamedTuple

from agentsim.core.errors import AgentsimError, InvalidInput


class Bilingual(NamedTuple):
    """One sentence in both languages."""

    en: str
    ja: str

    def in_language(self, lang: str) -> str:
        return self.ja if lang == "ja" else self.en


NO_TEXT = Bilingual("", "")
UNEXPECTED = Bilingual(
    "something unexpected went wrong; the log of the server says what",
    "予期しないエラーが発生しました(内容はサーバーのログにあります)",
)
_LOG = logging.getLogger(__name__)


class BilingualError(InvalidInput):
    """Something a visitor asked for that cannot be done: why, in both languages."""

    code = "not_possible"

    def __init__(self, text: Bilingual) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text.en

    @property
    def fields(self) -> dict[str, Any]:
        return self.text._asdict()


def error_text(error: Exception) -> Bilingual:
    """What a visitor reads about an error: no path of the server, and nothing of an unexpected one."""
    if isinstance(error, BilingualError):
        return error.text
    if not isinstance(error, AgentsimError):
        _LOG.error("a run failed", exc_info=error)
        return UNEXPECTED
    return Bilingual(
        _without_paths(str(error)), "この設定では計算できませんでした。数値と計画を確かめてください"
    )


def _without_paths(text: str) -> str:
    """A text with only the last part of each path.

    >>> _without_paths("/srv/page/mine.toml:3: hours: 5 is too few")
    'mine.toml:3: hours: 5 is too few'
    """
    return re.sub(r"(?<![\w.])(?:/[\w.+-]+)+/(?=[\w.+-])", "", text)
