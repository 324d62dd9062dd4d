"""Measures on energy: what they put into the charter and what that does in the city."""

import numpy as np
import pytest

from agentsim.core.charter import Charter
from agentsim.institutions.control_graph import ControlGraph
from agentsim.place.cases import CRITICAL
from agentsim.policies import enact
from agentsim.policies.energy import LocalPower, NextGenerationStorage

SIEGE = {
    "attacker.first_hour": 24,
    "attacker.target": "Southshore",
    "bad_actor.action_chance": 1.0,
}
TARGET = 6


def test_storage_of_each_technology_is_charged_by_itself():
    mixed = NextGenerationStorage(li_ion_h=1.0, flow_h=2.0, solid_state_h=0.0).enact(Charter())
    assert [charge.quantity for charge in mixed.costs] == ["flow_kwh", "li_ion_kwh"]
    assert (mixed.stock.li_ion_storage_h, mixed.stock.flow_storage_h) == (1.0, 2.0)
    assert mixed.stock.solid_state_storage_h == 0.0


def test_no_storage_is_no_policy():
    assert NextGenerationStorage(li_ion_h=0.0).enact(Charter()) == Charter()


def test_storage_moves_energy_from_the_night_to_the_evening(hamlet):
    society = hamlet(["E-S4"], hours=0, changes={"mechanisms.failures": False})
    net_mw = np.zeros(24)
    society.run(24)
    for _ in range(3 * 24):
        society.step()
        power = society.service.power
        net_mw[(society.hour - 1) % 24] += power.store_discharge_mw.sum() - power.store_charge_mw.sum()
    assert net_mw[17:22].sum() > 0 > net_mw[0:7].sum()


def test_storage_loses_what_its_efficiency_says(hamlet):
    ageless = {"mechanisms.failures": False, "equipment.storage_end_loss_frac": 0.0}
    society = hamlet(["E-S4"], hours=0, changes=ageless)
    before = society.coupling.power.stores.energy_mwh.sum()
    charged = discharged = lost = 0.0
    for _ in range(72):
        society.step()
        power = society.service.power
        charged, discharged = (
            charged + power.store_charge_mw.sum(),
            discharged + power.store_discharge_mw.sum(),
        )
        lost += power.store_loss_mwh
    after = society.coupling.power.stores.energy_mwh.sum()
    assert charged > 1.0
    assert charged - discharged - lost == pytest.approx(after - before, abs=1e-6)
    one_way = np.sqrt(0.85)
    assert lost == pytest.approx(charged * (1 - one_way) + discharged * (1 / one_way - 1), rel=1e-6)


def test_local_power_takes_the_breakers_from_the_centre():
    charter = enact(["E-C2"])
    control = ControlGraph(charter.control, ("North", "South"))
    assert control.holds("municipality:North", "breakers:North")
    assert not control.holds("power_control_room", "breakers:North")
    assert control.holds("power_control_room", "units"), "dispatch stays with the centre"


def test_a_captured_centre_cannot_cut_power_under_local_power(hamlet):
    plain, local = (hamlet(policies, "coercer", 1, 72, SIEGE) for policies in ((), ("E-C2",)))
    assert plain.outcomes["power_restricted_mwh"] > 100.0
    assert local.outcomes["power_restricted_mwh"] == 0.0


def test_a_captured_town_hall_can_cut_its_own_power_under_local_power(hamlet):
    town = {**SIEGE, "attacker.foothold": ["municipality:Southshore"]}
    plain, local = (hamlet(policies, "coercer", 1, 72, town) for policies in ((), ("E-C2",)))
    assert plain.outcomes["power_restricted_mwh"] == 0.0
    assert local.outcomes["power_restricted_mwh"] > 100.0


def test_the_microgrid_lights_the_critical_load_of_a_district_cut_off(hamlet):
    # the policy's equipment without its control: whoever is obeyed may still cut
    open_to_all = {**SIEGE, "mechanisms.control_graph": False}
    served = {}
    for name, policies in (("plain", ()), ("local", ("E-C2",))):
        society = hamlet(policies, "coercer", 1, 24, open_to_all)
        feeders = society.place.feeders
        critical = (feeders.tier == CRITICAL) & (feeders.district == TARGET)
        served[name] = 0.0
        for _ in range(6):
            society.step()
            served[name] += society.service.power.delivered_mw[critical].sum()
    assert served["plain"] == pytest.approx(0.0, abs=1e-9)
    assert served["local"] > 0.0


def test_the_room_and_the_battery_are_both_charged():
    items = {charge.item: charge.quantity for charge in LocalPower().enact(Charter()).costs}
    assert items == {"local power control room": "districts", "microgrid battery": "microgrid_kwh"}
