"""The water network in a city: EPANET's Net3 with four toy districts."""

import copy
import importlib.util
import pickle
from dataclasses import replace
from pathlib import Path

import epanet
import numpy as np
import pytest
from epanet_plus import EpanetConstants as EN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentsim.core.errors import UnreadableNetwork
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.parameters import evidence
from agentsim.networks.water.network import WaterNetwork, WaterParameters
from agentsim.networks.water.pumping import SwitchRules, mean_fill_frac, pumps_wanted
from agentsim.networks.water.wells import Wells
from agentsim.place.cases import WaterCase

wntr_spec = importlib.util.find_spec("wntr")
if wntr_spec is None or wntr_spec.origin is None:
    pytest.skip("needs Net3.inp of wntr", allow_module_level=True)
NET3 = Path(wntr_spec.origin).parent / "library" / "networks" / "Net3.inp"
DISTRICTS = 4
BULK = ("15", "35", "123", "203")
SHAPE = np.array([4, 3, 3, 3, 4, 7, 12, 16, 15, 12, 10, 10, 10, 9, 9, 9, 11, 14, 17, 17, 15, 12, 9, 6.0])
SHAPE /= SHAPE.mean()
DARK = np.zeros(2, dtype=bool)


def coordinates() -> dict[str, tuple[float, float]]:
    lines = NET3.read_text().split("[COORDINATES]")[1].split("[")[0].splitlines()
    words = [line.split() for line in lines if line.strip() and not line.strip().startswith(";")]
    return {name: (float(x), float(y)) for name, x, y, *_ in words}


def net3_case(bulk_factor: float = 0.25) -> WaterCase:
    """Net3 cut into strips from west to east; bulk users scaled down as in Bay City."""
    file = WaterNetwork.from_inp(NET3).file
    at = coordinates()
    x, y = (np.array([at[name][axis] for name in file.junction_id]) for axis in (0, 1))
    district = np.argsort(np.argsort(x, kind="stable")) * DISTRICTS // len(x)
    is_bulk = np.isin(file.junction_id, BULK)
    trunk: list[list[str]] = [[] for _ in range(DISTRICTS)]
    for number, name in enumerate(file.link_id, start=1):
        a, b = (node - 1 for node in file.link_nodes[number])
        if max(a, b) < len(x) and district[a] != district[b]:
            trunk[district[a]].append(name)
            trunk[district[b]].append(name)
    nobody = np.zeros(2, dtype=int)
    return WaterCase(
        inp_file=NET3,
        junction_id=file.junction_id,
        junction_x_km=x,
        junction_y_km=y,
        junction_zone=np.zeros(len(x), dtype=int),
        junction_district=district,
        junction_demand_m3_per_h=file.mean_demand_m3_per_h * np.where(is_bulk, bulk_factor, 1.0),
        junction_bulk_frac=is_bulk.astype(float),
        source_id=file.source_id,
        source_yield_m3_per_d=np.array([60_000.0, 60_000.0]),
        source_feeder=nobody,
        pump_id=file.pump_id,
        pump_feeder=nobody,
        trunk_pipes=tuple(tuple(pipes) for pipes in trunk),
        well_junction=np.array([np.flatnonzero(district == d)[0] for d in range(DISTRICTS)]),
    )


CASE = net3_case()


def asked(hour: int, case: WaterCase = CASE) -> np.ndarray:
    homes = case.junction_bulk_frac == 0
    return case.junction_demand_m3_per_h * np.where(homes, SHAPE[hour % 24], 1.0)


def district_share(service, hour: int) -> np.ndarray:
    """Delivered / asked by district."""
    total = np.bincount(CASE.junction_district, asked(hour), DISTRICTS)
    return np.bincount(CASE.junction_district, service.delivered_m3_per_h, DISTRICTS) / total


@pytest.fixture(scope="module")
def shared() -> WaterNetwork:
    return WaterNetwork(CASE, DISTRICTS)


@pytest.fixture
def water(shared) -> WaterNetwork:
    """Bay City's mains after an ordinary day."""
    shared.reset()
    for hour in range(24):
        shared.serve(asked_m3_per_h=asked(hour))
    return shared


