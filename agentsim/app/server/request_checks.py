"""Checks of what a visitor asks for. Only names and numbers that are listed here are passed on."""

import math
import re
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from agentsim.agents.attacker.bad_actor import full_name
from agentsim.app.replay import scenario_list
from agentsim.app.replay.attack_plan import ImpossiblePlan, check_plan
from agentsim.app.replay.bilingual import Bilingual, BilingualError
from agentsim.app.replay.number_labels import label
from agentsim.app.replay.recording import Changes, Request, Value
from agentsim.core.errors import InvalidScenario
from agentsim.core.mechanisms import Mechanisms
from agentsim.policies import enact, expand
from agentsim.scenario import names
from agentsim.scenario.file import Scenario
from agentsim.scenario.tables import policy_classes, room_classes

FREE = (-math.inf, math.inf)
ATTACKER_KEYS = {
    "attacker.budget": (0.0, 1000.0),
    "attacker.first_hour": (0.0, math.inf),
    "attacker.target": FREE,  # a text
    "attacker.persistence": FREE,  # a text
}
NOT_FOR_VISITORS = ("mind",)  # a longer search of the attacker would take the server's time from others
LONGEST_TEXT = 40
OPEN_SIDE = 10.0  # times the default: the bound of a number that the model leaves unbounded


@dataclass(frozen=True)
class Limits:
    """The most that one visitor may ask of the server."""

    hours: int = 2016
    households: int = 3000
    jobs_per_owner: int = 3  # both runs of a page, and one thing more
    changes: int = 40
    seeds: int = 10
    line: int = 200  # jobs that may wait
    line_per_address: int = 100  # of one address
    longest_s: float = 900.0  # of one job


class RefusedRequest(BilingualError):
    """A request that this server does not run; the text says why."""

    code = "refused_request"


def checked(request: Request, limits: Limits = Limits(), seeds: int = 0) -> Request:
    """The request in its plain form: policies unfolded and in order, changes sorted, attacker by full name.

    Raises
    ------
    RefusedRequest : something in it is unknown, not for visitors, or too much
    """
    if not isinstance(request.scenario, str) or request.scenario not in scenario_list.names():
        raise _unknown("scenario", "シナリオ", request.scenario)
    if request.attacker not in names.attackers():
        raise _unknown("attacker", "攻撃者", request.attacker)
    try:
        policies = expand(request.policies)
    except KeyError as error:
        raise _unknown("policy", "対策", error.args[0]) from None
    _check_whole("seed", "乱数シード", request.seed, 0, 2**31 - 1)
    _check_whole("hours", "計算期間(時間)", request.hours, 1, limits.hours)
    _check_whole("households", "世帯数", request.households, 1, limits.households)
    _check_whole("seeds", "くり返し回数", seeds, 0, limits.seeds)
    scenario = scenario_list.scenario_named(request.scenario)
    plain = replace(
        request,
        policies=policies,
        attacker=full_name(request.attacker, scenario.attacker.mind),
        changes=_checked_changes(request.changes, limits),
    )
    first_hour = dict(plain.changes).get("attacker.first_hour", 0)
    if isinstance(first_hour, int | float) and first_hour >= plain.hours:
        raise RefusedRequest(
            Bilingual(
                f"the first hour of attack, {first_hour}, is not before the end of the run, {plain.hours} h",
                f"攻撃開始は{first_hour}時間後ですが、計算期間は{plain.hours}時間です",
            )
        )
    try:
        setting = plain.setting()
        _check_prices(plain.policies, setting)
        if plain.plan is not None:
            check_plan(plain.plan, plain.attacker, setting)
    except InvalidScenario as error:
        raise RefusedRequest(_invalid(error.messages[0].removeprefix("--set: "))) from None
    except ImpossiblePlan as error:
        raise RefusedRequest(error.text) from None
    return plain


