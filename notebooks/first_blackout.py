# %% [markdown]
# # A first blackout
#
# The people of a city share four networks: power, water, roads, and the supply of goods. In this notebook
# you watch one such city for ten days. On the fourth day somebody who has captured its control rooms cuts
# off one district. You will see how it begins, hour by hour, and what happens in two homes. Then we ask
# the most important question: *why was that possible?*
#
# You do not need to know agentsim. Run the cells from top to bottom; each takes a few seconds at most.
# Where the text states a fact about the run, the next cell checks it with `assert`. If you change a
# number and the fact is no longer true, the notebook tells you.
#
# The city is invented and most of its numbers are assumptions. The notebook shows how such a system
# works. It does not forecast any real place.

# %%
# %matplotlib inline
import matplotlib.pyplot as plt
import pandas as pd

import agentsim as sim
from agentsim.place.build import build
from agentsim.report.figures import run_figure
from agentsim.report.place_map import place_map
from agentsim.report.story import clock, story

plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## A scenario, and a city
#
# A scenario is a text file: where, when, how many homes, who attacks. We take the scenario *hostile
# operator* and make it small: ten days, and 600 homes that stand for all homes of the city. We also write
# down the attack, so that we know what will happen: `A1` opens a district's breakers, `A4` shuts its
# water valves.

# %%
VICTIM = "Southshore"
scenario = sim.load("../scenarios/hostile_operator.toml").with_changes(
    {
        "hours": 240,
        "place.households": 600,
        "attacker.strikes": [f"A1 {VICTIM}", f"A4 {VICTIM}"],
    }
)
city = sim.Society(scenario, policies=[], attacker="coercer:scripted", seed=1)
pd.Series(city.counts).to_frame("in this city").T

# %% [markdown]
# The water network and the grid are not invented. The water network is EPANET's example Net3; the grid is
# the IEEE Reliability Test System of 1979. Engineers have used both for decades to compare their methods.
# The roads follow the water mains, because mains usually lie under streets.

# %%
place_map(build("bay_city"))

# %% [markdown]
# Each coloured area is a **district** with its own municipality. Find Southshore, in the south. Then find
# the octagon in Old Town: it marks the three control rooms, for power, water and traffic. Each of them
# serves the whole city. This will be important.

# %% [markdown]
# ## Three ordinary days
#
# `run` simulates some hours. All results go into `city.record`, and important changes become events.

# %%
city.run(hours=72)
hours = city.record.by_hour()

figure, axes = plt.subplots(figsize=(9, 2.8), layout="constrained")
axes.plot(hours["hour"] / 24, hours["load_asked_mw"], color="#0072B2", label="load [MW]")
axes.set(xlabel="days since the start", ylabel="load [MW]", ylim=(0, None))
beside = axes.twinx()
beside.plot(hours["hour"] / 24, hours["temperature_degc"], color="#D55E00", lw=1, label="temperature [°C]")
beside.set(ylabel="temperature [°C]", ylim=(0, 40))
beside.spines["right"].set_visible(True)
figure.legend(loc="outside upper center", ncols=2, frameon=False)
plt.show()

# %% [markdown]
# It is August. The load rises with the heat, because air conditioners use power. It is highest in the
# evening, when people are at home. Nobody orders a cut, and almost all of the power that people ask for
# is delivered.

# %%
unserved = city.record.total("power_unserved_mwh") / city.record.total("power_asked_mwh")
print(f"not served: {unserved:.3%} of the power that was asked for")

assert unserved < 0.001
assert 17 <= hours["load_asked_mw"].idxmax() % 24 <= 22
assert not [event for event in city.events if event.kind.startswith(("attack", "restriction"))]
assert hours["load_asked_mw"].corr(hours["temperature_degc"]) > 0.5

# %% [markdown]
# ## The hour in which it begins
#
# Now we look at single hours. `live_hour` simulates one hour and returns all of its data: what people
# asked for, which orders were in force, and what the four networks delivered.

