# %% [markdown]
# # 対策の比較:結果からわかること、わからないこと
#
# 「最初の停電」では、一つの都市での一つの攻撃を見ました。最後に、一つの乱数シードは一つの例にすぎないと注意しました。ここでは正しく問います。切り離された地区を助けるのはどの対策か。それはどれだけ確かか。いくらかかるか。対策に合わせて攻め方を変える攻撃者にも通用するか。
#
# 身につけてほしい習慣は三つです。同じシードどうしで**比べる**こと、平均だけでなく**区間を読む**こと、攻撃者に**対策を見せて攻めさせる**ことです。
#
# 前と同じように、文章で述べた事実は、セルの `assert` で確かめています。

# %%
# %matplotlib inline
import math

import matplotlib.pyplot as plt
import matplotlib_fontja  # グラフの日本語(pip install 'agentsim[workshop]')
import pandas as pd

import agentsim as sim
from agentsim.report.tables import HIGHER, LOWER, SAME, UNCLEAR, verdict
from agentsim.report.wording.names import action_name

matplotlib_fontja.japanize()
plt.rcParams.update({"figure.dpi": 90, "axes.spines.top": False, "axes.spines.right": False})
pd.set_option("display.max_colwidth", None)  # plans are read to their end

# %% [markdown]
# ## 問い
#
# 何者かが電力の中央制御室を乗っ取り、ベイシティの一つの地区を切り離します。8日間を計算します。攻撃は4日目に始まり、最後まで続きます。三つの対策を比べます。

# %%
scenario = sim.load("../scenarios/hostile_operator.toml").with_changes(
    {"hours": 192, "place.households": 400, "attacker.strikes": ["A1 Southshore"]}
)
POLICIES = ["E-C2", "W-C1", "X-C5"]
pd.Series({name: sim.POLICIES[name].name_ja for name in POLICIES}).to_frame("対策")

# %% [markdown]
# `E-C2` では、地区が自分の小さな電力網を動かすことができ、遮断器は自治体が操作します。`W-C1` では、地区が自分の弁と井戸を持ちます。`X-C5` では、家庭が蓄電池・食料・水を備えます。
#
# ## 五つの乱数シード
#
# **乱数シード**は、天候、故障、誰がどこに住むかなど、偶然で決まることをすべて定めます。`compare` は、各対策と「対策なし」を、同じ五つのシードで、攻撃がある場合とない場合について計算します。同じシードなら、どの対策でも天候と故障は同じです。ですから二つの計算の差を取ることができ、その差が対策の効果です。これを「対にする」(paired)といいます。

# %%
table = sim.compare(scenario, policies=POLICIES, attackers=["none", "coercer:scripted"], seeds=5)

assert not table.attrs["failures"]
columns = ["policy", "attacker", "outcome", "unit", "mean", "difference"]
table.loc[table["difference"].notna(), columns].head(3)

# %% [markdown]
# 表には、対策・攻撃者・指標ごとに1行あります。指標はたくさんありますが、その一つ、標的の地区の生活の不自由さを読みます。単位は1人あたりの重み付き時間です。足りない状態が長く続くほど、1時間の重みが増します。

# %%
HARM = "deprivation_target_district"


def reading(table, outcome):
    """一つの指標:平均、対策なしとの差、その95 %区間、判定。"""
    mine = table[(table["outcome"] == outcome) & table["mean"].notna()]
    lines = {}
    for row in mine.to_dict("records"):
        says = verdict(row) if row["policy"] != "none" else ""
        mean, change, low, high = (
            round(row[key], 1) + 0.0 for key in ("mean", "difference", "difference_low", "difference_high")
        )
        change, interval = (f"{change:+.1f}", f"{low:+.1f} to {high:+.1f}") if says else ("", "")
        lines[row["policy"]] = (f"{mean:.1f}", change, interval, says)
    heads = ["平均", "差", "差の95 %区間", "判定"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=heads)


attacked = table[table["attacker"] == "coercer:scripted"]
harm = reading(attacked, HARM)
harm

# %% [markdown]
# 先に区間を、最後に平均を読みます。判定の lower は減少、higher は増加、same は差なしを表します。`E-C2` は生活の不自由さを減らします。区間がすべて0より下にあるからです。`W-C1` では何も変わりません。弁についての対策ですが、この攻撃は弁を使わないからです。`X-C5` も減らしますが、1割ほどだけです。備えは1日もちますが、停止は5日続きます。

# %%
assert harm.loc["E-C2", "判定"] == LOWER
assert harm.loc["W-C1", "判定"] in (SAME, UNCLEAR)
assert harm.loc["X-C5", "判定"] == LOWER

# %% [markdown]
# 図は、主な指標をまとめて示します。白抜きの印は攻撃なし、塗りつぶしの印は攻撃ありです。青は改善、橙は悪化、灰色は、このシードでは差を示せないことを表します。

# %%
sim.plot(table)

