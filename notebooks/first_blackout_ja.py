# %% [markdown]
# # 最初の停電
#
# 一つの都市の住民は、電力・水道・道路・物資の供給という四つのネットワークを共有しています。このノートブックでは、そのような都市を10日間観察します。4日目に、中央制御室を乗っ取った何者かが、一つの地区を切り離します。始まりを1時間ずつ追い、二つの家庭で何が起きるかを見て、最後に最も大切な問いを考えます。「なぜ、そんなことができたのか」。
#
# agentsim の知識は要りません。上から順にセルを実行してください。どのセルも長くて数秒です。文章で述べた事実は、次のセルの `assert` で確かめています。数値を変えて事実が成り立たなくなると、ノートブックが知らせます。
#
# 都市は架空で、数値の多くは仮定です。仕組みを示すもので、実在の場所を予測するものではありません。

# %%
# %matplotlib inline
import logging

import matplotlib.pyplot as plt
import matplotlib_fontja  # グラフの日本語(pip install 'agentsim[workshop]')
import pandas as pd

import agentsim as sim
from agentsim.place.build import build
from agentsim.report.figures import run_figure
from agentsim.report.place_map import place_map
from agentsim.report.wording.events import event_text, place_name

matplotlib_fontja.japanize()
logging.getLogger("matplotlib.font_manager").setLevel("ERROR")  # この書体に太字はない
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})

# %% [markdown]
# ## シナリオと都市
#
# シナリオは、場所、期間、世帯数、攻撃者を書いたテキストファイルです。「悪意ある運用者」(hostile operator)を小さくして使います。期間は10日間、計算する世帯は600で、これが都市の全世帯を代表します。何が起きるかわかるように、攻撃の内容も書いておきます。`A1` は地区の遮断器を開いて送電を止め、`A4` は給水弁を閉めます。

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
pd.Series(city.counts).to_frame("この都市の数").T

# %% [markdown]
# 水道網と送電網は架空ではありません。水道網は EPANET の例題 Net3、送電網は1979年の IEEE 信頼度試験系統です。どちらも、技術者が手法を比べるために何十年も使ってきました。道路は水道の本管に沿わせています。本管はふつう道路の下にあるからです。

# %%
place_map(build("bay_city"))

# %% [markdown]
# 色分けされた範囲が**地区**で、それぞれに自治体があります。南にある南浜(Southshore)を探してください。次に、旧市街(Old Town)にある八角形を探してください。電力・水道・交通の三つの中央制御室です。どれも市全体を受け持っています。これが後で重要になります。

# %% [markdown]
# ## 平常の3日間
#
# `run` は、指定した時間だけ計算します。結果はすべて `city.record` に入り、重要な変化は「出来事」(event)になります。

# %%
city.run(hours=72)
hours = city.record.by_hour()

figure, axes = plt.subplots(figsize=(9, 2.8), layout="constrained")
axes.plot(hours["hour"] / 24, hours["load_asked_mw"], color="#0072B2", label="需要 [MW]")
axes.set(xlabel="開始からの日数", ylabel="需要 [MW]", ylim=(0, None))
beside = axes.twinx()
beside.plot(hours["hour"] / 24, hours["temperature_degc"], color="#D55E00", lw=1, label="気温 [°C]")
beside.set(ylabel="気温 [°C]", ylim=(0, 40))
beside.spines["right"].set_visible(True)
figure.legend(loc="outside upper center", ncols=2, frameon=False)
plt.show()

# %% [markdown]
# 8月です。冷房が電気を使うので、需要は気温とともに増えます。最も多いのは、人びとが家にいる夕方です。供給を止める指令はなく、求められた電気のほとんどが届いています。

# %%
unserved = city.record.total("power_unserved_mwh") / city.record.total("power_asked_mwh")
print(f"届かなかった電気:求められた量の {unserved:.3%}")

assert unserved < 0.001
assert 17 <= hours["load_asked_mw"].idxmax() % 24 <= 22
assert not [event for event in city.events if event.kind.startswith(("attack", "restriction"))]
assert hours["load_asked_mw"].corr(hours["temperature_degc"]) > 0.5

