"""What the paper claims of its measures: merits, demerits and its conclusion, each with a way to judge it.

A claim names the measures that it speaks of, the outcome in which it would show, the sign of the change that
the paper says, and a scenario in which it can show. It can be judged once all of its measures are policies of
the model and its outcomes are measured; until then :func:`missing` says what is not there.

Everything that a verdict depends on stands here and in ``margins.py`` and was written before any of its runs:
scenario, attacker, sign, seeds, and the margin below which a change of an outcome is too small to matter.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from agentsim.policies.registry import POLICIES

ENERGY = ("E-S1", "E-S2", "E-S3", "E-S4", "E-C1", "E-C2", "E-C3")
WATER = ("W-S1", "W-S2", "W-S3", "W-C1", "W-C2", "W-C3")
TRANSPORT = ("T-S1", "T-S2", "T-S3", "T-C1", "T-C2")
RESOURCES = ("R-S1", "R-S2", "R-S3", "R-S4", "R-C1", "R-C2")
ABUSE = ("X-C1", "X-C2", "X-C3", "X-C4", "X-C5")

# lines with a timetable that is planned anew every week, so that three weeks show what takes three months
BUS_LINES: Mapping[str, Any] = {"hours": 504, "bus_lines.lines": 8, "bus_operator.timetable_days": 7}

SEEDS = 30  # runs of each case
FIRST_SEEDS = (5001, 6001)  # of the set that is judged, and of the one that confirms it; used nowhere else


@dataclass(frozen=True)
class Claim:
    """A statement of the paper about what its measures bring.

    ``outcomes`` pairs the name of an outcome with the sign of the claimed change: -1 it falls, +1 it rises.
    The claim holds only if every pair does. ``scenario`` is a file of ``scenarios/``; ``attacker`` acts in
    it, or with "" its own; ``changes`` are numbers of it without which the claim could not show.
    """

    id: str
    statement: str
    statement_ja: str
    measures: tuple[str, ...]
    outcomes: tuple[tuple[str, int], ...]
    scenario: str
    attacker: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)


CLAIMS: dict[str, Claim] = {
    claim.id: claim
    for claim in (
        Claim(
            id="E-M1",
            statement="Supply is stable",
            statement_ja="エネルギーの安定供給",
            measures=ENERGY,
            # the tail too: what prevents small outages can make large ones more frequent (Dobson et al. 2007)
            outcomes=(("ens_mwh", -1), ("largest_outage_mwh", -1)),
            scenario="scenarios/tight_year.toml",
        ),
        Claim(
            id="E-M2",
            statement="CO2 falls",
            statement_ja="CO2排出削減",
            measures=ENERGY,
            outcomes=(("co2_t", -1),),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="E-M3",
            statement="Electricity gets cheaper",
            statement_ja="電気料金の低下",
            measures=ENERGY,
            outcomes=(("power_price_jpy_per_kwh", -1),),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="E-D1",
            statement="High initial investment",
            statement_ja="初期投資が高い",
            measures=ENERGY,
            outcomes=(("capital_jpy_per_household_year", 1),),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="E-D2",
            statement="The existing energy industry must be transformed",
            statement_ja="既存のエネルギー産業の変革",
            measures=ENERGY,
            # profit after fixed costs, plant that no longer earns, and work that goes
            outcomes=(("incumbent_profit_jpy", -1), ("stranded_assets_jpy", 1), ("jobs_displaced", 1)),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="W-M1",
            statement="Water shortage is resolved",
            statement_ja="水不足の解消",
            measures=WATER,
            outcomes=(("water_unserved_m3", -1),),
            scenario="scenarios/drought.toml",
        ),
        Claim(
            id="W-M2",
            statement="Water gets cheaper",
            statement_ja="水道料金の低下",
            measures=WATER,
            outcomes=(("water_price_jpy_per_m3", -1),),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="W-M3",
            statement="Water gets safer",
            statement_ja="水の安全性向上",
            measures=WATER,
            outcomes=(("contamination_person_h", -1),),
            scenario="scenarios/replay_oldsmar_2021.toml",
            changes={
                "utilities.dose_seen_per_h": 0.0,  # else the operator prevents all harm by himself
                # whoever holds the water room and a municipality doses wrongly wherever there is dosing: at
                # the waterworks, and at the wells and the desalination plant that the measures add
                "attacker.foothold": ["water_control_room", "municipality:Southshore"],
                "attacker.strikes": ["A5 city 111", "A5 plant city 111", "A5 wells Southshore 111"],
            },
        ),
        Claim(
            id="W-D1",
            statement="Risk of cyber-attack",
            statement_ja="サイバー攻撃のリスク",
            measures=("W-S2",),
            outcomes=(("smallest_capture_set_water", -1),),
            scenario="scenarios/hostile_operator.toml",
            attacker="none",  # who could cut water is a question of rights, and needs no attack
        ),
        Claim(
            id="W-D2",
            statement="The existing waterworks must be renewed",
            statement_ja="既存の水道インフラの更新",
            measures=WATER,
            outcomes=(("capital_jpy_per_household_year", 1),),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="T-M1",
            statement="Less congestion",
            statement_ja="渋滞削減",
            measures=TRANSPORT,
            # per person too: vehicles that drive empty make the mean over vehicles look better
            outcomes=(("delay_h_per_trip", -1), ("delay_h_per_person_trip", -1)),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="T-M2",
            statement="Fewer accidents",
            statement_ja="交通事故減少",
            measures=TRANSPORT,
            outcomes=(("crashes", -1), ("casualties", -1)),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="T-M3",
            statement="More efficient public transport",
            statement_ja="公共交通の効率化",
            measures=TRANSPORT,
            outcomes=(("transit_cost_jpy_per_pkm", -1),),
            scenario="scenarios/ordinary_fortnight.toml",
            changes=BUS_LINES,
        ),
        Claim(
            id="T-D1",
            statement="The operating model of public transport changes",
            statement_ja="公共交通の運営モデルが変化",
            measures=TRANSPORT,
            # who rides, and how much is run for them
            outcomes=(("transit_mode_share", -1), ("transit_bus_h_per_day", -1)),
            scenario="scenarios/ordinary_fortnight.toml",
            changes=BUS_LINES,
        ),
        Claim(
            id="T-D2",
            statement="Driving jobs are lost",
            statement_ja="運転関連の雇用喪失",
            measures=TRANSPORT,
            # how many jobs go, who finds no other, and what they earn less
            outcomes=(
                ("driving_jobs_displaced_share", 1),
                ("jobs_not_found", 1),
                ("wages_lost_jpy", 1),
            ),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="R-M1",
            statement="Resource supply is stable",
            statement_ja="資源供給の安定化",
            measures=RESOURCES,
            outcomes=(("fuel_unserved_t", -1), ("fuel_stockout_days", -1)),
            scenario="scenarios/fuel_embargo.toml",
        ),
        Claim(
            id="R-M2",
            statement="Less environmental load",
            statement_ja="環境負荷の低減",
            measures=RESOURCES,
            outcomes=(("co2_t", -1), ("waste_t", -1), ("land_ha", -1)),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="R-M3",
            statement="Lower cost",
            statement_ja="コスト削減",
            measures=RESOURCES,
            outcomes=(("extraction_cost_jpy_per_t", -1),),
            scenario="scenarios/ordinary_fortnight.toml",
            changes={"policy.R-S1.years": 30.0},  # mines open 10 to 16 years after a find
        ),
        Claim(
            id="R-D1",
            statement="High initial investment",
            statement_ja="初期投資が高い",
            measures=RESOURCES,
            outcomes=(("capital_jpy_per_household_year", 1),),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="R-D2",
            statement="Existing industry must be transformed",
            statement_ja="既存産業の変革",
            measures=RESOURCES,
            # of those who sold to the city from outside: what they earn, what stands idle, and work
            outcomes=(("extraction_margin_jpy", -1), ("extraction_stranded_jpy", 1), ("extraction_jobs", -1)),
            scenario="scenarios/ordinary_fortnight.toml",
        ),
        Claim(
            id="conclusion",
            statement="With these measures, a fair and sustainable society can be had together with "
            "technical progress: under the worst attack deprivation and its inequality are lower than with "
            "none of them, and so are CO2 and bills",
            statement_ja="これらの対策により、技術の進歩と公正で持続可能な社会を両立できる",
            measures=(*ENERGY, *WATER, *TRANSPORT, *RESOURCES, *ABUSE),
            outcomes=(
                ("deprivation_worst_district", -1),
                ("deprivation_gini", -1),
                ("co2_t", -1),
                ("bill_jpy_per_household_month", -1),
            ),
            scenario="scenarios/hostile_operator.toml",
        ),
    )
}


def missing(claim: Claim, outcomes: Collection[str]) -> tuple[str, ...]:
    """What the model lacks to judge the claim: ids of measures, then outcomes that are not in *outcomes*.

    >>> missing(CLAIMS["W-D1"], [])
    ('smallest_capture_set_water',)
    """
    unmeasured = (name for name, _ in claim.outcomes if name not in outcomes)
    return (*(id for id in claim.measures if id not in POLICIES), *unmeasured)
