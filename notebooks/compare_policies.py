# %% [markdown]
# # Comparing policies, and what the result does and does not show
#
# In *A first blackout* you saw one city in one attack. It ended with a warning: one seed is only one
# example. Here you ask properly. Which policy helps a district that is cut off? How sure can you be? What
# does it cost? And does the answer hold against an attacker that adapts to the policy?
#
# You will learn three habits: **pair** your runs, **read intervals** and not only means, and **let the
# attacker adapt** to your policy.
#
# As before: where the text states a fact, a cell checks it with `assert`.

# %%
# %matplotlib inline
import math

import matplotlib.pyplot as plt
import pandas as pd

import agentsim as sim
from agentsim.report.story import clock
from agentsim.report.tables import HIGHER, LOWER, SAME, UNCLEAR, verdict
from agentsim.report.wording.names import action_name

plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
pd.set_option("display.max_colwidth", None)  # plans are read to their end

# %% [markdown]
# ## The question
#
# Somebody captures the power control room and cuts off one district of Bay City. We simulate eight days; the
# attack begins on the fourth and goes on to the end. We compare three policies:

# %%
scenario = sim.load("../scenarios/hostile_operator.toml").with_changes(
    {"hours": 192, "place.households": 400, "attacker.strikes": ["A1 Southshore"]}
)
POLICIES = ["E-C2", "W-C1", "X-C5"]
pd.Series({name: sim.POLICIES[name].name for name in POLICIES}).to_frame("policy")

# %% [markdown]
# With `E-C2` a district can run its own small grid, and its municipality operates the breakers. With
# `W-C1` it has its own valves and wells. With `X-C5` people keep batteries, food and water at home.
#
# ## Five seeds
#
# A **seed** fixes everything that is left to chance: weather, failures, who lives where. `compare` runs
# every policy, and no policy, with the same five seeds, with and without the attack. A seed brings the
# same weather and the same failures to every policy. So we may subtract one run from the other, and the
# difference is the effect of the policy. That is what *paired* means.

# %%
table = sim.compare(scenario, policies=POLICIES, attackers=["none", "coercer:scripted"], seeds=5)

assert not table.attrs["failures"]
columns = ["policy", "attacker", "outcome", "unit", "mean", "difference"]
table.loc[table["difference"].notna(), columns].head(3)

# %% [markdown]
# The table has one row for each policy, attacker and outcome. There are many outcomes. We read one of
# them: the deprivation of the district that is attacked. Its unit is the weighted hour per person. An
# hour without counts more, the longer a person has already gone without.

# %%
HARM = "deprivation_target_district"


def reading(table, outcome):
    """One outcome: the mean, the change against no policy, its 95 % interval, and the verdict."""
    mine = table[(table["outcome"] == outcome) & table["mean"].notna()]
    lines = {}
    for row in mine.to_dict("records"):
        says = verdict(row) if row["policy"] != "none" else ""
        mean, change, low, high = (
            round(row[key], 1) + 0.0 for key in ("mean", "difference", "difference_low", "difference_high")
        )
        change, interval = (f"{change:+.1f}", f"{low:+.1f} to {high:+.1f}") if says else ("", "")
        lines[row["policy"]] = (f"{mean:.1f}", change, interval, says)
    heads = ["mean", "change", "95 % interval of the change", "verdict"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=heads)


attacked = table[table["attacker"] == "coercer:scripted"]
harm = reading(attacked, HARM)
harm

# %% [markdown]
# Read the interval first and the mean last. `E-C2` lowers the deprivation: its whole interval lies below
# zero. `W-C1` changes nothing, because it concerns valves, and the attack did not touch a valve. `X-C5` also
# lowers it, but only by about a tenth: stocks at home last for a day, and the cut for five.

# %%
assert harm.loc["E-C2", "verdict"] == LOWER
assert harm.loc["W-C1", "verdict"] in (SAME, UNCLEAR)
assert harm.loc["X-C5", "verdict"] == LOWER

# %% [markdown]
# The figure shows the main outcomes at once. Hollow marks: no attack. Full marks: attack. Blue is better,
# orange is worse, and grey means that these seeds show no difference.

# %%
sim.plot(table)

# %% [markdown]
# Two points need a closer look.
#
# **Everybody pays, with or without an attack.** For the bill, the hollow and the full marks lie close
# together. People who buy protection pay for it also in the years without an attack.