# %% [markdown]
# ## 始まりの時間
#
# 1時間ずつ見ていきます。`live_hour` は1時間を計算し、その時間のすべてのデータを返します。人びとが求めた量、出ていた指令、四つのネットワークが届けた量です。

# %%
district = city.place.districts.name.index(VICTIM)
feeders = city.place.feeders.district == district  # 地区に入る配電線
junctions = city.place.water.junction_district == district  # 地区の配水管

rows, hours_seen = [], []
for _ in range(6):
    now = city.live_hour()
    power, water = now.service.power, now.service.water
    rows.append(
        {
            "時刻": f"{now.number // 24 + 1}日目{now.number % 24}時",
            "届いた電力 [MW]": power.delivered_mw[feeders].sum(),
            "指令による停止 [MW]": power.restricted_mw[feeders].sum(),
            "供給力不足による停電 [MW]": power.shed_mw[feeders].sum(),
            "届いた水 [m³/時]": water.delivered_m3_per_h[junctions].sum(),
            "指令による停止 [m³/時]": water.restricted_m3_per_h[junctions].sum(),
        }
    )
    hours_seen.append(now)
print("南浜")
pd.DataFrame(rows).set_index("時刻").round(1)

# %% [markdown]
# 電気が届かない理由は二つあります。**供給力不足による停電**(load shedding)では、電気そのもの、または送る線が足りません。**指令による供給停止**(restriction)では、電気は足りているのに、誰かが止めるよう指令しています。今回は後者です。何も壊れておらず、発電所は動き、ほかの地区にはすべて届いています。

# %%
for now in hours_seen:
    power = now.service.power
    assert power.restricted_mw[feeders].sum() > 100 * power.delivered_mw[feeders].sum()
    assert power.restricted_mw[~feeders].sum() == 0.0
    assert power.shed_mw.sum() < 0.001 * power.delivered_mw.sum()

# %% [markdown]
# ## 二つの家庭
#
# どの家庭もエージェントです([Mesa](https://mesa.readthedocs.io) を知っている人には、Mesa のエージェントです)。住所、家族の人数、収入、食料、飲料水の備えがあり、車や太陽光パネルを持つ家もあります。南浜から二つの家庭を選びます。太陽光パネルのない家(「普通の家」)と、屋根にパネルのある家(「太陽光の家」)です。

# %%
neighbours = city.households.select(lambda home: home.district == VICTIM)
plain = next(home for home in neighbours if home.pv_kw == 0 and home.battery_kwh == 0)
sunny = next(home for home in neighbours if home.pv_kw > 0)
homes = {"普通の家": plain, "太陽光の家": sunny}

facts = ("persons", "decile", "car", "pv_kw", "battery_kwh", "food_days", "home_water_l")
pd.DataFrame({name: {fact: getattr(home, fact) for fact in facts} for name, home in homes.items()}).round(1)

# %% [markdown]
# 家庭は、必要なものごとに、足りない状態で過ごした時間を数えます。これを「時計」と呼びます。6日目の終わりまで計算し、1時間ごとに時計を読みます。

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
    "power clock": "電気が足りない時間 [時間]",
    "water clock": "水が足りない時間 [時間]",
    "water_l": "家にある水 [L]",
    "deprivation": "生活の不自由さ [重み付き時間]",
}
figure, grid = plt.subplots(2, 2, figsize=(10, 5), sharex=True, layout="constrained")
for axes, (column, label) in zip(grid.flat, panels.items(), strict=True):
    for name, colour in (("普通の家", "#0072B2"), ("太陽光の家", "#E69F00")):
        mine = diary[diary["home"] == name]
        axes.plot(mine["hour"] / 24, mine[column], color=colour, label=name)
    axes.set_title(label, fontsize=10)
    axes.grid(linewidth=0.4, alpha=0.6)
for axes in grid[1]:
    axes.set_xlabel("開始からの日数")
figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
plt.show()