# %%
district = city.place.districts.name.index(VICTIM)
feeders = city.place.feeders.district == district  # the wires that end in the district
junctions = city.place.water.junction_district == district  # and the pipes

rows, hours_seen = [], []
for _ in range(6):
    now = city.live_hour()
    power, water = now.service.power, now.service.water
    rows.append(
        {
            "hour": clock(now.number).replace(" ", "\N{NO-BREAK SPACE}"),
            "power delivered [MW]": power.delivered_mw[feeders].sum(),
            "cut by order [MW]": power.restricted_mw[feeders].sum(),
            "shed for lack of power [MW]": power.shed_mw[feeders].sum(),
            "water delivered [m³/h]": water.delivered_m3_per_h[junctions].sum(),
            "cut by order [m³/h]": water.restricted_m3_per_h[junctions].sum(),
        }
    )
    hours_seen.append(now)
print(f"{VICTIM}:")
pd.DataFrame(rows).set_index("hour").round(1)

# %% [markdown]
# People can lose power for two reasons. With **load shedding** there is too little power, or no working
# line to carry it. With a **restriction** there is enough power, but somebody has ordered a cut. This is
# a restriction. Nothing is broken, the power stations run, and all other districts are served.

# %%
for now in hours_seen:
    power = now.service.power
    assert power.restricted_mw[feeders].sum() > 100 * power.delivered_mw[feeders].sum()
    assert power.restricted_mw[~feeders].sum() == 0.0
    assert power.shed_mw.sum() < 0.001 * power.delivered_mw.sum()

# %% [markdown]
# ## Two homes
#
# Every household is an agent (a [Mesa](https://mesa.readthedocs.io) agent, if you know Mesa). It has an
# address, people, an income, some food and some bottles of water. It may have a car or solar panels. We
# choose two homes in Southshore: one without solar panels (the *plain* home), and one with panels on the
# roof (the *sunny* home).

# %%
neighbours = city.households.select(lambda home: home.district == VICTIM)
plain = next(home for home in neighbours if home.pv_kw == 0 and home.battery_kwh == 0)
sunny = next(home for home in neighbours if home.pv_kw > 0)
homes = {"plain": plain, "sunny": sunny}

facts = ("persons", "decile", "car", "pv_kw", "battery_kwh", "food_days", "home_water_l")
pd.DataFrame({name: {fact: getattr(home, fact) for fact in facts} for name, home in homes.items()}).round(1)

# %% [markdown]
# For each need a home counts the hours that it has gone without; we call this count its *clock*. We let
# the city run until the end of the sixth day, and read the clocks every hour.

# %%
diary = []
while city.hour < 144:
    now = city.live_hour()
    for name, home in homes.items():
        clocks = {f"{need} clock": h for need, h in home.clocks_h.items()}
        diary.append(
            {
                "hour": now.number,
                "home": name,
                **clocks,
                "water_l": home.home_water_l,
                "deprivation": home.deprivation_h,
            }
        )
diary = pd.DataFrame(diary)

panels = {
    "power clock": "without power [h]",
    "water clock": "without water [h]",
    "water_l": "water at home [L]",
    "deprivation": "deprivation [weighted h]",
}
figure, grid = plt.subplots(2, 2, figsize=(10, 5), sharex=True, layout="constrained")
for axes, (column, label) in zip(grid.flat, panels.items(), strict=True):
    for name, colour in (("plain", "#0072B2"), ("sunny", "#E69F00")):
        mine = diary[diary["home"] == name]
        axes.plot(mine["hour"] / 24, mine[column], color=colour, label=f"the {name} home")
    axes.set_title(label, fontsize=10)
    axes.grid(linewidth=0.4, alpha=0.6)
for axes in grid[1]:
    axes.set_xlabel("days since the start")
figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
plt.show()

