"""The expected answers of the workshop guide, taken from the runs that are recorded with agentsim.

Each block is a piece of Markdown in one language. A block that states something in words checks it first and
raises :class:`NoLongerTrue` where the recordings say otherwise.
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.app.page import why
from agentsim.app.page.group_rows import with_interval
from agentsim.app.page.headline import headline, outcome_of
from agentsim.app.page.tab_rows import policy_text
from agentsim.app.page.words import WORDS
from agentsim.app.replay import policy_prices, presets, scenario_list
from agentsim.app.replay.attack_plan import available_actions, plan_cost, plan_of
from agentsim.app.replay.recording import Recording, plan_from_data
from agentsim.app.replay.recording_store import RecordingStore
from agentsim.app.replay.stories import STORIES
from agentsim.app.room.cards import CARDS, GOALS
from agentsim.app.room.roles import ROLES
from agentsim.core.units import HOURS_PER_DAY
from agentsim.policies import PACKAGES, expand
from agentsim.report.tables import number
from agentsim.report.wording.names import action_name, district_name
from agentsim.report.wording.plans import plan_text
from agentsim.scenario.file import Scenario

RESULTS = Path(__file__).parent / "results.json"  # 2 x 30 repetitions, made by docs/make_results.py
MAIN = presets.MAIN_SCENARIO
RANDOM, PLANNING, CALM = "coercer:random", "coercer:best_response", "none"
HARM, BILL = "deprivation_target_district", "bill_jpy_per_household_month"
PRICE = "capital_jpy_per_household_year"
SINGLE = ("W-C1", "E-C2", "T-C1", "X-C5", "X-C1", "E-S4", "X-C2", "X-C3", "X-C4")
PLANNED = ("W-C1", "E-C2", "X-C5", "X-C1")  # against which the planning attacker is recorded
Rows = list[Sequence[str]]


class NoLongerTrue(ValueError):
    """A sentence of the guide that the recordings no longer bear out."""


def check(holds: bool, sentence: str) -> None:
    """Stops if the recordings do not say what the guide says.

    Raises
    ------
    NoLongerTrue : they do not
    """
    if not holds:
        raise NoLongerTrue(f"the recordings no longer say: {sentence}. Change the guide, then run it again")


@cache
def _store() -> RecordingStore:
    """The recordings that are shipped, and none of this machine."""
    return RecordingStore(Path(tempfile.mkdtemp(prefix="agentsim-workshop-")))


@cache
def recorded(scenario: str, policies: tuple[str, ...], attacker: str) -> Recording:
    """A recorded run.

    Raises
    ------
    NoLongerTrue : it is not recorded
    """
    found = _store().get(presets.request_for(scenario, policies, attacker).key)
    check(found is not None, f"{scenario} with {policies or 'no policy'} and {attacker} is recorded")
    assert found is not None
    return found


@cache
def spread(scenario: str, policies: tuple[str, ...], attacker: str) -> Mapping[str, Any] | None:
    """The replications of a recorded run, by outcome; None if there are none."""
    key = replace(presets.request_for(scenario, policies, attacker), seed=0).key
    table = _store().table(key)
    return None if table is None else table["rows"]


def table(head: Sequence[str], rows: Rows, numbers: int = 0) -> str:
    """A table in Markdown; the last *numbers* columns are aligned to the right."""
    texts = len(head) - numbers
    marks = ["---"] * texts + ["---:"] * numbers
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def _percent(change: float) -> str:
    text = f"{100 * change:+.0f}".replace("-", "−")
    return "0 %" if text in ("+0", "−0") else f"{text} %"


def _target(run: Recording, lang: str) -> str:
    rows = run.city_map["districts"]
    names = {row["name"]: row["name_ja"] for row in rows}
    return district_name(rows[run.about["target"]]["name"], lang, names)


# ---- first task: look --------------------------------------------------------------------------------


def look(lang: str) -> str:
    """Who suffers, from when, and the worst hours with the orders behind them."""
    run, calm = recorded(MAIN, (), RANDOM), recorded(MAIN, (), CALM)
    check(calm.outcomes["deprivation_mean"] < 0.01, "without an attack hardly anybody goes without")
    ja, (day, hour) = lang == "ja", divmod(run.about["first_hour"], HOURS_PER_DAY)
    spans = why.trail(run, HARM, limit=3)
    own = "text_ja" if ja else "text"
    orders = list(dict.fromkeys(order[own] for span in spans for order in span["orders"]))
    where, stop = _target(run, lang), "。" if ja else "."
    first = (
        f"- {where}です。攻撃は{day + 1}日目の{hour}時に始まります。"
        "ほかの地区には、ほとんど影響がありません。"
        if ja
        else f"- {where}, from day {day + 1}, {hour:02d}:00 on. The other districts hardly notice."
    )
    per_head = run.by_district["deprivation_h"].sum(axis=0)
    check(sum(per_head > 0.05 * per_head.max()) == 1, "one district suffers, the others hardly notice")
    ordered = "- その間に出された指令:" if ja else "- Orders in the worst hours:"
    worst = "- 影響が最も大きい時間帯:" if ja else "- The worst hours:"
    listed = [f"    - {text}{stop}" for text in orders]
    times = [f"    - {span[own]}{stop}" for span in spans]
    return "\n".join([first, worst, *times, ordered, *listed])


# ---- second task: predict ----------------------------------------------------------------------------

_WORDS_30 = {
    "lower": ("lower", "減る"),
    "same": ("exactly no difference", "差はまったくない"),
    "no difference shown": ("no difference shown", "差は確認できない"),
    "higher": ("higher", "増える"),
}


def many_repetitions(policy: str, lang: str) -> str:
    """What two sets of 30 repetitions say of a policy under the random attacker (docs/results.md)."""
    question = json.loads(RESULTS.read_text(encoding="utf-8"))["random-attacker"]
    row = next((one for one in question["rows"] if one["policy"] == policy), None)
    if row is None:
        return "–"
    said = {one["word"] for one in row["changes"]}
    if len(said) > 1:
        return "確認できない" if lang == "ja" else "not confirmed"
    word = _WORDS_30[said.pop()][lang == "ja"]
    shares = [one["mean"] / base for one, base in zip(row["changes"], question["without"], strict=True)]
    mean = sum(shares) / len(shares)
    if word not in _WORDS_30["lower"] + _WORDS_30["higher"]:
        return word
    return f"{word}({_percent(mean)})" if lang == "ja" else f"{word} ({_percent(mean)})"


def predict(lang: str) -> str:
    """What each measure changes: in the run on the screen, and with many repetitions."""
    ja, base = lang == "ja", recorded(MAIN, (), RANDOM).outcomes[HARM]
    rows: Rows = []
    for policy in SINGLE:
        run = recorded(MAIN, (policy,), RANDOM)
        rows.append(
            (
                policy_text([policy], lang, ""),
                number(round(run.outcomes[HARM])),
                _percent(run.outcomes[HARM] / base - 1.0),
                many_repetitions(policy, lang),
                number(round(run.outcomes[PRICE])),
            )
        )
    none = WORDS["no_policy"][ja]
    rows.insert(0, (none, number(round(base)), "", "", "0"))
    head = (
        ("対策", "画面の計算", "変化", "30回のくり返し", "費用(円/世帯・年)")
        if ja
        else ("measure", "run on the screen", "change", "30 repetitions", "JPY/household/year")
    )
    return table(head, rows, 4)


def surprise(lang: str) -> str:
    """One run in which a good measure makes things worse, and why."""
    base, local = recorded(MAIN, (), RANDOM), recorded(MAIN, ("E-C2",), RANDOM)
    check(local.outcomes[HARM] > base.outcomes[HARM], "in the run on the screen E-C2 does a little harm")
    check(
        local.outcomes["water_unserved_m3"] > base.outcomes["water_unserved_m3"],
        "with E-C2 more water is cut",
    )
    check("lower" in many_repetitions("E-C2", "en"), "with 30 repetitions E-C2 helps")
    watched = recorded(MAIN, ("X-C4",), RANDOM)
    check(watched.outcomes[HARM] < 0.6 * base.outcomes[HARM], "in the run on the screen X-C4 helps much")
    check(many_repetitions("X-C4", "en") == "lower (−6 %)", "with 30 repetitions X-C4 takes 6 % away")
    a, b = number(round(base.outcomes[HARM])), number(round(local.outcomes[HARM]))
    if lang == "ja":
        return (
            f"画面の計算では、E-C2 で生活の不自由さが{a}から{b}に**増えます**。"
            "攻撃者が電力を止められないので、代わりに水を止める日が増えるためです。"
            "30回のくり返しでは、E-C2 で被害は減ります。"
            "逆に X-C4 は、画面の計算では被害を半分以下にしますが、30回のくり返しでは6 %しか減らしません。"
            "1回の計算では対策を判断できない、よい例です。"
        )
    return (
        f"In the run on the screen deprivation **rises** with E-C2, from {a} to {b}: the attacker can no"
        " longer cut the power and cuts the water on more days instead. With 30 repetitions E-C2 takes harm"
        " away. X-C4 is the other way round: more than half of the harm is gone on the screen, and 6 % with"
        " 30 repetitions. One run is one example."
    )


# ---- third task: the game ----------------------------------------------------------------------------


def choose(lang: str) -> str:
    """What the leader's table says of a group that has chosen one measure: mean and interval, and price."""
    ja = lang == "ja"
    rows: Rows = []
    for policy in SINGLE:
        known = spread(MAIN, (policy,), RANDOM)
        check(known is not None, f"repetitions of {policy} are recorded")
        assert known is not None
        harm, base = known[HARM], known[HARM]["mean_without"]
        told = with_interval(harm["mean"], max(base + harm["low"], 0.0), base + harm["high"])
        price = number(round(recorded(MAIN, (policy,), RANDOM).outcomes[PRICE]))
        rows.append((policy_text([policy], lang, ""), told, price))
    rows.insert(0, (WORDS["no_policy"][ja], number(base), "0"))
    head = (
        ("対策", "3回の平均 [95 %区間]", "費用(円/世帯・年)")
        if ja
        else ("measure", "mean of 3 [95 % interval]", "JPY/household/year")
    )
    return table(head, rows, 2)