# %% [markdown]
# 四つのグラフを合わせて読みます。
#
# - 日が差すと、「太陽光の家」の電気の時計は戻ります。「普通の家」の電気の時計は進むだけで、上限の48時間に達します。
# - 飲料水の備えがある間、水の時計はゆっくり進みます。備えがなくなると、太陽光パネルは役に立ちません。
# - **生活の不自由さ**は、時間の数だけでは決まりません。足りない1時間は `exp(b t) - 1` と数えます。`t` は、それまで足りずに過ごした時間です(Holguín-Veras ほか、2013年)。後の1時間ほど重くなるので、曲線は上に曲がります。

# %%
cut_off = diary[diary["hour"] < diary.loc[diary["water clock"].idxmax(), "hour"]]
first, second = (cut_off[cut_off["home"] == name].reset_index() for name in homes)
for name, one in (("普通の家", first), ("太陽光の家", second)):
    dark_h, dry_h = one["power clock"].max(), one["water clock"].max()
    print(f"{name}:電気の時計は最大{dark_h:.0f}時間、水の時計は最大{dry_h:.0f}時間")

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
# 二つの家庭は、二つの例にすぎません。地区ごとの、全家庭の平均を示します。

# %%
people = pd.DataFrame(
    [(home.district, home.persons, home.persons * home.deprivation_h) for home in city.households],
    columns=["district", "persons", "deprivation_h"],
)
sums = people.groupby("district").sum()
by_district = sums["deprivation_h"] / sums["persons"]
assert by_district.idxmax() == VICTIM
assert by_district.drop(VICTIM).max() < 0.1 * by_district[VICTIM]
by_district.sort_values(ascending=False).round(2).to_frame("生活の不自由さ [1人あたりの重み付き時間]")

# %% [markdown]
# ## なぜ、そんなことができたのか
#
# 故障したものはありません。一つずつさかのぼります。停電した家庭から指令へ、指令からそれを出した者へ、そこからそれを許した規則へ。指令を出せる組織(制御室など)を、ここでは「主体」(principal)と呼びます。

# %%
orders = [order for order in hours_seen[0].permitted.applied if order.action == "restrict"]
chain = []
for order in orders:
    asset = city.control.assets[order.asset]
    chain.append(
        {
            "指令": f"{order.action} {order.asset}",
            "指令した者": order.principal,
            "指令できる者": ", ".join(asset.holding.holders),
        }
    )
attacker = next(iter(city.bad_actors))
print("攻撃者が乗っ取ったもの:", ", ".join(attacker.captured))
pd.DataFrame(chain)

# %% [markdown]
# これが答えです。**一つの**制御室がすべての地区の遮断器を操作し、もう一つの制御室がすべての給水弁を操作します。制御室を握った者は、どの地区に対してもそれを使えます。攻撃者はその制御室を握っています。南浜の自治体は、自分の地区の遮断器を操作できません。指令は、**操作権のグラフ**(control graph)の辺に沿ってだけ効力を持ち、自治体からこの遮断器への辺はないのです。

# %%
assert {order.principal for order in orders} <= set(attacker.captured)
assert not city.control.holds(f"municipality:{VICTIM}", f"breakers:{VICTIM}")
for name in city.place.districts.name:
    assert city.control.holds("power_control_room", f"breakers:{name}")

# %% [markdown]
# ## その後に起きたこと

# %%
city.run()
towns = city.place.districts
names = dict(zip(towns.name, towns.name_ja, strict=True))
for event in city.events:
    if event.kind.split("/")[0] in ("attack", "restriction", "recovery", "protest", "verdict", "blackout"):
        where, text = place_name(event.where, "ja", names), event_text(event, "ja", names)
        print(f"{event.hour // 24 + 1:2}日目{event.hour % 24:2}時 {where}:{text}")

# %%
run_figure(
    city.record.by_district(),
    "地区ごとの10日間",
    (
        ("power_restricted_mwh", "指令で止めた\n電気 [MWh]"),
        ("water_restricted_m3", "指令で止めた\n水 [m³]"),
        ("deprivation_h", "生活の不自由さ\n[1人あたり\n重み付き時間]"),
    ),
)

