"""Measures that raise the supply of resources: what they put into the city, and what comes of it."""

from dataclasses import fields, replace

import numpy as np
import pytest

from agentsim.core.charter import Charter
from agentsim.networks.supply.metals import capital_by_quantity
from agentsim.place.cases import FUEL, MINERALS
from agentsim.place.equipment import install
from agentsim.policies import PACKAGES, enact
from agentsim.society.setup.resources import OF_METAL

CALM = {"mechanisms.failures": False}
BUILD_UP = {"build_up.months": 24, "build_up.embargo_from_month": 12, "build_up.embargo_months": 12}


@pytest.fixture(scope="module")
def two_days(hamlet):
    """Two days under some policies."""
    return lambda policies, **changed: hamlet(policies, hours=48, changes={**CALM, **changed})


@pytest.fixture(scope="module")
def plain(two_days):
    return two_days(())


def test_the_package_is_the_papers():
    assert PACKAGES["resources"] == ("R-S1", "R-S2", "R-S3", "R-S4", "R-C1", "R-C2")


class TestExploration:
    def test_within_its_lag_it_gains_exactly_nothing(self, hamlet, plain):
        """Drilled for nine years, and everything but its cost is as without it."""
        young = hamlet(
            ["R-S1"], hours=48, changes={**CALM, "policy.R-S1.years": 9.0, "mechanisms.charges": False}
        )
        free = hamlet((), hours=48, changes={**CALM, "mechanisms.charges": False})
        for name, column in {**free.record.at, **free.record.city}.items():
            after = {**young.record.at, **young.record.city}[name]
            assert np.array_equal(column, after, equal_nan=True), name

    def test_after_its_lag_mines_serve_the_city(self, two_days, plain):
        old = two_days(("R-S1",), **{"policy.R-S1.years": 40.0})
        assert old.place.supply.terminal_supplier[-1] == "New mines"
        assert old.outcomes["resource_import_share"] < plain.outcomes["resource_import_share"] == 1.0
        assert old.outcomes["reserves_t"] > 0.0
        assert old.outcomes["extraction_jobs"] < plain.outcomes["extraction_jobs"]


class TestOilRecovery:
    @pytest.mark.parametrize(("captured", "sign"), [(0.0, 1.0), (1.0, -1.0)])
    def test_net_co2_has_the_sign_of_its_gas(self, two_days, captured, sign):
        run = two_days(("R-S2",), **{"policy.R-S2.captured_frac": captured})
        assert run.outcomes["resource_co2_t"] * sign > 0.0
        assert run.outcomes["oil_produced_t"] == pytest.approx(2 * 0.1 * _use(run, FUEL), rel=1e-6)

    def test_its_compressors_are_a_load(self, two_days, plain):
        run = two_days(("R-S2",))
        used = run.record.city["plants_mwh"][:48].sum()
        more = (
            run.record.city["load_delivered_mw"][:48].sum()
            - plain.record.city["load_delivered_mw"][:48].sum()
        )
        assert used > 0.0
        assert more == pytest.approx(used, rel=0.05)


class TestUrbanMining:
    def test_only_what_is_collected_beyond_the_usual_counts(self, two_days, plain):
        usual = two_days(("R-S3",), **{"policy.R-S3.collection_frac": 0.223})
        assert usual.place.supply.terminal_supplier == plain.place.supply.terminal_supplier
        more = two_days(("R-S3",))
        assert more.outcomes["waste_t"] < plain.outcomes["waste_t"]
        assert more.outcomes["resource_import_share"] < 1.0
        share = more.coupling.plants.capacity_t_per_d.sum() / _use(more, MINERALS)
        assert 0.0 < share < 0.3, "old equipment holds a small part of what the city uses"