def plans(lang: str) -> str:
    """What the planning attacker does against each policy, and the harm."""
    ja = lang == "ja"
    rows: Rows = []
    for policy in ((), *((one,) for one in PLANNED)):
        run = recorded(MAIN, policy, PLANNING)
        names = {row["name"]: row["name_ja"] for row in run.city_map["districts"]}
        told = plan_text(plan_from_data(run.about["plan"]), run.about["first_hour"], names)[ja]
        label = policy_text(policy, lang, WORDS["no_policy"][ja])
        rows.append((label, told, number(round(run.outcomes[HARM]))))
    head = (
        ("対策", "計画型の攻撃者(AI)の計画", "生活の不自由さ(標的地区)")
        if ja
        else ("countermeasures", "plan of the planning attacker", "deprivation, target")
    )
    return table(head, rows, 1)


def budget(lang: str) -> str:
    """How long the budget lasts for the usual sets of actions in one district."""
    setting = _full_length()
    rows: Rows = []
    for actions in (("A4",), ("A1",), ("A1", "A4"), ("A1", "A4", "A6")):
        cost = plan_cost(plan_of([(one, "Southshore") for one in actions], scenario=setting), setting)
        named = (", " if lang == "en" else "、").join(action_name(one, lang) for one in actions)
        rows.append((named, number(cost["units_per_day"]), number(cost["days"])))
    head = (
        ("毎日の行動", "単位/日", "攻撃できる日数")
        if lang == "ja"
        else ("actions, every day", "units per day", "days of attack")
    )
    return table(head, rows, 2)