# %% [markdown]
# 攻撃者は**強要者**で、南浜を従わせようとしています。この計算では誰も屈服せず、供給停止は最後まで続きます。屈服することもできる地区については、別に問います。設定を一つ変えるだけです。

# %%
may_give_in = scenario.with_changes({"attacker.persistence": "until_concession"})
siege = sim.Society(may_give_in, policies=[], attacker="coercer:scripted", seed=1).run()
gave_in = [event for event in siege.events if event.kind == "concession"]
for name, one in (("誰も屈服しない", city), ("地区が屈服することもできる", siege)):
    cut_h = int((one.record.at["power_restricted_mwh"].sum(axis=1) > 0).sum())
    print(f"{name}:送電停止 {cut_h}時間、屈服 {one.outcomes['conceded']:.0f}件")

# %% [markdown]
# 地区は2日目に屈服し、攻撃は終わります。ですから、攻撃が短いことは**悪い**しるしかもしれません。人びとがもう耐えられなかったということです。停電時間の表を読むときは、このことを思い出してください。ここからは誰も屈服せず、供給停止の長さはすべて同じです。

# %%
assert [event.where for event in gave_in] == [VICTIM]
assert 72 + 24 <= gave_in[0].hour < 72 + 48
assert city.outcomes["conceded"] == 0
assert siege.outcomes["deprivation_target_district"] < city.outcomes["deprivation_target_district"]

# %% [markdown]
# ## 一つだけ変える
#
# 同じ10日間を、もう一度計算します。天候も、人びとも、故障も同じです(`seed=1` が決めています)。変えるのは規則だけです。`E-C2` では、各地区が自分で動かせる小さな電力網を持ちます。`W-C1` では、自治体が自分の弁と井戸を持ちます。

# %%
rules = {
    "攻撃なし": ([], "none"),
    "対策なし": ([], "coercer:scripted"),
    "E-C2:電力の地域管理": (["E-C2"], "coercer:scripted"),
    "W-C1:水の地域管理": (["W-C1"], "coercer:scripted"),
    "両方": (["E-C2", "W-C1"], "coercer:scripted"),
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
axes.set(xlabel="南浜の生活の不自由さ [1人あたりの重み付き時間]")
axes.invert_yaxis()
plt.show()

# %% [markdown]
# どちらの対策も、約束したことをそのとおり果たしますが、一つだけでは被害は半分も減りません。攻撃者は電気と水の両方を止めるので、残った一つだけで生活は大変に不自由になります。両方あれば、どちらも止められません。
# 別の攻撃では、棒の順番が変わることもあります。ですから、これはまだ結論ではありません。**一つの乱数シードと一つの攻撃**による、一つの例です。次のノートブック「対策の比較」で、正しく問い直します。

# %%
assert result["攻撃なし"] < 0.01 * result["対策なし"]
assert result["両方"] < 0.05 * result["対策なし"]
for alone in ("E-C2:電力の地域管理", "W-C1:水の地域管理"):
    assert result[alone] > 0.5 * result["対策なし"]

# %% [markdown]
# ## やってみよう
#
# 1. 先に予想してから実行します。水だけを止める攻撃にします(`"attacker.strikes": ["A4 Southshore"]`)。困るのは「普通の家」ですか、「太陽光の家」ですか、それとも両方ですか。
# 2. 攻撃が始まる前に、「太陽光の家」に蓄電池を持たせます(`sunny.battery_kwh = 12.5`)。家庭の値は、読むだけでなく書き換えることもできます。
# 3. 攻撃者から制御室を取り上げます(`"attacker.foothold": []`)。「なぜ、そんなことができたのか」の表はどうなりますか。
# 4. 実在の都市に `E-C2` を勧める前に、何を知りたいですか。このノートブックではわからないことを三つ書いてください。
#
# 解答例は、ノートブック「解答」(`solutions_ja.ipynb`)にあります。
