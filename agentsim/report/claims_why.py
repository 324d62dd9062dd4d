"""Reads what a person wrote to explain verdicts: a TOML file with a table for each claim."""

from collections.abc import Mapping
from pathlib import Path

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.core.text_files import UnreadableText, decoded, file_bytes
from agentsim.core.toml_lines import BrokenToml, read_toml
from agentsim.policies.claims import CLAIMS
from agentsim.report.wording.names import LANGUAGES


def read_why(file: Path) -> dict[str, dict[str, str]]:
    """Explanations by claim and language (``en``, ``ja``).

    Raises
    ------
    InvalidScenario : the file cannot be read, or names no claim; with file and line
    """
    try:
        given, lines = read_toml(decoded(file_bytes(file)))
    except UnreadableText as error:
        raise InvalidScenario([f"{error.where(file)}: {error.rule}; {error.remedy}"]) from None
    except BrokenToml as error:
        raise InvalidScenario([error.told(file)]) from None
    except OSError as error:
        raise InvalidScenario([f"{file}: cannot be read: {error.strerror}"]) from None
    wrong = [
        f"{file}:{lines.get((id,), 1)}: {fault}"
        for id, table in given.items()
        if (fault := _fault(id, table))
    ]
    if wrong:
        raise InvalidScenario(wrong)
    return given


def _fault(id: str, table: object) -> str:
    """What is wrong with the table of a claim."""
    if id not in CLAIMS:
        return unknown(id, CLAIMS, "claim")
    texts = table if isinstance(table, Mapping) else {}
    if not texts or any(key not in LANGUAGES or not isinstance(text, str) for key, text in texts.items()):
        return f"[{id}] holds texts only, under the keys {' and '.join(LANGUAGES)}"
    return ""
