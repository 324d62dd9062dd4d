"""Sentences that a visitor may read, in English and Japanese, and the errors that carry them."""

from typing import Any, NamedTuple

from agentsim.core.errors import AgentsimError, InvalidInput


class Bilingual(NamedTuple):
    """One sentence in both languages."""

    en: str
    ja: str

    def in_language(self, lang: str) -> str:
        return self.ja if lang == "ja" else self.en


NO_TEXT = Bilingual("", "")


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
    """What a visitor reads about an error."""
    if isinstance(error, BilingualError):
        return error.text
    text = str(error) if isinstance(error, AgentsimError) else f"unexpected error: {error!r}"
    return Bilingual(text, f"エラーが発生しました:{text}")
