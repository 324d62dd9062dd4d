"""What a visitor has chosen, and the link that restores it.

Anybody can type a link, so every word of it is looked up in a list and every number is clipped; unknown words
are left out and never reach a path.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode

from agentsim.agents.attacker.actions import ACTIONS, Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.app.page.expert import read, text_of
from agentsim.app.replay.recording import Changes
from agentsim.policies import POLICIES, expand
from agentsim.scenario.names import attackers, persistences

LANGUAGES = ("en", "ja")
TABS = ("outcomes", "predict", "rank", "why", "attack", "expert", "save")
LAYERS = ("districts", "grid", "water", "roads", "supply")
MEASURES = ("power", "water", "roads", "food", "deprivation")  # of the layer "districts"
VIEWS = ("page", "projector")
LONGEST_H, MOST_SEEDS, RICHEST, MOST_NUMBERS = 2016, 99_999, 1000.0, 30
_NAME = re.compile(r"[^\x00-\x1f<>&\"'/\\]{1,60}")


@dataclass(frozen=True)
class Choice:
    """Everything that one visitor has chosen.

    ``budget``, ``first_hour`` and ``persistence`` are the attacker's, None: the scenario's. ``own`` is the
    visitor's attack, ``numbers`` are those that an expert has set. ``measure`` colours the districts.
    """

    scenario: str
    policies: tuple[str, ...] = ()
    attacker: str = "none"
    seed: int = 1
    hours: int = 240
    lang: str = "en"
    tab: str = "outcomes"
    layer: str = "districts"
    hour: int = 0
    budget: float | None = None
    first_hour: int | None = None
    own: Plan | None = None
    numbers: Changes = ()
    measure: str = "power"
    persistence: str | None = None
    view: str = "page"

    def having(self, **values: object) -> "Choice":
        """A copy with some values changed."""
        return replace(self, **values)  # type: ignore[arg-type]


def to_query(choice: Choice) -> str:
    """The part of a link after the question mark.

    >>> to_query(Choice("hostile_operator", ("W-C1",), "coercer:random", 3, lang="ja"))
    's=hostile_operator&p=W-C1&a=coercer%3Arandom&n=3&h=240&l=ja&t=outcomes&m=districts&q=power&at=0'
    """
    pairs = [
        ("s", choice.scenario),
        ("a", choice.attacker),
        ("n", choice.seed),
        ("h", choice.hours),
        ("l", choice.lang),
        ("t", choice.tab),
        ("m", choice.layer),
        ("q", choice.measure),
        ("at", choice.hour),
        ("b", "" if choice.budget is None else f"{choice.budget:g}"),
        ("f", "" if choice.first_hour is None else choice.first_hour),
        ("w", choice.persistence or ""),
        ("v", "" if choice.view == VIEWS[0] else choice.view),
        ("x", "" if choice.own is None else plan_text(choice.own)),
        ("c", numbers_text(choice.numbers)),
    ]
    given = [(key, value) for key, value in pairs if value != ""]
    return urlencode([*given[:1], ("p", " ".join(choice.policies)), *given[1:]])


def from_query(query: str | None, usual: Choice, scenarios: Collection[str]) -> Choice:
    """The choice of a link; what is missing or wrong in it is as in *usual*.

    >>> from_query("s=../etc&p=E-C2+nonsense&n=-5", Choice("drought"), ["drought"]).policies
    ('E-C2',)
    """
    try:
        given = dict(parse_qsl((query or "").lstrip("?"), keep_blank_values=True, max_num_fields=30))
    except ValueError:  # more fields than any page writes
        return usual
    words = given["p"].split()[: len(POLICIES)] if "p" in given else usual.policies
    scenario = given["s"] if given.get("s") in scenarios else usual.scenario
    attacker = given["a"] if given.get("a") in attackers() else usual.attacker
    return Choice(
        scenario=scenario,
        policies=expand([word for word in words if word in POLICIES]),
        attacker=attacker,
        seed=_whole(given.get("n"), usual.seed, 0, MOST_SEEDS),
        hours=_whole(given.get("h"), usual.hours, 24, LONGEST_H),
        lang=_one_of(given.get("l"), LANGUAGES, usual.lang),
        tab=_one_of(given.get("t"), TABS, usual.tab),
        layer=_one_of(given.get("m"), LAYERS, usual.layer),
        hour=_whole(given.get("at"), usual.hour, 0, LONGEST_H),
        budget=usual.budget if not given.get("b") else float(_whole(given["b"], 100, 0, int(RICHEST))),
        first_hour=usual.first_hour if not given.get("f") else _whole(given["f"], 72, 0, LONGEST_H),
        own=plan_of(given["x"]) if given.get("x") else usual.own,
        numbers=numbers_of(given["c"]) if "c" in given else usual.numbers,
        measure=_one_of(given.get("q"), MEASURES, usual.measure),
        persistence=given["w"] if given.get("w") in persistences() else usual.persistence,
        view=_one_of(given.get("v"), VIEWS, usual.view),
    )


def numbers_text(numbers: Changes) -> str:
    """The numbers that an expert has set, as part of a link.

    >>> numbers_text((("capture.step_days", (1, 1, 1)), ("mechanisms.islanding", False)))
    'capture.step_days*1 1 1;mechanisms.islanding*0'
    """
    return ";".join(f"{key}*{text_of(value)}" for key, value in numbers)


def numbers_of(text: str) -> Changes:
    """The numbers that :func:`numbers_text` wrote, without those that visitors may not set."""
    found = {}
    for part in text[:4000].split(";")[:MOST_NUMBERS]:
        key, _, value = part.partition("*")
        number = read(key, value)
        if number is not None:
            found[key] = number
    return tuple(sorted(found.items()))


def plan_text(plan: Plan) -> str:
    """A plan as part of a link: strikes, efforts, rhythm.

    >>> plan_text(Plan((Strike("A1", "Harbour"),), (("power_control_room", 4.0),), 3, 1))
    'A1@Harbour*1;power_control_room*4;3*1'
    """
    strikes = ",".join(f"{quote(one.action)}@{quote(one.where)}*{one.value:g}" for one in plan.strikes)
    efforts = ",".join(f"{quote(who)}*{effort:g}" for who, effort in plan.efforts)
    return f"{strikes};{efforts};{plan.on_days}*{plan.rest_days}"


def plan_of(text: str) -> Plan | None:
    """The plan that :func:`plan_text` wrote; None if the text is no plan. Places are checked later.

    >>> plan_of(plan_text(Plan((Strike("A4", "North side"),)))).strikes[0].where
    'North side'
    """
    try:
        strikes, efforts, rhythm = text[:2000].split(";")
        hits = []
        for part in filter(None, strikes.split(",")):
            action, rest = part.split("@")
            action, (where, value) = unquote(action), rest.rsplit("*", 1)
            if action not in ACTIONS or not _NAME.fullmatch(unquote(where)):
                return None
            hits.append(Strike(action, unquote(where), min(max(float(value), 0.0), 1.0)))
        tries = []
        for part in filter(None, efforts.split(",")):
            who, effort = part.rsplit("*", 1)
            if not _NAME.fullmatch(unquote(who)):
                return None
            tries.append((unquote(who), min(max(float(effort), 0.0), RICHEST)))
        on_days, rest_days = (int(part) for part in rhythm.split("*"))
    except ValueError:
        return None
    if not 1 <= on_days <= 31 or not 0 <= rest_days <= 31:
        return None
    return Plan(tuple(sorted(hits)), tuple(sorted(tries)), on_days, rest_days)


def _whole(text: str | None, usual: int, low: int, high: int) -> int:
    try:
        return min(max(int(float(text or "")), low), high)
    except (ValueError, OverflowError):
        return usual


def _one_of(text: str | None, known: Collection[str], usual: str) -> str:
    return text if text is not None and text in known else usual
