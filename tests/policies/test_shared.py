"""What must hold for every policy of the registry, whatever it does: a new one is tested by being listed.

*Write-set*: it changes only the fields that it declares, and its costs. *Placebo*: without the mechanism that
carries it, it changes nothing, so that no benefit can be written in by hand. *Cost*: nothing is free, nothing
is paid twice, and households see it in their bills. *Algebra*: adopting twice is adopting once, in any order.
"""

from dataclasses import fields
from functools import cache

import numpy as np
import pytest

from agentsim.core.charter import PAYERS, Charter, Holding
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.parameters import evidence
from agentsim.institutions.market import MarketParameters
from agentsim.outcomes import OUTCOMES
from agentsim.place.equipment import install
from agentsim.policies import PACKAGES, POLICIES, enact, expand

HOURS = 96
A_DAY = 24  # enough for a bill: yearly costs are charged in every hour alike
FIRST_HOUR = 24
# what tells of the charter itself and not of what happened under it
DESCRIBES_THE_CHARTER = ("smallest_capture_set", "single_captors", "reach_hhi", "autonomy_h")
INTEREST = MarketParameters().interest_per_y
# what lets every policy show within some days: the plant at the sea side runs however full the dam is, any
# dip of the tanks is a shortage and the count is at once, and a monitor that comes every day ends a siege in
# which nobody gives in
SITUATION = {
    "coupling.dam_low_frac": 1.1,
    "rationing.tanks_low_frac": 1.0,
    "voting.decision_h": 0.0,
    "monitor.investigation_days": 0.5,
    "monitor.revocation_days": 0.25,
    "policy.W-C3.inspections_per_month": 100,
    "policy.T-C2.inspections_per_month": 100,
    "policy.X-C4.inspections_per_month": 100,
    "policy.W-C3.access_frac": 1.0,
    "policy.W-C3.independence": 1.0,
    "deterrence.districts_per_visit": 8,
    "meters.reporting_supplier_frac": 1.0,
    "policy.R-S1.years": 40.0,
}
# signs that a policy acts; what is found out and what is paid count as much as what is delivered
SIGNS = ("deprivation_h", "generation_mw", "trips_made", "delay_veh_h", "p2p_mwh", "resources_cost_jpy")
FOUND_OUT = ("outcome time_to_detection_h", "outcome time_to_proof_h")

each = pytest.mark.parametrize("id", POLICIES)

# charters on which a policy may find itself: the ordinary one, a richer one, and one ruled otherwise
CHARTERS = {
    "ordinary": Charter(),
    "rich": Charter().with_stock(li_ion_storage_h=3.0, well_demand_frac=1.0, home_food_days=20.0),
    "ruled": Charter()
    .with_control(breakers=Holding(("power_control_room", "municipality"), "both"))
    .with_market(bus_fare_jpy=0.0)
    .with_information(learned_forecast=True),
}


def adopt(id: str, charter: Charter) -> Charter:
    return POLICIES[id].make().enact(charter)


def changed_fields(before: Charter, after: Charter) -> set[str]:
    return {item.name for item in fields(Charter) if getattr(before, item.name) != getattr(after, item.name)}


# ---- the registry -----------------------------------------------------------------------------------


@each
def test_a_policy_is_described(id):
    entry = POLICIES[id]
    assert entry.id == id
    assert any(ord(letter) > 0x3000 for letter in entry.name_ja), "the paper's own name is Japanese"
    assert set(entry.writes) <= {item.name for item in fields(Charter)} - {"costs"}
    assert entry.carried_by
    assert set(entry.carried_by) <= set(Mechanisms.names()) - {"charges"}
    assert entry.outcome in OUTCOMES
    assert entry.claimed_sign in (-1, 1)
    statement = " ".join(type(entry.make()).__doc__.split())
    assert all(word in statement for word in (id, "Acts on:", "Costs:", "Can fail:"))


@each
def test_every_number_of_a_policy_has_a_source(id):
    policy = POLICIES[id].make()
    known = {item.name for item in evidence(policy)}
    assert known == {item.name for item in fields(policy)}


def test_packages_hold_known_policies():
    assert all(expand([name]) == expand(ids) for name, ids in PACKAGES.items())
    assert expand(["all"]) == tuple(POLICIES)
    with pytest.raises(KeyError, match="E-X9"):
        expand(["E-X9"])


# ---- write-set --------------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("ground", CHARTERS)
def test_a_policy_writes_what_it_declares_and_nothing_else(id, ground):
    before = CHARTERS[ground]
    assert changed_fields(before, adopt(id, before)) <= {*POLICIES[id].writes, "costs"}


@each
def test_a_policy_writes_all_that_it_declares(id):
    assert changed_fields(Charter(), adopt(id, Charter())) == {*POLICIES[id].writes, "costs"}


# ---- algebra ----------------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("ground", CHARTERS)
def test_adopting_twice_is_adopting_once(id, ground):
    once = adopt(id, CHARTERS[ground])
    assert adopt(id, once) == once


@each
@pytest.mark.parametrize("ground", CHARTERS)
def test_the_order_of_adopting_does_not_matter(id, ground):
    start = CHARTERS[ground]
    for other in POLICIES:
        assert adopt(other, adopt(id, start)) == adopt(id, adopt(other, start)), other