# %% [markdown]
# 二つの点を詳しく見ます。
#
# **攻撃があってもなくても、全員が費用を払います。** 光熱・水道代では、白抜きの印と塗りつぶしの印がほぼ重なっています。備えを買った人は、攻撃のない年にも払い続けます。

# %%
bill = table[table["outcome"] == "bill_jpy_per_household_month"].set_index(["attacker", "policy"])
for policy in POLICIES:
    calm, attack = bill.loc[("none", policy)], bill.loc[("coercer:scripted", policy)]
    low, high = calm["difference_low"], calm["difference_high"]
    print(f"{policy}:攻撃なしで月{low:.0f}〜{high:.0f}円増、攻撃ありで月{attack['difference']:.0f}円増")
    assert low > 0

# %% [markdown]
# **`X-C5` では、届かなかった電気の量が増えています。** `X-C5` は停電をひどくするのでしょうか。この数値を信じる前に、同じ計算の別の指標を見てください。

# %%
unserved, moved = reading(attacked, "ens_mwh"), reading(attacked, "households_moved")
print(f"X-C5 で届かなかった電気 [MWh]:{', '.join(unserved.loc['X-C5', unserved.columns[1:]])}")
print(f"X-C5 で街を出た世帯:{', '.join(moved.loc['X-C5', moved.columns[1:]])}")

assert unserved.loc["X-C5", "判定"] == HIGHER
assert moved.loc["X-C5", "判定"] == LOWER

# %% [markdown]
# そうではありません。家に備えがあると、街を出る人が減ります。残った人は電気を使おうとし、それが届かないのです。数値は正しいのですが、人びとの暮らしが悪くなったという意味ではありません。
#
# **では、地区は屈服するのでしょうか。** ここまでは誰も屈服しませんでした。人びとが苦しむかどうかと、屈服するかどうかは別の問いで、それぞれに計算が要ります。

# %%
siege = scenario.with_changes({"attacker.persistence": "until_concession"})
waits = sim.compare(siege, policies=["X-C5"], attackers=["coercer:scripted"], seeds=5)
until = reading(waits, "time_to_concession_h")
until

# %%
gave_in = {}
for name, policies in (("対策なし", []), ("X-C5", ["X-C5"])):
    city = sim.Society(siege, policies=policies, attacker="coercer:scripted", seed=1).run()
    gave_in[name] = next(event.hour for event in city.events if event.kind == "concession")
    print(f"{name}:南浜は{gave_in[name] // 24 + 1}日目{gave_in[name] % 24}時に屈服")

assert until.loc["X-C5", "判定"] == HIGHER
assert gave_in["X-C5"] > gave_in["対策なし"]
assert reading(waits, HARM).loc["X-C5", "判定"] in (SAME, UNCLEAR)

# %% [markdown]
# 家に備えがあると、地区は数時間長く持ちこたえます。生活の不自由さは変わりません。人びとがもう耐えられなくなったときに終わる攻撃は、いつも同じくらいの不自由さで終わるからです。この設定で被害を比べてはいけません。

# %% [markdown]
# ## 五つのシードではわからないこと
#
# ここまでは、攻撃はいつも同じでした。今度は、攻撃者が無作為に選びます。どの地区を、どの日に、電力・水・道路のどれを止めるか、です。

# %%
at_random = sim.compare(scenario, policies=["E-C2", "W-C1"], attackers=["coercer:random"], seeds=5)
random_harm = reading(at_random, HARM)
random_harm

# %% [markdown]
# 区間は広くなります。シードごとに別の攻撃になり、対策はある攻撃には効き、次の攻撃には効かないからです。生活の不自由さを1割減らす効果を示すには、シードがいくつ必要でしょうか。区間の幅はシードの数の平方根に反比例するので、見積もることができます。

# %%
mine = at_random[at_random["outcome"] == HARM].set_index("policy")
wanted = 0.1 * mine.loc["none", "mean"]
for policy in ("E-C2", "W-C1"):
    half = 0.5 * (mine.loc[policy, "difference_high"] - mine.loc[policy, "difference_low"])
    needed = math.ceil(5 * (half / wanted) ** 2)
    print(f"{policy}:シード5個で ± {half:.1f}。± {wanted:.1f} にはシードが約{needed}個必要")

halves = 0.5 * (mine["difference_high"] - mine["difference_low"])
assert halves.max() > wanted

# %% [markdown]
# シードを増やしても、次の三つは残ります。
#
# - **たくさん問えば、いくつかの答えは間違います。** 上の図には何十もの区間があります。本当の差が0のものでも、20に一つは偶然で0を外れます。どの指標を読むかは、計算の**前**に決めてください。
# - **シードで変わるのは偶然だけです。** 仮定はどのシードでも同じです。マイクログリッドの費用、制御室の守りの固さ、人びとがどれだけ早く屈服するか、などです。区間が狭くても、仮定が正しいことにはなりません。仮定を変え(`with_changes`)、結論が残るかどうかを見てください。
# - **一つの都市です。** ベイシティは架空の場所です。

