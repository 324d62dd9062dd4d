"""What the tab "be the attacker" shows, as plain rows: options, a visitor's plan, attacks side by side."""

import math
from collections.abc import Sequence
from typing import Any

from agentsim.agents.attacker.actions import CITY
from agentsim.agents.attacker.mind import Plan
from agentsim.app.page.tab_rows import title, unit, value_of
from agentsim.app.page.words import WORDS
from agentsim.app.replay.attack_plan import available_actions, captures_needed, places, plan_of
from agentsim.app.replay.recording import Recording
from agentsim.outcomes import OUTCOMES
from agentsim.report.tables import number
from agentsim.report.wording.names import district_name, in_language, principal_name
from agentsim.scenario.file import Scenario

Row = dict[str, Any]


def attack_options(recording: Recording | None, scenario: Scenario, kind: str, words: Row, lang: str) -> Row:
    """Places and actions of this kind of attacker with their cost, and the principals it may capture."""
    if recording is None or kind == "none":
        return {"places": [], "actions": [], "principals": []}
    towns = recording.city_map["districts"]
    names = {row["name"]: row["name_ja"] for row in towns}
    possible = available_actions(scenario, kind)
    where = {one.action: list(places(scenario, kind, one.action)) for one in possible}
    assets, held = recording.city_map["assets"], scenario.attacker.foothold
    holders = [holder for asset in assets for holder in asset["holders"]]
    free = [name for name in dict.fromkeys(holders) if name not in held]
    spots = dict.fromkeys(spot for spots in where.values() for spot in spots if spot != CITY)
    return {
        "places": [[name, district_name(name, lang, names)] for name in spots],
        "actions": [
            {
                "id": one.action,
                "code": one.code,
                "text": words[f"act_{one.action}"],
                "cost": round(one.units_per_day, 1),
                "where": where[one.action],
                "captures": {
                    spot: captures_needed(assets, held, one.action, spot) for spot in where[one.action]
                },
            }
            for one in possible
        ],
        "principals": [[name, principal_name(name, lang, names)] for name in free],
    }


def plan_from_page(sent: Row, scenario: Scenario) -> Plan:
    """The plan that the page has sent; each action has its usual strength."""
    chosen = [(str(action), str(where)) for action, where in sent["strikes"]]
    efforts = {str(who): float(effort) for who, effort in sent["efforts"]}
    return plan_of(chosen, int(sent["on"]), int(sent["off"]), efforts, scenario)


def plan_for_page(plan: Plan | None) -> Row | None:
    """A plan as the boxes that are ticked on the page."""
    if plan is None:
        return None
    return {
        "where": list(dict.fromkeys(strike.where for strike in plan.strikes)),
        "doing": list(dict.fromkeys(strike.action for strike in plan.strikes)),
        "on": plan.on_days,
        "off": plan.rest_days,
        "efforts": dict(plan.efforts),
    }


HARM = ("deprivation_target_district", "deprivation_mean", "output_lost_frac", "fuel_price_jpy_per_l")


def harm_columns(lang: str) -> list[str]:
    """Titles of the outcomes by which attacks are compared."""
    return [
        in_language(WORDS["comma"], lang).join(
            filter(None, (title(name, lang), unit(OUTCOMES[name].unit, lang)))
        )
        for name in HARM
        if name in OUTCOMES
    ]


def harm_row(name: str, recording: Recording | None, note: str = "", share: float | None = None) -> Row:
    """The outcomes of one attack; *share* done while it is being computed."""
    values = [number(value_of(recording, one)) for one in HARM if one in OUTCOMES]
    return {"name": name, "values": values, "note": note, "share": share, "bar": None}


def verdict(mine: Recording | None, best: Recording | None, kind: str, words: Row) -> str:
    """The effect of a visitor's plan in percent of the best response."""
    if mine is None or best is None:
        return words["game_wait"]
    own, other = harm_of(mine, kind), harm_of(best, kind)
    if math.isnan(own) or math.isnan(other) or other <= 0:
        return words["game_even"]
    return words["game_told"].format(round(100 * own / other))


# the outcome by which attackers of one kind are compared
WANTED = {"coercer": HARM[0], "saboteur": HARM[1], "rent_seeker": HARM[3], "cartel": HARM[3]}


def harm_of(recording: Recording | None, kind: str) -> float:
    """The outcome that an attacker of this kind wants to raise."""
    return value_of(recording, WANTED.get(kind, HARM[1]))


def with_bars(rows: list[Row], harm: Sequence[float]) -> list[Row]:
    """Rows with bars as long as the harm of each attack; the longest is 100."""
    top = max((value for value in harm if value > 0), default=0.0)
    return [
        row | {"bar": round(100 * value / top) if top and value >= 0 else None}
        for row, value in zip(rows, harm, strict=True)
    ]
