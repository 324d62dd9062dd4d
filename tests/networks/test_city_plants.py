"""The city's own plants: they conserve, need power, and their goods are bought first at their own price."""

import numpy as np
import pytest

from agentsim.networks.supply.city_plants import CityPlants, CityPlantsParameters
from agentsim.networks.supply.network import SupplyNetwork
from agentsim.networks.supply.new_fuels import NewFuelsParameters
from agentsim.networks.supply.oil_recovery import OilRecoveryParameters
from agentsim.networks.supply.parameters import SupplyParameters
from agentsim.networks.supply.scrap import METALS, ScrapParameters
from agentsim.place.cases import FUEL, MINERALS
from agentsim.place.layout.city_plants import Plant, with_plants

SYNTHETIC = Plant("Works", "synthetic_fuel", FUEL, 2.4, 300_000.0, power_kwh_per_t=24_000.0)
OIL = Plant("Field", "enhanced_oil", FUEL, 4.8, 80_000.0, power_kwh_per_t=600.0, co2_t_per_t=1.5)


@pytest.fixture
def works() -> CityPlants:
    return CityPlants([SYNTHETIC, OIL], np.array([4, 5]), np.array([1, 1]), np.array([0, 0]))


class TestAnHour:
    def test_a_plant_is_a_load_and_makes_what_it_gets_power_for(self, works):
        planned_t = works.planned_t()
        assert planned_t == pytest.approx([0.1, 0.2])
        assert works.load_mw(3) == pytest.approx([0.0, 2.4 + 0.12, 0.0])
        hour = works.run(np.zeros(2), planned_t, np.array([0.5, 1.0]))
        assert hour.made_t == pytest.approx([0.05, 0.2])
        assert hour.power_mwh == pytest.approx(1.2 + 0.12)
        assert hour.co2_t == pytest.approx(0.3)
        assert hour.oil_t == pytest.approx(0.2)

    def test_what_is_made_is_sold_or_in_the_yard(self, works):
        before_t = works.yard_t.copy()
        hour = works.run(np.array([1.0, 2.0]), works.planned_t(), np.ones(2))
        assert before_t + hour.made_t == pytest.approx(hour.sold_t + hour.yard_t)

    def test_with_a_full_yard_it_stands_still(self, works):
        for _ in range(24 * 4):
            hour = works.run(np.zeros(2), works.planned_t(), np.ones(2))
        assert hour.yard_t == pytest.approx(CityPlantsParameters().yard_days * works.capacity_t_per_d)
        assert works.load_mw(3).sum() == pytest.approx(0.0, abs=1e-9)

    def test_it_offers_no_more_than_it_has(self, works):
        works.yard_t = np.array([0.6, 48.0])
        assert works.offered_frac(6) == pytest.approx([1.0, 1.0, 1.0, 1.0, 0.25, 1.0])


class TestInTheSupplyNetwork:
    @pytest.fixture
    def case(self, bay_city):
        return bay_city.supply

    def test_its_goods_are_bought_first_though_they_are_dear(self, case):
        network = SupplyNetwork(with_plants(case, [SYNTHETIC]))
        days = [network.day() for _ in range(3)]
        assert all(day.imported_t[-1] == pytest.approx(SYNTHETIC.capacity_t_per_d) for day in days)

    def test_and_everybody_pays_for_them(self, case):
        plain, mixed = SupplyNetwork(case), SupplyNetwork(with_plants(case, [SYNTHETIC]))
        dearer = mixed.day().price[FUEL] - plain.day().price[FUEL]
        share = SYNTHETIC.capacity_t_per_d / case.depot_demand_t_per_d[case.depot_good == FUEL].sum()
        cheapest = case.terminal_price_jpy_per_t[case.terminal_good == FUEL].min()
        assert share * (SYNTHETIC.price_jpy_per_t - cheapest) * 0.9 < dearer

    def test_a_plant_nearby_does_not_make_stocks_smaller_when_the_others_sell_less(self, case):
        metals = Plant("Smelter", "scrap", MINERALS, 0.04, 5e6)
        plain, mixed = SupplyNetwork(case), SupplyNetwork(with_plants(case, [metals]))
        depot = int(np.flatnonzero(case.depot_good == MINERALS)[0])
        fall = []
        for network in (plain, mixed):
            before = network.target_t()[depot]
            network.day(embargoed=("Continental Minerals",))
            fall.append(before - network.target_t()[depot])
        assert fall[1] <= fall[0] + 1e-9

    def test_without_plants_the_case_is_the_same(self, case):
        assert with_plants(case, []) is case


def test_the_sign_of_enhanced_oil_follows_the_source_of_its_gas():
    """Natural gas adds, captured gas spares, for each pair of elasticities; IEA has 0.63 t spared a tonne."""
    field = OilRecoveryParameters()
    for number in (1, 2, 3):
        pair = SupplyParameters(elasticity_set=number).elasticities(FUEL)
        assert field.net_co2_t_per_t(0.0, pair) > 0.0
        assert field.net_co2_t_per_t(1.0, pair) < field.net_co2_t_per_t(0.0, pair)
    caldara = SupplyParameters(elasticity_set=3).elasticities(FUEL)
    spared = -field.net_co2_t_per_t(1.0, caldara) / field.injected_t_per_t()
    assert 0.1 < spared < 1.0


def test_synthetic_fuel_takes_several_times_the_energy_that_is_in_it():
    assert 2.0 < NewFuelsParameters().synthetic_kwh_per_t() * 3.6 / 43_000.0 < 4.0
    assert NewFuelsParameters().bio_land_ha(1.5 / 365) == pytest.approx(1.0)


class TestScrap:
    def test_in_a_steady_state_what_is_sold_is_thrown_away(self):
        steady = ScrapParameters(growth_per_y=0.0)
        assert steady.retired_kg_per_person_y() == pytest.approx(steady.sold_kg_per_person_y, rel=1e-3)
        longer = ScrapParameters(life_scale_y=15.0)
        assert longer.retired_kg_per_person_y() < ScrapParameters().retired_kg_per_person_y()

    def test_at_the_collection_of_the_world_rare_earths_are_about_a_percent_of_use(self, bay_city):
        """Global E-waste Monitor 2024: recycling meets about 1 % of the demand for rare earths."""
        p = ScrapParameters()
        use_t = float(bay_city.supply.depot_demand_t_per_d[bay_city.supply.depot_good == MINERALS].sum())
        won = p.metal_t_per_d(0.223 * bay_city.districts.people.sum())
        met = won / (np.array(p.use_frac) * use_t)
        assert 0.001 < met[METALS.index("rare earths")] < 0.1
        assert 0.01 < met[METALS.index("copper")] < 0.3
