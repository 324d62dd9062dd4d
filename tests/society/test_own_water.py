"""Rain, groundwater and leaks in a whole society: conserved every hour, and one aquifer for all."""

import numpy as np
import pytest

ALL_OF_IT = ["W-S1", "W-S2", "W-S3", "W-C1"]
WET = {"weather.rain_factor": 3.0, "failures.main_bursts_per_km_year": 3.0, "mains.renewal_frac_per_y": 0.5}
DRY = {"weather.rain_factor": 0.0, "raw_water.start_frac": 0.02, "coupling.dam_low_frac": 1.1}
SMALL = {"aquifer.specific_yield": 0.0005, "aquifer.depth_m": 25.0, "aquifer.municipal_well_m": 34.0}
DIGGERS = {"policy.W-S3.private_well_frac": 1.5, "aquifer.private_well_m": 60.0}


@pytest.mark.parametrize("changes", [WET, DRY, SMALL | DIGGERS], ids=["wet", "dry", "overdrawn"])
def test_water_is_conserved_with_tanks_wells_basins_and_leaks(hamlet, changes):
    """The books of every hour close, else the run stops; here with all of it under attack."""
    society = hamlet(ALL_OF_IT, "coercer:random", 2, 120, changes | {"attacker.first_hour": 24})
    assert society.hour == 120
    ground, rain = society.service.groundwater, society.last.demand.rain
    assert np.isfinite([ground.depth_m, rain.stored_m3]).all()


def test_private_wells_take_the_water_of_municipal_ones(hamlet):
    careful, greedy = (
        hamlet(["W-C1", "W-S3"], hours=120, changes=SMALL | DIGGERS | more)
        for more in ({"policy.W-S3.private_well_frac": 0.0}, {})
    )
    depth = [run.outcomes["water_table_m"] for run in (careful, greedy)]
    assert depth[1] > depth[0] + 1.0
    pumped = [run.record.total("water_local_m3") for run in (careful, greedy)]
    assert pumped[1] < 0.8 * pumped[0]


def test_a_deeper_water_table_takes_more_power(hamlet):
    """The same wells and the same pumping, over ground that holds little water and much."""
    kw_per_m3 = []
    for specific_yield in (0.0004, 0.2):
        changes = {"aquifer.specific_yield": specific_yield, "weather.rain_factor": 0.0}
        water = hamlet(["W-C1"], hours=72, changes=changes).service.water
        kw_per_m3.append(water.well_kw.sum() / water.well_m3.sum())
    assert kw_per_m3[0] > kw_per_m3[1] + 0.02
    assert kw_per_m3[1] == pytest.approx(0.5, abs=0.002)


def test_firms_with_wells_ask_less_of_the_mains_and_more_of_the_grid(hamlet):
    off = {"mechanisms.charges": False, "mechanisms.rain_tanks": False}
    plain, wells = (hamlet(policies, hours=30, changes=off) for policies in ([], ["W-S3"]))
    pumped = wells.record.total("private_well_m3")
    spared = plain.record.total("water_asked_m3") - wells.record.total("water_asked_m3")
    assert spared == pytest.approx(pumped)
    load = wells.record.city["load_asked_mw"] - plain.record.city["load_asked_mw"]
    assert load[:30].sum() * 1000.0 == pytest.approx(pumped * 9.81 * 35.0 / 3600.0 / 0.55, rel=0.01)


def test_in_a_blackout_private_wells_stand_still(hamlet):
    siege = {"attacker.first_hour": 6, "attacker.strikes": ["A1 Southshore"], "attacker.mind": "scripted"}
    society = hamlet(["W-S3"], "coercer:scripted", 1, 12, siege)
    target = society.place.water.junction_district == society.target
    with_wells = society.place.water.junction_bulk_frac > 0
    pumped = society.last.demand.private_well_m3_per_h
    assert (pumped[target] == 0.0).all()
    assert pumped[~target & with_wells].sum() > 0.0


def test_leaks_share_stays_the_calibrated_one_at_the_start(hamlet):
    """Background and hidden bursts together make the mean share, over seeds."""
    share = [hamlet(seed=seed, hours=24).outcomes["leakage_share"] for seed in range(1, 13)]
    plain = hamlet(hours=24, changes={"mechanisms.hidden_bursts": False}).outcomes["leakage_share"]
    assert np.mean(share) == pytest.approx(plain, abs=2.5 * np.std(share) / np.sqrt(len(share)))
    assert np.std(share) > 0.0