# %% [markdown]
# Read the four panels together:
#
# - Whenever the sun shines, the *sunny* home's power clock falls. The *plain* home's power clock only
#   rises, up to 48 h, where clocks end.
# - While a home has bottled water, its water clock runs slowly. Then the bottles are empty, and solar
#   panels do not help against that.
# - **Deprivation** does not simply count hours. An hour without counts `exp(b t) - 1`, where `t` is the
#   time already gone without (after Holguín-Veras and others, 2013). A later hour therefore counts more
#   than an earlier one, and the curves bend upwards.

# %%
cut_off = diary[diary["hour"] < diary.loc[diary["water clock"].idxmax(), "hour"]]
first, second = (cut_off[cut_off["home"] == name].reset_index() for name in homes)
for name, one in (("plain", first), ("sunny", second)):
    dark_h, dry_h = one["power clock"].max(), one["water clock"].max()
    print(f"the {name} home: {dark_h:.0f} h on the power clock, {dry_h:.0f} h on the water clock")

rises = first["power clock"].diff().dropna()
assert (rises > 0)[first["power clock"] < 48].all()
assert (rises >= 0).all()
assert (second["power clock"].diff() < 0).any()
assert first["water_l"].iloc[-1] == second["water_l"].iloc[-1] == 0
bottles = first["water_l"] > 0
dry = ~bottles & ~bottles.shift(fill_value=True) & (first["water clock"] < 47)
steps = first["water clock"].diff()
assert steps[bottles].max() < 0.5 < 0.99 < steps[dry].min()
assert plain.deprivation_h > sunny.deprivation_h > 0

# %% [markdown]
# Two homes are only two examples. Here is the mean of all homes in each district.

# %%
people = pd.DataFrame(
    [(home.district, home.persons, home.persons * home.deprivation_h) for home in city.households],
    columns=["district", "persons", "deprivation_h"],
)
sums = people.groupby("district").sum()
by_district = sums["deprivation_h"] / sums["persons"]
assert by_district.idxmax() == VICTIM
assert by_district.drop(VICTIM).max() < 0.1 * by_district[VICTIM]
by_district.sort_values(ascending=False).round(2).to_frame("deprivation [weighted h per person]")

# %% [markdown]
# ## Why was it possible?
#
# Nothing had failed. We go back step by step: from the dark homes to the order, from the order to the
# principal that gave it, and from there to the rule that allowed it. A *principal* is an office that can
# give orders, such as a control room.

# %%
orders = [order for order in hours_seen[0].permitted.applied if order.action == "restrict"]
chain = []
for order in orders:
    asset = city.control.assets[order.asset]
    chain.append(
        {
            "what was ordered": f"{order.action} {order.asset}",
            "who ordered it": order.principal,
            "who may order it": ", ".join(asset.holding.holders),
        }
    )
attacker = next(iter(city.bad_actors))
print("captured by the attacker:", ", ".join(attacker.captured))
pd.DataFrame(chain)

# %% [markdown]
# This is the answer. **One** control room operates the breakers of every district, and one control room
# operates all water valves. Anybody who holds these rooms can use them against any district, and the
# attacker holds them. The municipality of Southshore may not operate its own breakers. An order takes
# effect only along an edge of the **control graph**, and the municipality has no edge to these breakers.

# %%
assert {order.principal for order in orders} <= set(attacker.captured)
assert not city.control.holds(f"municipality:{VICTIM}", f"breakers:{VICTIM}")
for name in city.place.districts.name:
    assert city.control.holds("power_control_room", f"breakers:{name}")

# %% [markdown]
# ## What happens next

# %%
city.run()
print("\n".join(story(city.events)))

# %%
run_figure(
    city.record.by_district(),
    "Ten days, district by district",
    (
        ("power_restricted_mwh", "power cut\nby order [MWh]"),
        ("water_restricted_m3", "water cut\nby order [m³]"),
        ("deprivation_h", "deprivation added\n[weighted h\nper person]"),
    ),
)