# %%
bill = table[table["outcome"] == "bill_jpy_per_household_month"].set_index(["attacker", "policy"])
for policy in POLICIES:
    calm, attack = bill.loc[("none", policy)], bill.loc[("coercer:scripted", policy)]
    low, high = calm["difference_low"], calm["difference_high"]
    print(
        f"{policy}: {low:.0f} to {high:.0f} JPY a month more without an attack,"
        f" {attack['difference']:.0f} with an attack"
    )
    assert low > 0

# %% [markdown]
# **With `X-C5` more power is *not* served.** Does `X-C5` make blackouts worse? Before you believe this
# number, look at another outcome of the same runs.

# %%
unserved, moved = reading(attacked, "ens_mwh"), reading(attacked, "households_moved")
print(f"power not served with X-C5 [MWh]: {', '.join(unserved.loc['X-C5', unserved.columns[1:]])}")
print(f"households that left the city with X-C5: {', '.join(moved.loc['X-C5', moved.columns[1:]])}")

assert unserved.loc["X-C5", "verdict"] == HIGHER
assert moved.loc["X-C5", "verdict"] == LOWER

# %% [markdown]
# It does not. With stocks at home fewer people flee. Those who stay ask for power, and do not get it. The
# number is correct, but it does not mean that people are worse off.
#
# **And does the district give in?** So far nobody did. Whether people suffer and whether they give in are two
# questions, and each needs runs of its own.

# %%
siege = scenario.with_changes({"attacker.persistence": "until_concession"})
waits = sim.compare(siege, policies=["X-C5"], attackers=["coercer:scripted"], seeds=5)
until = reading(waits, "time_to_concession_h")
until

# %%
gave_in = {}
for name, policies in (("no policy", []), ("X-C5", ["X-C5"])):
    city = sim.Society(siege, policies=policies, attacker="coercer:scripted", seed=1).run()
    gave_in[name] = next(event.hour for event in city.events if event.kind == "concession")
    print(f"{name}: Southshore gives in on {clock(gave_in[name])}")

assert until.loc["X-C5", "verdict"] == HIGHER
assert gave_in["X-C5"] > gave_in["no policy"]
assert reading(waits, HARM).loc["X-C5", "verdict"] in (SAME, UNCLEAR)

# %% [markdown]
# With stocks at home the district holds out some hours longer. Its deprivation is the same: a siege that ends
# when people can bear no more always ends at about the same deprivation. Never use it to compare harm.

# %% [markdown]
# ## What five seeds cannot show
#
# So far the attack was always the same. Now the attacker chooses at random: which district, which day,
# and power, water or roads.

# %%
at_random = sim.compare(scenario, policies=["E-C2", "W-C1"], attackers=["coercer:random"], seeds=5)
random_harm = reading(at_random, HARM)
random_harm

# %% [markdown]
# The intervals are wide. Each seed is now a different attack, and a policy helps against one attack and not
# against the next. How many seeds would show an effect of a tenth of the deprivation? An interval shrinks
# with the square root of the number of seeds, so we can estimate it.

# %%
mine = at_random[at_random["outcome"] == HARM].set_index("policy")
wanted = 0.1 * mine.loc["none", "mean"]
for policy in ("E-C2", "W-C1"):
    half = 0.5 * (mine.loc[policy, "difference_high"] - mine.loc[policy, "difference_low"])
    needed = math.ceil(5 * (half / wanted) ** 2)
    print(f"{policy}: ± {half:.1f} with 5 seeds; about {needed} seeds for ± {wanted:.1f}")

halves = 0.5 * (mine["difference_high"] - mine["difference_low"])
assert halves.max() > wanted

# %% [markdown]
# Even with many seeds, three things remain open:
#
# - **If you ask many questions, some answers are wrong.** The figure above holds dozens of intervals. Of
#   those whose true difference is zero, one in twenty excludes zero by chance. Decide *before* you run
#   which outcome you want to read.
# - **Seeds vary only chance.** All seeds share the same assumptions: what a microgrid costs, how well a
#   control room is protected, how soon people give in. A narrow interval does not make these assumptions
#   true. Change them (`with_changes`) and see whether your conclusion remains.
# - **It is one city.** Bay City is an invented place.

