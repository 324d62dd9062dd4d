"""Measures on resources: what they put into the charter and what that does in the city."""

import numpy as np
import pytest

from agentsim.core.charter import Charter
from agentsim.place.cases import FUEL, GOODS
from agentsim.place.equipment import install
from agentsim.policies import enact

# fuel just in time, and the larger of its two suppliers stops on the third day
EMBARGO = {
    "attacker.foothold": ["supplier:Gulf Petroleum"],
    "attacker.first_hour": 48,
    "attacker.budget": 1000.0,
    "bad_actor.action_chance": 1.0,
    "supply.cover_days": [1.0, 45.0, 3.0],
}


@pytest.fixture(scope="module")
def embargoed(hamlet):
    return [hamlet(policies, "cartel:random", 1, 336, EMBARGO) for policies in ((), ("R-C2",))]


def test_an_embargo_that_empties_depots_is_bridged(embargoed):
    plain, diverse = (run.outcomes for run in embargoed)
    assert plain["fuel_unserved_t"] > 0.0
    assert diverse["fuel_unserved_t"] < plain["fuel_unserved_t"]
    assert diverse["fuel_stockout_days"] < plain["fuel_stockout_days"]


def test_sales_are_less_concentrated(embargoed):
    plain, diverse = (run.outcomes["supplier_hhi"] for run in embargoed)
    assert diverse < plain


def test_in_peace_it_is_dearer(hamlet):
    plain, diverse = (hamlet(policies, hours=48) for policies in ((), ("R-C2",)))
    price = [run.service.supply.price_jpy_per_t for run in (plain, diverse)]
    assert price[1][FUEL] > price[0][FUEL]
    assert (price[1] >= price[0]).all()
    assert diverse.outcomes["fuel_unserved_t"] == 0.0


def test_the_makers_are_suppliers_like_others(hamlet):
    society = hamlet(["R-C2"], hours=0)
    plain = hamlet()
    names = society.place.supply.terminal_supplier
    assert names[: len(plain.place.supply.terminal_supplier)] == plain.place.supply.terminal_supplier
    assert len(names) == len(plain.place.supply.terminal_supplier) + len(GOODS)
    still = hamlet(["R-C2"], changes={"mechanisms.diversification": False})
    assert still.place.supply.terminal_supplier == plain.place.supply.terminal_supplier


def test_the_works_are_sized_on_ordinary_use(bay_city):
    stock = enact(["R-C2"]).stock
    equipment = install(stock, Charter().stock, bay_city)
    used = np.bincount(bay_city.supply.depot_good, bay_city.supply.depot_demand_t_per_d)
    assert equipment.substitute_t_per_d == pytest.approx(0.2 * used)


def test_the_local_tax_pays_for_the_works():
    charges = enact(["R-C2"]).costs
    assert {charge.payer for charge in charges} == {"local_tax"}
    assert {charge.quantity for charge in charges} == {f"substitute_{good}_t_per_d" for good in GOODS}
