# %% [markdown]
# # 解答
#
# 「最初の停電」と「対策の比較」の「やってみよう」の解答例です。先に自分で試してください。別の答えが正しいこともあります。大切なのは、計算で裏づけることです。
#
# 前と同じように、文章で述べた事実は、セルの `assert` で確かめています。

# %%
# %matplotlib inline
import pandas as pd

import agentsim as sim
from agentsim.report.tables import HIGHER, LOWER, verdict
from agentsim.report.wording.plans import plan_text

pd.set_option("display.max_colwidth", None)  # 計画を最後まで表示する
VICTIM = "Southshore"
hostile = sim.load("../scenarios/hostile_operator.toml")
blackout = hostile.with_changes(
    {"hours": 240, "place.households": 600, "attacker.strikes": [f"A1 {VICTIM}", f"A4 {VICTIM}"]}
)


def two_homes(city):
    """最初のノートブックの二つの家庭:太陽光パネルのない家とある家。"""
    neighbours = city.households.select(lambda home: home.district == VICTIM)
    plain = next(home for home in neighbours if home.pv_kw == 0 and home.battery_kwh == 0)
    return plain, next(home for home in neighbours if home.pv_kw > 0)


# %% [markdown]
# ## 最初の停電
#
# **1. 水だけを止める攻撃。** どちらの家も困ります。太陽光パネルは水を出せないので、違いは生じません。電気の時計は0のままです。

# %%
dry = blackout.with_changes({"attacker.strikes": [f"A4 {VICTIM}"]})
city = sim.Society(dry, policies=[], attacker="coercer:scripted", seed=1)
homes = two_homes(city)
city.run()
clocks = {name: home.clocks_h for name, home in zip(("普通の家", "太陽光の家"), homes, strict=True)}
for home in homes:
    assert home.clocks_h["power"] == 0
    assert home.clocks_h["water"] == 48
    assert home.deprivation_h > 100
pd.DataFrame(clocks).rename(index=lambda need: f"{need} [時間]")

# %% [markdown]
# **2. 「太陽光の家」の蓄電池。** 昼の電気を夜に回せるので、電気の時計の最大値は下がります。生活の不自由さはほとんど減りません。水も止められていて、水のほうが重いからです。

# %%
rows = {}
for battery_kwh in (0.0, 12.5):
    city = sim.Society(blackout, policies=[], attacker="coercer:scripted", seed=1).run(hours=72)
    sunny = two_homes(city)[1]
    sunny.battery_kwh += battery_kwh
    highest = 0.0
    while city.hour < 144:
        city.live_hour()
        highest = max(highest, sunny.clocks_h["power"])
    rows[f"{battery_kwh:g} kWh"] = (highest, sunny.deprivation_h)
battery = pd.DataFrame(rows, index=["電気の時計の最大値 [時間]", "生活の不自由さ [重み付き時間]"]).T
without, with_one = rows["0 kWh"], rows["12.5 kWh"]
assert with_one[0] < without[0]
assert 0.95 * without[1] < with_one[1] < without[1]
battery.round(1)

# %% [markdown]
# **3. 制御室を持たない攻撃者。** 始める前に断念し、「なぜ、そんなことができたのか」の表は空になります。表が言いたいのはこのことです。指令は、出した者にその設備を操作する権限があるときだけ効力を持ちます。

# %%
powerless = blackout.with_changes({"attacker.foothold": []})
city = sim.Society(powerless, policies=[], attacker="coercer:scripted", seed=1).run()
print([(event.hour, event.kind) for event in city.events])
assert [event.kind for event in city.events] == ["quit"]
assert city.record.total("power_restricted_mwh") == 0

# %% [markdown]
# **4. 実在の都市に `E-C2` を勧める前に知りたいこと。** たとえば、その都市の送電網を分けたときの動き、実際の費用と負担する人、自治体に運用できるか、**自治体の**制御室の守りの固さ。そして最も大切なのは、攻撃者が代わりに何をするかです。どれもこのノートブックからはわかりません。架空の都市一つと、仮定の費用しか扱っていないからです。

# %% [markdown]
# ## 対策の比較
#
# **1. 水も守る。** `E-C2` と `W-C1` があると、中央制御室から地区の設備に手が届きません。攻撃者は先に自治体を乗っ取るか、南浜をあきらめるかです。