@pytest.fixture(scope="module")
def with_wells() -> WaterNetwork:
    """Every district has a well of 30 % of its mean demand and a tank of 6 hours of that."""
    mean = np.bincount(CASE.junction_district, CASE.junction_demand_m3_per_h, DISTRICTS)
    return WaterNetwork(CASE, DISTRICTS, 0.3 * mean, 1.8 * mean)


def balances(service, hour: int) -> None:
    parts = service.delivered_m3_per_h + service.short_m3_per_h + service.restricted_m3_per_h
    np.testing.assert_allclose(parts, asked(hour), atol=1e-9)
    for part in (service.delivered_m3_per_h, service.short_m3_per_h, service.restricted_m3_per_h):
        assert part.min() >= 0.0
    assert abs(service.balance_m3) < 1e-3 * (asked(hour).sum() + service.source_m3.sum())


# ---- ordinary days


def test_everybody_is_served_through_six_weeks(shared):
    """Availability above 0.99, leakage near its share, water neither made nor lost."""
    shared.reset()
    given_m3 = leaked_m3 = wanted_m3 = 0.0
    for hour in range(42 * 24):
        service = shared.serve(asked_m3_per_h=asked(hour))
        given_m3 += service.delivered_m3_per_h.sum()
        leaked_m3 += service.leakage_m3
        wanted_m3 += asked(hour).sum()
        assert abs(service.balance_m3) < 1e-3 * asked(hour).sum()
    assert given_m3 / wanted_m3 > 0.99
    assert leaked_m3 / (leaked_m3 + given_m3) == pytest.approx(0.07, abs=0.007)
    assert shared.tank_fill_frac > 0.5


def test_unscaled_net3_needs_the_lake_and_its_pump():
    """With the bulk users in full the river's gravity main is not enough: the pumps carry six weeks."""
    case = net3_case(bulk_factor=1.0)
    network = WaterNetwork(case, DISTRICTS)
    services = [network.serve(asked_m3_per_h=asked(hour, case)) for hour in range(42 * 24)]
    wanted_m3 = sum(asked(hour, case).sum() for hour in range(42 * 24))
    assert sum(service.delivered_m3_per_h.sum() for service in services) / wanted_m3 > 0.99
    on = np.mean([service.pump_kw > 0 for service in services], axis=0)
    assert (on > 0.1).all()
    lake = case.source_id.index("Lake")
    assert sum(service.source_m3[lake] for service in services) > 0.05 * wanted_m3


def test_energy_follows_the_water(water):
    service = water.serve(asked_m3_per_h=asked(0))
    np.testing.assert_allclose(service.works_kw, 0.36 * np.maximum(service.source_m3, 0))
    assert service.pump_kw.shape == (2,)


def test_a_reset_run_repeats_itself_byte_for_byte(shared):
    fresh = WaterNetwork(CASE, DISTRICTS)

    def day(network) -> bytes:
        network.reset()
        out = b""
        for hour in range(12):
            service = network.serve(
                asked_m3_per_h=asked(hour),
                works_on=DARK if hour > 6 else None,
                new_bursts=np.eye(len(CASE.junction_id))[hour],
                trunk_mains_shut=np.arange(DISTRICTS) == 1 if 3 < hour < 6 else None,
            )
            out += service.delivered_m3_per_h.tobytes() + service.pressure_m.tobytes()
            out += service.tank_level_m.tobytes() + np.float64(service.balance_m3).tobytes()
        return out

    first = day(shared)
    assert day(shared) == first
    assert day(fresh) == first


def test_a_pickled_network_goes_on_where_it_stood(with_wells):
    with_wells.reset()
    for hour in range(10):
        with_wells.serve(asked_m3_per_h=asked(hour), new_bursts=np.eye(len(CASE.junction_id))[3])
    twin = pickle.loads(pickle.dumps(with_wells))
    other = copy.deepcopy(with_wells)
    a, b, c = (n.serve(asked_m3_per_h=asked(10), works_on=DARK) for n in (with_wells, twin, other))
    np.testing.assert_allclose(b.tank_level_m, a.tank_level_m, atol=1e-3)
    np.testing.assert_allclose(b.well_m3, a.well_m3)
    np.testing.assert_allclose(b.leakage_m3, a.leakage_m3, rtol=1e-3)
    assert b.bursts_open == c.bursts_open == 10
    assert b.delivered_m3_per_h.tobytes() == c.delivered_m3_per_h.tobytes()