# %% [markdown]
# The attacker is a **coercer**: it wants to break Southshore's will. In this run nobody gives in, and the
# cut goes on to the end. A district that may give in is another question. We ask it with one setting:

# %%
may_give_in = scenario.with_changes({"attacker.persistence": "until_concession"})
siege = sim.Society(may_give_in, policies=[], attacker="coercer:scripted", seed=1).run()
gave_in = [event for event in siege.events if event.kind == "concession"]
for name, one in (("nobody gives in", city), ("the district may give in", siege)):
    cut_h = int((one.record.at["power_restricted_mwh"].sum(axis=1) > 0).sum())
    print(f"{name}: power cut in {cut_h} hours, {one.outcomes['conceded']:.0f} concessions")

# %% [markdown]
# It gives in on the second day, and the attack is over. So a short attack may be a *bad* sign: perhaps
# people could bear no more. Remember this when you read a table of blackout hours. From here on nobody gives
# in, so that all cuts last equally long.

# %%
assert [event.where for event in gave_in] == [VICTIM]
assert 72 + 24 <= gave_in[0].hour < 72 + 48
assert city.outcomes["conceded"] == 0
assert siege.outcomes["deprivation_target_district"] < city.outcomes["deprivation_target_district"]

# %% [markdown]
# ## Change one thing
#
# We run the same ten days again, with the same weather, the same people and the same failures; `seed=1`
# fixes them. Only the rules change. With `E-C2` each district has a small grid that it can run by itself.
# With `W-C1` the municipality has its own valves and wells.

# %%
rules = {
    "nobody attacks": ([], "none"),
    "no policy": ([], "coercer:scripted"),
    "E-C2: local power": (["E-C2"], "coercer:scripted"),
    "W-C1: local water": (["W-C1"], "coercer:scripted"),
    "both": (["E-C2", "W-C1"], "coercer:scripted"),
}
district_h = {}
for name, (policies, foe) in rules.items():
    other = sim.Society(scenario, policies=policies, attacker=foe, seed=1).run()
    deprivation_h = other.record.at["deprivation_h"][:, district].sum()
    district_h[name] = deprivation_h
result = pd.Series(district_h)

figure, axes = plt.subplots(figsize=(9, 2.4), layout="constrained")
bars = axes.barh(result.index, result, color=["#999999", "#D55E00", "#56B4E9", "#56B4E9", "#0072B2"])
axes.bar_label(bars, fmt="%.1f", padding=4)
axes.set(xlabel=f"deprivation in {VICTIM} [weighted h per person]")
axes.invert_yaxis()
plt.show()

# %% [markdown]
# Each measure alone takes away less than half of the harm, although it does exactly what it promises. The
# attacker cuts power and water, and the one that is left is enough to make life very hard. With both measures
# it can cut neither.
# Under another attack the order of these bars can change. So this is not yet a result: it is **one seed
# and one attack**, a single example. The next notebook, *compare policies*, asks the question properly.

# %%
assert result["nobody attacks"] < 0.01 * result["no policy"]
assert result["both"] < 0.05 * result["no policy"]
for alone in ("E-C2: local power", "W-C1: local water"):
    assert result[alone] > 0.5 * result["no policy"]

# %% [markdown]
# ## For you to try
#
# 1. Predict first, then run: let the attack cut water alone (`"attacker.strikes": ["A4 Southshore"]`).
#    Which home suffers: the plain one, the sunny one, or both?
# 2. Give the *sunny* home a battery before the attack begins: `sunny.battery_kwh = 12.5`. You can write a
#    household's attributes as well as read them.
# 3. Take the control rooms away from the attacker (`"attacker.foothold": []`). What does the table under
#    *Why was it possible?* say now?
# 4. What would you want to know before you advise a real city to buy `E-C2`? Write down three things that
#    this notebook cannot tell you.
#
# Solutions are in the notebook *Solutions* (`solutions.ipynb`).