# %%
shown = table[table["difference"].notna() & table["outcome"].isin(sim.OUTCOMES)]
print(f"この表だけで、区間は{len(shown)}個")
assert len(shown) > 20

# %% [markdown]
# ## 攻撃者に対策を見せる
#
# `E-C2` がよく効いたのは、攻撃を**私たちが**書いたからです。しかも、`E-C2` が守るところを攻めました。計画型の攻撃者は、先に対策を見ます。`best_response` は、都市の小さな写しで攻撃を試し、その中で最も有利なものを実行します。ここでは時間を節約して最大20通りにします(既定ではもっと多く試します)。標的は南浜のままで、対策ごとに攻め方を選び直します。

# %%
planning = scenario.with_changes({"attacker.target": "Southshore", "mind.rollouts": 20})
adapts = sim.compare(planning, policies=["E-C2"], attackers=["coercer:best_response"], seeds=5)

plans = {}
for name, policies in (("対策なし", []), ("E-C2", ["E-C2"])):
    plan = sim.Society(planning, policies=policies, attacker="coercer:best_response", seed=1).plan
    strikes = "、".join(f"{strike.where}で{action_name(strike.action, 'ja')}" for strike in plan.strikes)
    plans[name] = (strikes, ", ".join(who for who, _ in plan.efforts) or "なし")
pd.DataFrame.from_dict(plans, orient="index", columns=["計画", "先に乗っ取る相手"])

# %%
answer = reading(adapts, HARM)
answer

# %%
attacks = {"私たちが書いた攻撃": attacked, "対策を見る攻撃者": adapts}
means = {name: one[one["outcome"] == HARM].set_index("policy") for name, one in attacks.items()}

figure, axes = plt.subplots(figsize=(8, 2.6), layout="constrained")
for row, mean in enumerate(means.values()):
    for shift, policy, colour in ((-0.18, "none", "#999999"), (0.18, "E-C2", "#0072B2")):
        value, low, high = mean.loc[policy, ["mean", "low", "high"]]
        axes.barh(row + shift, value, 0.34, color=colour, label={"none": "対策なし"}.get(policy, policy))
        axes.plot([low, high], [row + shift] * 2, color="black", lw=1)
        axes.text(high + 0.5, row + shift, f"{value:.1f}", va="center")
axes.set_yticks(range(len(means)), means)
axes.invert_yaxis()
axes.set(xlabel="南浜の生活の不自由さ [1人あたりの重み付き時間]、平均と95 %区間")
marks, names = axes.get_legend_handles_labels()
figure.legend(marks[:2], names[:2], loc="outside upper center", ncols=2, frameon=False)
plt.show()

# %% [markdown]
# このノートブックで最も大切な図です。私たちが書いた攻撃に対しては、`E-C2` があれば生活の不自由さはほとんど残りませんでした。先に対策を見る攻撃者は、対策がなければ電気と水の両方を止めます。`E-C2` があると水だけを止め、被害の大部分はそのまま残ります。対策は、想定した攻撃だけでなく、対策を知っている攻撃者で評価してください。

# %%
written = means["私たちが書いた攻撃"]["mean"]
adapted = means["対策を見る攻撃者"]["mean"]
assert written["E-C2"] < 0.1 * written["none"]
assert adapted["E-C2"] > 0.5 * adapted["none"]
assert "送電停止(A1)" in plans["対策なし"][0]
assert "Southshore" in plans["E-C2"][0]
assert "送電停止(A1)" not in plans["E-C2"][0]

# %% [markdown]
# ## どう報告するか
#
# このノートブックについての正しい報告には、四つの部分があります。
#
# - 場所:**この都市で、この仮定のもとで**
# - 効果と区間:**電力の地域管理は、電気を止められた地区の不自由さをほとんどなくした**
# - 費用:**すべての世帯が毎月費用を払う**
# - 限界:**別のネットワークを使える攻撃者は、それでも被害の大部分を与えた**
#
# 一つでも欠ければ、知っている以上のことを主張することになります。
#
# ## やってみよう
#
# 1. 水も守ります(`E-C2+W-C1`)。計画型の攻撃者は、今度は何をしますか(`policies=["E-C2+W-C1"]`、`attackers=["coercer:best_response"]`。計画を読みます)。
# 2. 無作為な攻撃の比較を、シード20個でやり直します。必要な数の見積もりは当たっていましたか。
# 3. 好きな費用を一つ半分にします。`agentsim check --show scenarios/hostile_operator.toml` で、すべての数値の単位・出典・根拠の種別がわかります。**判定**は変わりますか。数値だけですか。
# 4. いちばん気に入った対策が悪影響を与える指標を、`sim.OUTCOMES` から探してください。
#
# 解答例は、ノートブック「解答」(`solutions_ja.ipynb`)にあります。