# %%
shown = table[table["difference"].notna() & table["outcome"].isin(sim.OUTCOMES)]
print(f"{len(shown)} intervals in this one table")
assert len(shown) > 20

# %% [markdown]
# ## Let the attacker adapt
#
# `E-C2` looked excellent because *we* wrote the attack, and it used exactly what `E-C2` protects. An
# attacker that plans looks at the policy first. `best_response` tries out attacks in small copies of the
# city, and carries out the best one that it has found. Here it tries at most 20, to save time; the
# default is more. Southshore remains its target. For each policy it chooses anew how to attack.

# %%
planning = scenario.with_changes({"attacker.target": "Southshore", "mind.rollouts": 20})
adapts = sim.compare(planning, policies=["E-C2"], attackers=["coercer:best_response"], seeds=5)

plans = {}
for name, policies in (("no policy", []), ("E-C2", ["E-C2"])):
    plan = sim.Society(planning, policies=policies, attacker="coercer:best_response", seed=1).plan
    strikes = ", ".join(f"{action_name(strike.action, 'en')} in {strike.where}" for strike in plan.strikes)
    plans[name] = (strikes, ", ".join(who for who, _ in plan.efforts) or "nobody")
pd.DataFrame.from_dict(plans, orient="index", columns=["its plan", "it first captures"])

# %%
answer = reading(adapts, HARM)
answer

# %%
attacks = {"the attack that we wrote": attacked, "an attacker that adapts": adapts}
means = {name: one[one["outcome"] == HARM].set_index("policy") for name, one in attacks.items()}

figure, axes = plt.subplots(figsize=(8, 2.6), layout="constrained")
for row, mean in enumerate(means.values()):
    for shift, policy, colour in ((-0.18, "none", "#999999"), (0.18, "E-C2", "#0072B2")):
        value, low, high = mean.loc[policy, ["mean", "low", "high"]]
        axes.barh(row + shift, value, 0.34, color=colour, label={"none": "no policy"}.get(policy, policy))
        axes.plot([low, high], [row + shift] * 2, color="black", lw=1)
        axes.text(high + 0.5, row + shift, f"{value:.1f}", va="center")
axes.set_yticks(range(len(means)), means)
axes.invert_yaxis()
axes.set(xlabel="deprivation in Southshore [weighted h per person], mean and its 95 % interval")
marks, names = axes.get_legend_handles_labels()
figure.legend(marks[:2], names[:2], loc="outside upper center", ncols=2, frameon=False)
plt.show()

# %% [markdown]
# This is the most important figure of the notebook. Against the attack that we wrote, `E-C2` left almost
# no deprivation. An attacker that looks first cuts power and water where there is no policy. Under `E-C2` it
# shuts the water alone, and most of the harm is still done. Judge a policy by an attacker that knows it, not
# only by the attack that it was made for.

# %%
written = means["the attack that we wrote"]["mean"]
adapted = means["an attacker that adapts"]["mean"]
assert written["E-C2"] < 0.1 * written["none"]
assert adapted["E-C2"] > 0.5 * adapted["none"]
assert "power cut (A1)" in plans["no policy"][0]
assert "Southshore" in plans["E-C2"][0]
assert "power cut (A1)" not in plans["E-C2"][0]

# %% [markdown]
# ## How to report it
#
# A correct statement about this notebook has four parts:
#
# - the place: *in this city and under these assumptions*;
# - the effect, with its interval: *distributed energy management removed almost all deprivation of a
#   district whose power was cut*;
# - the price: *at a cost to every household in every month*;
# - the limit: *an attacker that could use another network still did most of the harm*.
#
# If you leave one of them out, you claim more than you know.
#
# ## For you to try
#
# 1. Protect water too, with `E-C2+W-C1`. What does an attacker that adapts do now?
#    (`policies=["E-C2+W-C1"]`, `attackers=["coercer:best_response"]`; read the plan.)
# 2. Repeat the comparison with random attacks and 20 seeds. Was the estimate of the number of seeds
#    correct?
# 3. Halve a price of your choice. `agentsim check --show scenarios/hostile_operator.toml` lists every
#    number with its unit, its source and its evidence tag. Does any *verdict* change, or only a number?
# 4. Find an outcome in `sim.OUTCOMES` on which the policy that you like best does harm.
#
# Solutions are in the notebook *Solutions* (`solutions.ipynb`).
