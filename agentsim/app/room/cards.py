"""What roles and attackers want, can do and see, as groups read it."""

from agentsim.app.replay.bilingual import Bilingual

# role -> name, what it wants, what it can do, what it sees
CARDS: dict[str, tuple[Bilingual, Bilingual, Bilingual, Bilingual]] = {
    "operator": (
        Bilingual("Network operator", "ネットワークの運用者"),
        Bilingual(
            "Power, water and roads that run, at a price that people can pay.",
            "住民が払える費用で、電気・水道・道路を動かし続けること。",
        ),
        Bilingual(
            "Choose equipment: storage, forecasts, leak detection, other sources, signals.",
            "設備を選びます:蓄電、需要予測、漏水の発見、別の水源や調達先、信号の制御。",
        ),
        Bilingual("The power network first, and the outcomes.", "はじめに電力網と結果を見ます。"),
    ),
    "mayor": (
        Bilingual("Mayor", "市長"),
        Bilingual(
            "No district is cut off. You answer for the bill too.",
            "どの地区も切り離されないこと。費用にも責任があります。",
        ),
        Bilingual(
            "Choose who may operate the equipment: districts, municipalities, voters.",
            "設備をだれが操作できるか(地区・自治体・住民投票)を決めます。",
        ),
        Bilingual("All districts, and the outcomes.", "すべての地区と結果を見ます。"),
    ),
    "resident": (
        Bilingual("Resident", "住民"),
        Bilingual(
            "To get through the days without going short of power, water and food.",
            "電気・水・食料に困らずに毎日を過ごすこと。",
        ),
        Bilingual(
            "Choose what homes do: stocks, own energy, rainwater, a say in decisions.",
            "家庭でできることを選びます:備蓄、自家発電、雨水、意思決定への参加。",
        ),
        Bilingual("How much people go without.", "生活がどれだけ不自由かを見ます。"),
    ),
    "monitor": (
        Bilingual("Monitor", "監視機関"),
        Bilingual(
            "Abuse is noticed, proved and ended.",
            "権限の悪用に気づき、証明し、やめさせること。",
        ),
        Bilingual(
            "Choose public records, inspections and law.",
            "公開記録、査察、法規制を選びます。",
        ),
        Bilingual(
            "All districts, and which orders caused what.",
            "すべての地区と、どの指令が何を起こしたかを見ます。",
        ),
    ),
    "attacker": (
        Bilingual("Attacker", "攻撃者"),
        Bilingual(
            "The largest payoff, by the goal that is written on your screen.",
            "画面に示された目標で、最大の利得を得ること。",
        ),
        Bilingual(
            "Choose a target, actions and captures within a budget, once the others have chosen.",
            "予算の中で、標的・行動・乗っ取る相手を選びます。ほかの班が選んだあとに計画します。",
        ),
        Bilingual(
            "Who may operate what; no results until the round ends.",
            "設備ごとに操作できる者が見えます。結果は、ラウンドが終わるまで見えません。",
        ),
    ),
}

# kind of attacker -> its goal, as the model counts it (BadActorParameters), in the units of its payoff
GOALS: dict[str, Bilingual] = {
    "coercer": Bilingual(
        "Goal: the people of ONE district go without as much as possible, or give in. Payoff = that harm,"
        " minus what the attack costs, minus fines.",
        "目標:一つの地区の住民を、できるだけ不自由にするか、屈服させること。利得=その不自由さ−攻撃の費用−制裁金。",
    ),
    "saboteur": Bilingual(
        "Goal: people and firms of the whole city go without as much as possible. Payoff = that harm, minus"
        " what the attack costs, minus fines.",
        "目標:市全体の住民と企業に、できるだけ大きな被害を与えること。利得=その被害−攻撃の費用−制裁金。",
    ),
    "rent_seeker": Bilingual(
        "Goal: earn as much as possible from its generating units by high prices. Payoff = extra profit,"
        " minus what the attack costs, minus fines.",
        "目標:価格をつり上げ、自社の発電所からできるだけ多くの利益を得ること。利得=増えた利益−攻撃の費用−制裁金。",
    ),
    "cartel": Bilingual(
        "Goal: earn as much as possible from scarce supplies. Payoff = extra profit, minus what the attack"
        " costs, minus fines.",
        "目標:品不足をつくり、できるだけ多くの利益を得ること。利得=増えた利益−攻撃の費用−制裁金。",
    ),
}
