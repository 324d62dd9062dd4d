"""The charter: frozen rules that policies rewrite without treading on each other."""

from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentsim.core.charter import PAYERS, Charge, Charter, Holding

WELL = Charge("wells", "water_tariff", "well_m3_per_d", 120e3, 30.0, 6e3)
ROOM = Charge("room", "power_tariff", "districts", 250e6, 15.0, 40e6)


def test_annuity_of_the_textbook():
    # 10,000 at 5 % over 5 years is 2,309.75 a year (capital recovery factor 0.230975)
    assert Charge("x", "local_tax", "one", 10e3, 5.0, 0.0).yearly_jpy(0.05) == pytest.approx(
        2309.75, abs=0.01
    )


@given(st.floats(1.0, 1e9), st.integers(1, 60), st.floats(0.001, 0.3))
def test_annuities_are_worth_the_capital_today(capital, years, interest):
    yearly = Charge("x", "local_tax", "one", capital, float(years), 0.0).yearly_jpy(interest)
    worth_today = sum(yearly / (1.0 + interest) ** year for year in range(1, years + 1))
    assert worth_today == pytest.approx(capital, rel=1e-6)


def test_running_cost_comes_on_top():
    with_upkeep = Charge("x", "local_tax", "one", 1000.0, 10.0, 77.0).yearly_jpy(0.04)
    without = Charge("x", "local_tax", "one", 1000.0, 10.0, 0.0).yearly_jpy(0.04)
    assert with_upkeep - without == pytest.approx(77.0)


def test_an_item_is_charged_once():
    assert Charter().charge(WELL, ROOM).charge(WELL).costs == Charter().charge(WELL, ROOM).costs
    assert len(Charter().charge(WELL).charge(WELL).costs) == 1


def test_the_order_of_charges_does_not_matter():
    assert Charter().charge(WELL).charge(ROOM) == Charter().charge(ROOM).charge(WELL)


def test_stock_is_raised_and_never_lowered():
    charter = Charter().with_stock(home_food_days=7.0).with_stock(home_food_days=5.0, well_tank_h=6.0)
    assert charter.stock.home_food_days == 7.0
    assert charter.stock.well_tank_h == 6.0
    assert charter.stock.home_water_l_per_person == Charter().stock.home_water_l_per_person


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("information", Charter().with_information(meter_backup_h=3.0)),
        ("stock", Charter().with_stock(li_ion_storage_h=1.0)),
        ("control", Charter().with_control(breakers=Holding(("municipality",)))),
        ("market", Charter().with_market(bus_fare_jpy=0.0)),
        ("allocation", Charter().with_allocation(shed_weight=(1.0, 1.0, 1.0, 1.0))),
        ("costs", Charter().charge(WELL)),
    ],
)
def test_each_verb_writes_one_field(field, changed):
    differs = [
        item.name for item in fields(Charter) if getattr(changed, item.name) != getattr(Charter(), item.name)
    ]
    assert differs == [field]


def test_a_charter_is_frozen_and_comparable():
    with pytest.raises(FrozenInstanceError):
        Charter().stock = None
    assert Charter() == Charter()
    assert hash(Charter().charge(WELL)) == hash(Charter().charge(WELL))


def test_a_thing_that_is_not_in_the_charter_cannot_be_written():
    with pytest.raises(TypeError, match="deprivation"):
        Charter().with_information(deprivation=0.0)
    with pytest.raises(AttributeError, match="deprivation"):
        Charter().with_stock(deprivation=0.0)


def test_an_ordinary_city_pays_for_nothing_and_knows_its_payers():
    assert Charter().costs == ()
    assert {WELL.payer, ROOM.payer} <= set(PAYERS)


def test_a_payer_that_nobody_collects_from_is_refused():
    with pytest.raises(ValueError, match="payer 'gas_tariff' is unknown"):
        Charge("pipes", "gas_tariff", "districts", 1.0, 1.0, 0.0)
