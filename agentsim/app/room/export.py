"""Everything that a room knows as one table (CSV): a row for each group and round."""

import csv
import io
import math
from datetime import UTC, datetime
from typing import Any

import agentsim
from agentsim.app.replay.recording import model_version
from agentsim.app.room.room import Room
from agentsim.app.room.rounds import Entry, Round
from agentsim.app.room.standings import Standing, standings
from agentsim.outcomes import OUTCOMES

CAUTION = "Compares measures under stated assumptions; it does not forecast any real place."
COLUMNS = ("round", "kind", "scenario", "seed", "hours", "attacker", "began_utc", "price_limit_jpy") + (
    *("group", "role", "policies", "attack", "attacked_group", "guess", "off_by", "outcome", "unit"),
    *("harm", "harm_low_95", "harm_high_95", "price_jpy_per_household_year", "payoff_units"),
    *("best_payoff_units", "score_percent", "score_low_95", "score_high_95", "first_place", "last_place"),
    *("repetitions", "error"),
)


def room_csv(room: Room) -> str:
    """The table after comment lines that say what it is (``pandas.read_csv(file, comment="#")``)."""
    out = io.StringIO()
    about = (f"agentsim {agentsim.__version__}, model {model_version()}, room {room.code}", CAUTION)
    out.writelines(f"# {line}\n" for line in about)
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for round in room.rounds:
        entries = {one.group: one for one in room.entries(round)}
        for one in standings(room, round):
            row = _row(round, one, entries[one.group])
            table.writerow([row[name] for name in COLUMNS])
    return out.getvalue()


def _row(round: Round, one: Standing, entry: Entry) -> dict[str, Any]:
    strikes = entry.plan.strikes if entry.plan else ()
    return {
        "round": round.number,
        "kind": round.kind,
        "scenario": round.scenario,
        "seed": round.seed,
        "hours": round.hours,
        "attacker": round.attacker,
        "began_utc": datetime.fromtimestamp(round.began_s, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "price_limit_jpy": _number(round.limit_jpy or math.nan),
        "group": one.group,
        "role": entry.role,
        "policies": "+".join(one.policies or (round.policies if entry.guess is not None else ())),
        "attack": "; ".join(f"{strike.action} {strike.where}" for strike in strikes),
        "attacked_group": entry.target or "",
        "guess": _number(one.guess),
        "off_by": _number(one.off_by),
        "outcome": round.outcome,
        "unit": OUTCOMES[round.outcome].unit,
        "harm": _number(one.harm),
        "harm_low_95": _number(one.low),
        "harm_high_95": _number(one.high),
        "price_jpy_per_household_year": _number(one.price),
        "payoff_units": _number(one.payoff),
        "best_payoff_units": _number(one.best),
        "score_percent": _number(one.score),
        "score_low_95": _number(one.score_low),
        "score_high_95": _number(one.score_high),
        "first_place": one.places[0] or "",
        "last_place": one.places[1] or "",
        "repetitions": one.repetitions or "",
        "error": one.error[0],
    }


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"