# ---- power


def harsh_week(network: WaterNetwork, hours: range) -> bytes:
    """What is served in hours with bursts, cuts, dark works and orders to pumps, drawn from fixed seeds."""
    out, junctions = b"", len(CASE.junction_id)
    for hour in hours:
        draw = np.random.default_rng(hour)
        service = network.serve(
            asked_m3_per_h=asked(hour) * (0.6 + draw.random(junctions)),
            water_cut_off_frac=draw.random(DISTRICTS) * (draw.random(DISTRICTS) < 0.1),
            trunk_mains_shut=draw.random(DISTRICTS) < 0.05,
            works_on=draw.random(len(CASE.source_id)) < 0.9,
            pumps_on=draw.random(len(CASE.pump_id)) < 0.7,
            new_bursts=(draw.random(junctions) < 0.01).astype(float),
            mended=(draw.random(junctions) < 0.05).astype(float),
        )
        for part in (service.delivered_m3_per_h, service.pressure_m, service.tank_level_m, service.source_m3):
            out += part.tobytes()
        out += service.pump_kw.tobytes() + np.float64(service.leakage_m3).tobytes()
    return out


def test_a_network_that_is_told_its_leakage_lives_the_same_week_byte_for_byte():
    """Calibration leaves nothing behind in EPANET."""
    calibrated = WaterNetwork(CASE, DISTRICTS)
    taken_over = WaterNetwork(CASE, DISTRICTS, found=calibrated.found)
    weeks = [harsh_week(network, range(168)) for network in (calibrated, taken_over)]
    assert weeks[0] == weeks[1]
    calibrated.reset()
    assert harsh_week(calibrated, range(168)) == weeks[0]


@pytest.mark.parametrize("lived", [0, 6, 24])
def test_a_network_pickled_in_its_first_day_goes_on_with_the_same_bytes(lived):
    network = WaterNetwork(CASE, DISTRICTS)
    harsh_week(network, range(lived))
    again = pickle.loads(pickle.dumps(network))
    assert harsh_week(again, range(lived, 100)) == harsh_week(network, range(lived, 100))


def test_with_the_works_dark_the_tanks_last_about_a_day(water):
    """Cumulated share delivered: all after 12 h, most after 24, under half after 48."""
    given_m3 = wanted_m3 = 0.0
    share = {}
    for hour in range(48):
        service = water.serve(asked_m3_per_h=asked(hour), works_on=DARK)
        balances(service, hour)
        assert service.source_m3.max() < 0.1
        assert service.works_kw.max() < 0.1
        given_m3, wanted_m3 = given_m3 + service.delivered_m3_per_h.sum(), wanted_m3 + asked(hour).sum()
        share[hour + 1] = given_m3 / wanted_m3
    assert share[12] > 0.99
    assert share[24] == pytest.approx(0.89, abs=0.06)
    assert share[48] == pytest.approx(0.45, abs=0.04)
    assert water.tank_fill_frac == pytest.approx(0.0, abs=1e-3)
    for hour in range(24):
        service = water.serve(asked_m3_per_h=asked(hour))
    assert service.delivered_m3_per_h.sum() > 0.95 * asked(23).sum()


def test_a_pump_without_power_uses_none_and_its_bypass_opens(water):
    still = water.serve(asked_m3_per_h=asked(0), pumps_on=np.zeros(2, dtype=bool))
    assert still.pump_kw.max() == 0
    bypass = water.link_flow_m3_per_h[water.file.link_number["330"] - 1]
    assert bypass > 100
    running = water.serve(asked_m3_per_h=asked(0), pumps_on=np.ones(2, dtype=bool))
    assert running.pump_kw[CASE.pump_id.index("335")] > 1
    assert water.link_flow_m3_per_h[water.file.link_number["330"] - 1] == 0


# ---- valves