def _full_length() -> Scenario:
    """The main scenario as the page opens it."""
    return presets.request_for(MAIN, (), RANDOM).setting()


# ---- debrief -----------------------------------------------------------------------------------------


def calm(lang: str) -> str:
    """The monthly bill without an attack, by measure."""
    ja = lang == "ja"
    base = recorded(MAIN, (), CALM).outcomes[BILL]
    rows: Rows = [(WORDS["no_policy"][ja], number(round(base)), "")]
    for policy in ("W-C1", "E-C2", "T-C1", "X-C5", "X-C1"):
        bill = recorded(MAIN, (policy,), CALM).outcomes[BILL]
        check(bill > base, f"{policy} makes the bill higher in a calm time")
        rows.append((policy_text([policy], lang, ""), number(round(bill)), number(round(bill - base))))
    head = (
        ("対策", "光熱・水道代(月額、円)", "増える額")
        if ja
        else ("measure", "bill for power and water, JPY/month", "more than without")
    )
    return table(head, rows, 2)


def scenarios(lang: str) -> str:
    """Every scenario: what its page says at the top when it opens."""
    rows: Rows = []
    for name, story in STORIES.items():
        setting = scenario_list.scenario_named(name)
        attacker = presets.default_attacker(setting)
        left = recorded(name, (), attacker)
        right = recorded(name, expand(story.policies), attacker)
        known = spread(name, story.policies, attacker)
        told = headline(left, right, outcome_of(story.outcome, left, False), known, lang)
        rows.append((setting.title_ja if lang == "ja" else setting.title, told))
    return table(("シナリオ", "画面の上に出る一文") if lang == "ja" else ("scenario", "headline"), rows)