class TestNewFuels:
    def test_synthetic_fuel_on_coal_power_raises_co2_and_biofuel_lowers_it(self, two_days, plain):
        synthetic = two_days(("R-S4",), **{"policy.R-S4.bio_frac": 0.0, "policy.R-S4.synthetic_frac": 0.05})
        bio = two_days(("R-S4",), **{"policy.R-S4.synthetic_frac": 0.0})
        assert synthetic.outcomes["co2_t"] > plain.outcomes["co2_t"] > bio.outcomes["co2_t"]
        assert bio.outcomes["land_ha"] > 100.0
        assert synthetic.outcomes["land_ha"] == 0.0
        assert max(run.outcomes["oil_share"] for run in (synthetic, bio)) < 1.0

    def test_everybody_pays_for_the_dearer_fuel(self, two_days, plain):
        run = two_days(("R-S4",))
        assert run.outcomes["fuel_price_jpy_per_l"] > plain.outcomes["fuel_price_jpy_per_l"]
        assert run.outcomes["extraction_cost_jpy_per_t"] > plain.outcomes["extraction_cost_jpy_per_t"]

    def test_without_power_the_works_stand_still(self, hamlet):
        dark = {"attacker.first_hour": 6, "attacker.target": "Foundry", "bad_actor.action_chance": 1.0}
        dark["attacker.foothold"] = ["power_control_room"]
        cut, free = (
            hamlet(["R-S4"], "coercer:random", 1, 48, {**CALM, **dark, "mechanisms.power_to_plants": on})
            for on in (True, False)
        )
        made = [run.record.city["plants_mwh"][12:48].sum() for run in (cut, free)]
        assert made[0] < 0.9 * made[1]


class TestBuildUp:
    def test_an_embargo_before_leaves_less_equipment_at_a_higher_price(self, hamlet):
        peace = hamlet(["E-S4"], changes={"build_up.months": 24})
        embargo = hamlet(["E-S4"], changes=BUILD_UP)
        assert embargo.ground.built.installed_frac < 0.9 < peace.ground.built.installed_frac
        stored = [run.equipment.stores.energy_mwh.sum() for run in (embargo, peace)]
        assert stored[0] < 0.9 * stored[1]
        capital = [
            {c.item: c.capital_jpy for c in run.charter.costs}["li_ion storage"] for run in (embargo, peace)
        ]
        assert capital[0] > 1.1 * capital[1]

    def test_what_has_no_metals_is_built_all_the_same(self, hamlet):
        wells = [hamlet(["W-C1"], changes=changed).equipment.well_m3_per_h for changed in ({}, BUILD_UP)]
        assert (wells[0] == wells[1]).all()

    def test_electric_cars_are_fewer_and_dearer(self, hamlet):
        soon, late = (hamlet(["T-S2"], changes=changed) for changed in ({}, BUILD_UP))
        assert late.charter.stock.electric_car_frac < soon.charter.stock.electric_car_frac
        assert late.charter.stock.automated_car_frac < soon.charter.stock.automated_car_frac
        price = [
            {one.item: one.capital_jpy for one in town.charter.costs}["electric car"] for town in (soon, late)
        ]
        assert price[1] > price[0]

    def test_metals_count_once_whoever_pays(self, hamlet):
        owners, shared = (
            hamlet(["E-S2"], changes={**BUILD_UP, "policy.E-S2.subsidy_frac": frac}) for frac in (0.0, 0.5)
        )
        assert owners.ground.built.price_ratio > 2.0
        whole, parts = (capital_by_quantity(town.charter.costs) for town in (owners, shared))
        assert parts["added_pv_homes"] == pytest.approx(whole["added_pv_homes"])

    def test_metals_of_the_city_itself_help(self, hamlet):
        alone, helped = (hamlet(ids, changes=BUILD_UP).ground.built for ids in (("E-S4",), ("E-S4", "R-S3")))
        assert helped.installed_frac > alone.installed_frac

    def test_every_share_that_is_cut_is_a_field_of_the_stock(self):
        assert set(OF_METAL) <= {item.name for item in fields(Charter().stock)}


def test_equipment_of_resources_is_sized_on_the_citys_use(bay_city):
    stock = enact(["R-S2", "R-S4"]).stock
    equipment = install(stock, Charter().stock, bay_city)
    use_t = float(bay_city.supply.depot_demand_t_per_d[bay_city.supply.depot_good == FUEL].sum())
    assert equipment.enhanced_oil_t_per_d == pytest.approx(0.1 * use_t)
    assert equipment.captured_oil_t_per_d == pytest.approx(0.03 * use_t)
    assert equipment.bio_fuel_t_per_d == pytest.approx(0.05 * use_t)
    richer = replace(stock, scrap_collection_frac=0.5)
    collected = install(richer, Charter().stock, bay_city).scrap_people
    assert collected == pytest.approx((0.5 - 0.223) * bay_city.districts.people.sum())


def _use(run, good: int) -> float:
    """The city's ordinary use of a good [t/d]."""
    case = run.place.supply
    return float(case.depot_demand_t_per_d[case.depot_good == good].sum())