def test_a_shut_inlet_valve_cuts_its_district_and_nobody_else(water):
    everywhere = water.serve(asked_m3_per_h=asked(8))
    closed = np.array([0.0, 1.0, 0.4, 0.0])
    service = water.serve(asked_m3_per_h=asked(9), water_cut_off_frac=closed)
    balances(service, 9)
    np.testing.assert_allclose(district_share(service, 9), 1.0 - closed, atol=1e-9)
    np.testing.assert_allclose(service.restricted_m3_per_h, asked(9) * closed[CASE.junction_district])
    assert service.leakage_m3 < everywhere.leakage_m3


def test_shut_trunk_valves_cut_at_once_and_may_hurt_neighbours(water):
    shut = np.array([False, False, True, False])
    service = water.serve(asked_m3_per_h=asked(9), trunk_mains_shut=shut)
    balances(service, 9)
    share = district_share(service, 9)
    assert share[2] < 0.05
    assert share[3] < 0.9  # downstream of the shut district
    assert share[0] > 0.99
    assert service.restricted_m3_per_h.max() == 0  # the mains run dry: nobody's tap is turned off
    again = water.serve(asked_m3_per_h=asked(10))
    assert district_share(again, 10).min() > 0.99


# ---- yield


def test_a_source_gives_its_yield_and_no_more(water):
    water.reset()
    drawn = []
    for hour in range(24 * 5):
        service = water.serve(asked_m3_per_h=asked(hour), yield_frac=0.2, hour_of_day=hour % 24)
        balances(service, hour)
        drawn.append(service.source_m3)
    per_source = np.sum(drawn, axis=0)
    one_hour = np.max(drawn, axis=0)
    assert (per_source <= 5 * 0.2 * 60_000 + one_hour).all()
    river = CASE.source_id.index("River")
    assert per_source[river] > 0.9 * 5 * 0.2 * 60_000


# ---- leaks


def test_bursts_leak_until_they_are_mended():
    """Volume = q (P / 50)^N1 over the hours that it runs."""
    tight = WaterNetwork(CASE, DISTRICTS, parameters=WaterParameters(leakage_frac=0.0))
    where = CASE.junction_id.index("191")
    one = np.eye(len(CASE.junction_id))[where]
    assert tight.serve(asked_m3_per_h=asked(0)).leakage_m3 == 0
    leaked_m3 = expected_m3 = 0.0
    for hour in range(30):
        service = tight.serve(asked_m3_per_h=asked(hour), new_bursts=2 * one if hour == 0 else None)
        assert service.bursts_open == 2
        leaked_m3 += service.leakage_m3
        expected_m3 += 2 * 12.0 * service.pressure_m[where] / 50.0
    assert leaked_m3 == pytest.approx(expected_m3, rel=1e-3)
    half = tight.serve(asked_m3_per_h=asked(0), mended=one)
    assert half.leakage_m3 == pytest.approx(12.0 * half.pressure_m[where] / 50.0, rel=1e-3)
    assert tight.serve(asked_m3_per_h=asked(0), mended=one).leakage_m3 < 1e-3


def test_leakage_off_severs_bursts_and_background():
    network = WaterNetwork(CASE, DISTRICTS, mechanisms=Mechanisms(leakage=False))
    service = network.serve(asked_m3_per_h=asked(0), new_bursts=np.ones(len(CASE.junction_id)))
    assert service.leakage_m3 == 0
    assert service.bursts_open == 0


# ---- wells


def test_wells_of_no_size_change_no_byte():
    nothing = np.zeros(DISTRICTS)
    some = np.full(DISTRICTS, 50.0)
    runs = [
        WaterNetwork(CASE, DISTRICTS),
        WaterNetwork(CASE, DISTRICTS, nothing, nothing),
        WaterNetwork(CASE, DISTRICTS, some, some, mechanisms=Mechanisms(local_wells=False)),
    ]
    closed = np.array([0.0, 1.0, 0.3, 0.0])
    seen = set()
    for network in runs:
        services = [network.serve(asked_m3_per_h=asked(h), water_cut_off_frac=closed) for h in range(6)]
        seen.add(b"".join(s.delivered_m3_per_h.tobytes() + s.tank_level_m.tobytes() for s in services))
    assert len(seen) == 1