def _check_prices(policies: tuple[str, ...], setting: Scenario) -> None:
    """Refuse two prices for one thing that several policies install."""
    try:
        enact(policies, setting.measures)
    except ValueError as error:
        text_ja = "複数の対策が使う同じ設備に、異なる価格が設定されています。「数値」で価格をそろえてください"
        raise RefusedRequest(Bilingual(str(error), text_ja)) from None


def _invalid(text: str) -> Bilingual:
    """What is wrong with a scenario; in Japanese the number that is wrong."""
    key = re.search(r"[a-z_]+(?:\.[\w-]+)+", text)
    where = f"({label(key[0]).ja})" if key else ""
    return Bilingual(text, f"この設定では計算できません{where}")


def _unknown(what: str, what_ja: str, typed: object) -> RefusedRequest:
    return RefusedRequest(
        Bilingual(f"{what} {_shortened(typed)} is unknown", f"{what_ja} {_shortened(typed)} はありません")
    )


def _check_whole(what: str, what_ja: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise RefusedRequest(
            Bilingual(
                f"{what} {_shortened(value)} is not a whole number from {low} to {high}",
                f"{what_ja} {_shortened(value)} は {low} から {high} までの整数ではありません",
            )
        )


def _checked_changes(changes: Changes, limits: Limits) -> Changes:
    if len(changes) > limits.changes:
        raise RefusedRequest(
            Bilingual(
                f"{len(changes)} changes are more than {limits.changes}",
                f"変更が{len(changes)}件あり、上限の{limits.changes}件を超えています",
            )
        )
    for key, value in changes:
        _check_change(key, value)
    return tuple(sorted(dict(changes).items()))


def _check_change(key: str, value: Value) -> None:
    if key not in changeable():
        raise RefusedRequest(
            Bilingual(
                f"{_shortened(key)} cannot be changed here", f"{_shortened(key)} はここでは変更できません"
            )
        )
    if isinstance(value, str) and len(value) <= LONGEST_TEXT:
        return
    low, high = changeable()[key]
    name, text = label(key), _shortened(value)
    for number in value if isinstance(value, tuple) else (value,):
        if not isinstance(number, int | float) or not math.isfinite(number):
            raise RefusedRequest(
                Bilingual(
                    f"{name.en}: {text} is neither a number nor a short text",
                    f"{name.ja}:{text} は数値でも短い文字列でもありません",
                )
            )
        if not low <= number <= high:
            raise RefusedRequest(
                Bilingual(
                    f"{name.en}: {text} is not within {low:g} to {high:g}",
                    f"{name.ja}:{text} は {low:g} から {high:g} の範囲にありません",
                )
            )


@cache
def changeable() -> dict[str, tuple[float, float]]:
    """Dotted keys of a scenario that a visitor may set, each with its lowest and highest value.

    They are the attacker's means, the switches of mechanisms, and the numbers of policies and of the model.
    """
    keys = ATTACKER_KEYS | {f"mechanisms.{name}": (0.0, 1.0) for name in Mechanisms.names()}
    tables = {f"policy.{name}": cls for name, cls in policy_classes().items()}
    tables |= {name: cls for name, cls in room_classes().items() if name not in NOT_FOR_VISITORS}
    for table, cls in tables.items():
        for item in fields(cls):
            if "unit" in item.metadata and not isinstance(item.default, str):
                keys[f"{table}.{item.name}"] = _bounds(item.default, item.metadata)
    return keys


def _bounds(default: Any, metadata: Any) -> tuple[float, float]:
    largest = max(map(abs, default if isinstance(default, tuple) else (default,)), default=0.0)
    far = OPEN_SIDE * float(largest or 1.0)
    low, high = metadata["low"], metadata["high"]
    return (-far if low is None else float(low)), (far if high is None else float(high))


def _shortened(value: object) -> str:
    """What a visitor typed, short enough to repeat in a message."""
    text = repr(value)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "..."