def instant(lang: str) -> str:
    """Which choices are recorded, and appear at once."""
    ja = lang == "ja"
    shown = sorted({one.policies[0] for one in presets.presets() if _alone(one) and one.attacker == RANDOM})
    planned = [one.policies[0] for one in presets.presets() if _alone(one) and one.attacker == PLANNING]
    packages = [WORDS[f"package_{name}"][ja] for name in PACKAGES]
    if ja:
        return (
            f"- 「悪意ある運用者」、攻撃者「無作為に選ぶ」:対策なし、{'、'.join(shown)} のどれか一つ、"
            f"またはパッケージ({'、'.join(packages)})\n"
            f"- 同じシナリオ、攻撃者「対策を見て計画する(AI)」:対策なし、{'、'.join(planned)} のどれか一つ\n"
            "- ほかのシナリオ:開いたときの組み合わせと、「攻撃がない場合」"
        )
    return (
        f"- *Hostile operator*, attacker *chosen at random*: no countermeasures, one of {', '.join(shown)},"
        f" or a package ({', '.join(packages)})\n"
        f"- the same, attacker *planned ahead (AI)*: no countermeasures, or one of {', '.join(planned)}\n"
        "- every other scenario: what it opens with, and *Without an attack*"
    )


def _alone(request: Any) -> bool:
    return request.scenario == MAIN and len(request.policies) == 1


# ---- role cards --------------------------------------------------------------------------------------


def goal(lang: str) -> str:
    """The goal of the main scenario's attacker, as its screen says it."""
    kind, _ = parse_attacker(scenario_list.scenario_named(MAIN).attacker.kind)
    return GOALS[kind].in_language(lang)


def cards(lang: str) -> str:
    """A card for each role: what it wants, can do and sees, and its countermeasures with their prices."""
    prices = policy_prices.price_list(scenario_list.scenario_named(MAIN))
    check(set(CARDS) == set(ROLES), "each role has a card")
    parts = []
    for role, (name, *texts) in CARDS.items():
        lines = [f"## {name.in_language(lang)}", *(text.in_language(lang) for text in texts)]
        listed = [_priced(id, prices[id], lang) for id in ROLES[role].policies] or _actions(lang)
        parts.append("\n\n".join([*lines, "\n".join(listed)]))
    return "\n\n".join(parts)


def _actions(lang: str) -> list[str]:
    """What the main scenario's attacker can do, with the units that a day of it costs."""
    setting, ja = _full_length(), lang == "ja"
    kind, _ = parse_attacker(setting.attacker.kind)
    told = [
        (WORDS[f"act_{one.action}"][ja], number(one.units_per_day))
        for one in available_actions(setting, kind)
    ]
    return [f"- {text}:1日{units}単位" if ja else f"- {text}: {units} units a day" for text, units in told]


def _priced(id: str, jpy: float, lang: str) -> str:
    price = number(round(jpy))
    named = policy_text([id], lang, "")
    return f"- {named}:{price}円" if lang == "ja" else f"- {named}: {price} JPY"


BLOCKS: dict[str, Callable[[str], str]] = {
    "look": look,
    "predict": predict,
    "surprise": surprise,
    "choose": choose,
    "plans": plans,
    "budget": budget,
    "calm": calm,
    "scenarios": scenarios,
    "instant": instant,
    "goal": goal,
    "cards": cards,
}