def test_a_well_feeds_its_cut_off_district_and_homes_first(with_wells):
    """Pump and tank while they last, then the pump alone; bulk users after homes."""
    with_wells.reset()
    closed = np.arange(DISTRICTS) == 1
    first = with_wells.serve(asked_m3_per_h=asked(8), water_cut_off_frac=closed.astype(float))
    balances(first, 8)
    assert district_share(first, 8).min() > 0.99
    for hour in range(9, 60):
        service = with_wells.serve(asked_m3_per_h=asked(hour), water_cut_off_frac=closed.astype(float))
        balances(service, hour)
    own_m3 = service.delivered_m3_per_h[CASE.junction_district == 1].sum()
    assert own_m3 == pytest.approx(with_wells.well_m3_per_h[1])
    assert service.well_m3[1] == pytest.approx(with_wells.well_m3_per_h[1])
    np.testing.assert_allclose(service.well_kw, 0.5 * service.well_m3)
    served = np.divide(
        service.delivered_m3_per_h, asked(59), where=asked(59) > 0, out=np.ones(len(asked(59)))
    )
    bulk_there = (CASE.junction_district == 1) & (CASE.junction_bulk_frac > 0)
    homes_there = (CASE.junction_district == 1) & (CASE.junction_bulk_frac == 0)
    assert served[bulk_there].max() <= served[homes_there].min() + 1e-9
    assert 0.2 < served[homes_there].min() < 0.9


def test_wells_relieve_the_mains_and_help_when_these_run_dry(with_wells, water):
    with_wells.reset()
    for hour in range(24):
        helped, alone = with_wells.serve(asked_m3_per_h=asked(hour)), None
    water.reset()
    for hour in range(24):
        alone = water.serve(asked_m3_per_h=asked(hour))
    assert helped.source_m3.sum() < alone.source_m3.sum()
    for hour in range(48):
        helped = with_wells.serve(asked_m3_per_h=asked(hour), works_on=DARK)
        alone = water.serve(asked_m3_per_h=asked(hour), works_on=DARK)
        balances(helped, hour)
    assert alone.delivered_m3_per_h.sum() < 1.0
    assert helped.delivered_m3_per_h.sum() == pytest.approx(with_wells.well_m3_per_h.sum(), rel=1e-4)
    silent = with_wells.serve(
        asked_m3_per_h=asked(0), works_on=DARK, wells_on=np.zeros(DISTRICTS, dtype=bool)
    )
    assert silent.well_m3.sum() == 0
    assert silent.well_kw.sum() == 0


def test_a_well_and_its_tank_by_hand():
    """10 m3/h and a tank of 20: cut off from a demand of 18, the tank lasts two and a half hours."""
    wells = Wells(np.array([10.0]), np.array([20.0]))
    cut, nothing, on = np.array([18.0]), np.zeros(1), np.ones(1, dtype=bool)
    given_m3 = [float(wells.give(wells.plan(nothing, cut, on), cut)[0]) for _ in range(4)]
    assert given_m3 == [18.0, 18.0, 14.0, 10.0]
    draw = wells.plan(np.array([18.0]), nothing, on)
    assert (draw.refill_m3[0], draw.to_open_m3[0]) == (10.0, 0.0)
    wells.give(draw, nothing)
    assert wells.stored_m3[0] == 10.0


# ---- conservation


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_water_is_made_or_lost_whatever_is_switched(with_wells, data):
    with_wells.reset()
    for hour in range(data.draw(st.integers(2, 14))):
        rows = st.lists(st.booleans(), min_size=DISTRICTS, max_size=DISTRICTS).map(np.array)
        two = st.lists(st.booleans(), min_size=2, max_size=2).map(np.array)
        closed = np.array(data.draw(st.lists(st.floats(0, 1), min_size=DISTRICTS, max_size=DISTRICTS)))
        burst = data.draw(st.integers(0, len(CASE.junction_id) - 1))
        service = with_wells.serve(
            asked_m3_per_h=asked(hour),
            water_cut_off_frac=closed,
            trunk_mains_shut=data.draw(rows),
            works_on=data.draw(two),
            pumps_on=data.draw(two),
            wells_on=data.draw(rows),
            yield_frac=data.draw(st.floats(0, 1)),
            new_bursts=np.eye(len(CASE.junction_id))[burst],
        )
        balances(service, hour)