def test_enact_is_the_sum_of_its_policies():
    assert enact(["all"]) == enact(["all", *POLICIES]) == enact(list(reversed(POLICIES)))
    by_hand = Charter()
    for id in POLICIES:
        by_hand = adopt(id, by_hand)
    assert enact(["all"]) == by_hand


# ---- cost -------------------------------------------------------------------------------------------


@each
def test_a_policy_costs_something_and_says_who_pays(id, bay_city):
    charter = adopt(id, Charter())
    assert {charge.payer for charge in charter.costs} <= set(PAYERS)
    equipment = install(charter.stock, Charter().stock, bay_city)
    for charge in charter.costs:
        assert equipment.quantity[charge.quantity] > 0, f"{charge.item} is charged on nothing"
        assert charge.yearly_jpy(INTEREST) > 0
    assert sum(equipment.yearly_jpy(charter.costs, INTEREST).values()) > 0


@each
def test_a_cost_is_counted_once(id, bay_city):
    once, twice = adopt(id, Charter()), adopt(id, adopt(id, Charter()))
    equipment = install(twice.stock, Charter().stock, bay_city)
    assert equipment.yearly_jpy(twice.costs, INTEREST) == equipment.yearly_jpy(once.costs, INTEREST)
    assert len({charge.item for charge in twice.costs}) == len(twice.costs)


# ---- placebo and bills, in runs ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def live(hamlet):
    """Runs, each made once: ``live(policies, foe, still)``, *still* are mechanisms switched off."""

    @cache
    def run(policies: tuple[str, ...], foe: str, still: tuple[str, ...], hours: int = HOURS):
        changes = {
            **SITUATION,
            "hours": hours,
            "attacker.first_hour": FIRST_HOUR,
            "attacker.target": "Southshore",
            "bad_actor.action_chance": 1.0,
            **{f"mechanisms.{name}": False for name in still},
        }
        if foe == "cartel":
            changes["attacker.foothold"] = ["supplier:Gulf Petroleum"]
        return hamlet(policies, foe, 1, hours, changes)

    return run


def happened(society) -> dict[str, bytes]:
    """Everything a run tells of what happened in it, to the last bit."""
    record, told = society.record, {}
    for name, column in {**record.at, **record.city}.items():
        told[name] = column[: record.lived].tobytes()
    for name, value in society.outcomes.items():
        if not name.startswith(DESCRIBES_THE_CHARTER):
            told[f"outcome {name}"] = np.float64(value).tobytes()
    people = society.population
    columns = {"deprivation_h": people.hardship.deprivation_h, "bill_jpy": people.bill_jpy}
    columns |= {"dark_h": people.power.dark_h, "trust": people.trust, "food_days": people.larder.food_days}
    columns |= {"home_water_l": people.larder.home_water_l, "soc_kwh": people.power.soc_kwh}
    for name, column in columns.items():
        told[f"household {name}"] = column.tobytes()
    told["balances"] = repr(sorted(society.market.balance_jpy.items())).encode()
    return told


def differing(one, other) -> list[str]:
    told, elsewhere = happened(one), happened(other)
    return [name for name in told if told[name] != elsewhere[name]]


def foe_of(id: str) -> str:
    """Under whose attack a policy shows: the measures on supply work on ordinary days."""
    if id == "R-C1":
        return "cartel"
    return "none" if "-S" in id or id == "R-C2" else "coercer"


@each
def test_with_its_mechanism_a_policy_changes_what_happens(id, live):
    # charges are off: it is the policy that acts, not its price
    foe = foe_of(id)
    differs = differing(live((id,), foe, ("charges",)), live((), foe, ("charges",)))
    assert any(name in differs for name in (*SIGNS, *FOUND_OUT))


@each
def test_without_its_mechanism_a_policy_is_a_placebo(id, live):
    foe, still = foe_of(id), ("charges", *POLICIES[id].carried_by)
    assert differing(live((id,), foe, still), live((), foe, still)) == []


@pytest.mark.parametrize("foe", ["coercer", "cartel"])
def test_all_policies_together_are_a_placebo_without_their_mechanisms(foe, live):
    carriers = dict.fromkeys(name for entry in POLICIES.values() for name in entry.carried_by)
    still = ("charges", *carriers)
    assert differing(live(tuple(POLICIES), foe, still), live((), foe, still)) == []


@each
def test_what_a_policy_costs_arrives_in_the_bills(id, live):
    paid, free = (live((id,), "none", still, A_DAY) for still in ((), ("charges",)))
    dearer = paid.outcomes["bill_jpy_per_household_month"] - free.outcomes["bill_jpy_per_household_month"]
    yearly = paid.outcomes["capital_jpy_per_household_year"]
    assert free.outcomes["capital_jpy_per_household_year"] == 0.0
    assert dearer > 0.0
    # firms bear their part of a tariff; a household never bears more than the whole of it
    assert dearer <= 1.02 * yearly / 12.0
    if all(charge.payer in ("local_tax", "road_tax") for charge in paid.charter.costs):
        assert dearer == pytest.approx(yearly / 12.0, rel=1e-6)