# %%
short = hostile.with_changes({"hours": 192, "place.households": 400, "attacker.strikes": ["A1 Southshore"]})
planning = short.with_changes({"attacker.target": "Southshore", "mind.rollouts": 20})
towns = planning.build_place().districts
names = dict(zip(towns.name, towns.name_ja, strict=True))
plans = {}
for policies in ([], ["E-C2"], ["E-C2", "W-C1"]):
    city = sim.Society(planning, policies=policies, attacker="coercer:best_response", seed=1)
    plans["+".join(policies) or "対策なし"] = plan_text(city.plan, planning.attacker.first_hour, names)[1]
    last = city.plan
assert not last.strikes or [who for who, _ in last.efforts] == ["municipality:Southshore"]
pd.Series(plans).to_frame("計画")

# %% [markdown]
# **2. 無作為な攻撃とシード20個。** 区間の幅はシードの数の平方根に反比例するので、4倍のシードで半分になるはずです。`E-C2` ではほぼそうなります。`W-C1` では、シード5個の区間は狭すぎました。五つの攻撃が、たまたまこの対策にとって似たものだったのに対し、20個の中には違う攻撃もあるからです。シード5個からの見積もりは大きく外れることがあり、少ないシードで区間が狭いのは偶然かもしれません。

# %%
HARM = "deprivation_target_district"
widths = {}
for seeds in (5, 20):
    table = sim.compare(short, policies=["E-C2", "W-C1"], attackers=["coercer:random"], seeds=seeds)
    mine = table[table["outcome"] == HARM].set_index("policy").loc[["E-C2", "W-C1"]]
    widths[f"シード{seeds}個"] = 0.5 * (mine["difference_high"] - mine["difference_low"])
assert widths["シード20個"]["E-C2"] < widths["シード5個"]["E-C2"]
assert widths["シード20個"]["W-C1"] > 2 * widths["シード5個"]["W-C1"]
pd.DataFrame(widths).round(1).rename_axis("95 %区間の半分 [1人あたりの重み付き時間]")

# %% [markdown]
# **3. 費用を半分にする。** ここでは `E-C2` のマイクログリッドの蓄電池です。費用は下がりますが、被害はまったく変わらず、判定も変わりません。価格は支払う額を変えますが、設備の働きは変えません。

# %%
PRICE = "capital_jpy_per_household_year"
results = {}
for name, changes in {"通常の費用": {}, "半分": {"policy.E-C2.battery_capital_jpy": 75_000.0}}.items():
    table = sim.compare(
        short.with_changes(changes), policies=["E-C2"], attackers=["coercer:scripted"], seeds=5
    )
    mine = table[table["policy"] == "E-C2"].set_index("outcome")
    results[name] = {
        "費用 [円/世帯・年]": round(mine.loc[PRICE, "mean"]),
        "生活の不自由さの差": round(mine.loc[HARM, "difference"], 2),
        "判定": verdict(mine.loc[HARM].to_dict()),
    }
dear, cheap = results["通常の費用"], results["半分"]
assert cheap["費用 [円/世帯・年]"] < dear["費用 [円/世帯・年]"]
assert cheap["生活の不自由さの差"] == dear["生活の不自由さの差"]
assert cheap["判定"] == dear["判定"] == LOWER
pd.DataFrame(results)

# %% [markdown]
# **4. よい対策が悪影響を与える指標。** この計算で `E-C2` によって悪化した指標の一覧です。光熱・水道代は必ず入ります。一覧を証拠と考えないでください。これだけ多くの区間があれば、偶然で0を外れるものもあります。

# %%
table = sim.compare(short, policies=["E-C2"], attackers=["none"], seeds=5)
worse = []
for row in table[(table["policy"] == "E-C2") & table["difference"].notna()].to_dict("records"):
    better = sim.OUTCOMES[row["outcome"]].better if row["outcome"] in sim.OUTCOMES else 0
    if verdict(row) == {1: LOWER, -1: HIGHER}.get(better):
        worse.append((row["outcome"], sim.OUTCOMES[row["outcome"]].title_ja, row["unit"], row["difference"]))
assert "bill_jpy_per_household_month" in [name for name, *_ in worse]
pd.DataFrame(worse, columns=["outcome", "指標", "単位", "差"]).set_index("outcome").round(3)