def test_levels_are_those_of_epanet_after_every_hour_and_restart():
    network = WaterNetwork(CASE, DISTRICTS)
    engine, demand = network._engine, CASE.junction_demand_m3_per_h
    first = network.tank_level_m.tolist()
    for _ in range(3):
        before = network.tank_level_m.tolist()
        service = network.hour(demand)
        levels = [epanet.EN_getnodevalue(engine._p, n, EN.EN_PRESSURE)[1] for n in engine.file.tank_node]
        assert network.tank_level_m.tolist() == service.tank_level_m.tolist() == levels
        assert levels != before
    network.reset()
    assert network.tank_level_m.tolist() == first


# ---- rules


def test_rules_of_net3_come_from_its_file(water):
    rules = water.rules
    assert rules.link_id == ("10", "335")
    assert list(rules.tank) == [-1, 0]
    np.testing.assert_allclose([rules.open_at[1], rules.shut_at[1]], np.array([17.1, 19.1]) * 0.3048)
    low, off = np.array([4.0, 12.0, 8.0]), np.zeros(2, dtype=bool)
    assert list(pumps_wanted(low, off, rules)) == [mean_fill_frac(low, rules) < 0.6, True]
    full = rules.tank_high_m
    assert not pumps_wanted(full, ~off, rules).any()


def test_without_tanks_pumps_run():
    none = np.zeros(0)
    rules = SwitchRules(("p",), np.array([-1]), np.array([np.inf]), np.array([np.inf]), none, none, none)
    assert pumps_wanted(none, np.array([False]), rules)[0]


# ---- files and messages


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(UnreadableNetwork, match=r"nowhere\.inp: no such file"):
        WaterNetwork.from_inp(tmp_path / "nowhere.inp")


def test_a_broken_line_is_named(tmp_path):
    broken = tmp_path / "broken.inp"
    text = NET3.read_text().replace(" 105             \t28.5", " 105             \tabc")
    broken.write_text(text)
    line = 1 + next(i for i, words in enumerate(text.splitlines()) if "abc" in words)
    with pytest.raises(UnreadableNetwork, match=rf"broken\.inp:{line}: .*illegal numeric value abc"):
        WaterNetwork.from_inp(broken)


@pytest.mark.parametrize(
    "text", ["", "not a network", "[JUNCTIONS]\n a 0 1\n b 0 1\n[PIPES]\n p a b 9 9 9 0 Open\n"]
)
def test_what_is_no_network_is_refused(tmp_path, text):
    path = tmp_path / "odd.inp"
    path.write_text(text)
    with pytest.raises(UnreadableNetwork, match=r"odd\.inp"):
        WaterNetwork.from_inp(path)


def test_a_city_needs_a_source():
    net2 = WaterNetwork.from_inp(NET3.parent / "Net2.inp").case
    with pytest.raises(UnreadableNetwork, match="no source"):
        WaterNetwork(net2, 1)


def test_unknown_names_are_refused():
    network = WaterNetwork.from_inp(NET3)
    with pytest.raises(ValueError, match="pumps of this network: 10, 335"):
        network.hour(pumps_without_power=["336"])
    with pytest.raises(ValueError, match="leaks"):
        network.hour(leaks={"nowhere": 1.0})


def test_a_case_of_another_file_is_refused():
    with pytest.raises(ValueError, match="sources are not the file's"):
        WaterNetwork(replace(CASE, source_id=("River", "Sea")), DISTRICTS)


def test_nothing_is_printed_and_no_file_is_left(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    network = WaterNetwork(CASE, DISTRICTS)
    for hour in range(30):
        network.serve(asked_m3_per_h=asked(hour), works_on=DARK)
    with pytest.raises(UnreadableNetwork):
        WaterNetwork.from_inp(tmp_path / "none.inp")
    del network
    out = capfd.readouterr()
    assert (out.out, out.err) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_every_number_says_where_it_comes_from():
    for item in evidence(WaterParameters()):
        assert item.unit
        assert len(item.source) > 10
        assert item.low <= item.value <= item.high
