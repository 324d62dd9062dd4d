"""What reports say of claims, verdicts and what flips them, in English and Japanese."""

from agentsim.experiments.claims.verdicts import NOT_SUPPORTED, NOT_YET, REVERSED, SUPPORTED, UNDECIDED
from agentsim.report.wording.names import Pair, in_language

VERDICTS: dict[str, Pair] = {
    SUPPORTED: ("supported", "支持される"),
    REVERSED: ("reversed", "逆の結果"),
    NOT_SUPPORTED: ("not supported", "支持されない"),
    UNDECIDED: ("undecided", "判定できない"),
    NOT_YET: ("not judged yet", "未判定"),
}
MEANINGS: dict[str, Pair] = {
    SUPPORTED: (
        "the change has the sign that the paper says, and its interval excludes 0",
        "変化の向きは政策案の主張どおりで、区間は0を含まない",
    ),
    REVERSED: (
        "the change has the opposite sign, and its interval excludes 0",
        "変化の向きは主張と逆で、区間は0を含まない",
    ),
    NOT_SUPPORTED: (
        "the whole interval lies within the margin: there is no change that matters",
        "区間全体が許容幅に収まる。意味のある変化はない",
    ),
    UNDECIDED: ("these runs cannot tell", "この計算の範囲では判断できない"),
    NOT_YET: (
        "the model lacks measures or outcomes that the claim speaks of",
        "主張に含まれる対策または指標がモデルにまだない",
    ),
}
TEXTS: dict[str, Pair] = {
    "title": ("What the paper claims, and what the model says", "政策案の主張とモデルによる判定"),
    "intro": (
        "Each claim is judged by runs with and without its measures, paired by seed. Scenario, sign, margin "
        "and seeds were written down before any of these runs.",
        "各主張を、対策ありと対策なしの計算を同じ乱数シードで対にして判定した。シナリオ、変化の向き、許容幅、シードは、"
        "計算の前に定めたものである。",
    ),
    "intro_own": (
        "Each claim is judged by runs with and without its measures, paired by seed. Sign and margin were "
        "written down before any of these runs. The scenario or the seeds are not the registered ones.",
        "各主張を、対策ありと対策なしの計算を同じ乱数シードで対にして判定した。変化の向きと許容幅は、計算の前に定めたものである。"
        "シナリオまたはシードは、登録されたものではない。",
    ),
    "seeds": ("Seeds: {}.", "乱数シード:{}。"),
    "second": (
        "A second, disjoint set of seeds was run in the same way. A verdict that both sets do not give is "
        "undecided.",
        "重ならない別のシードでも同じ計算をした。両方の判定が一致しない主張は「判定できない」とする。",
    ),
    "correction": (
        "{} changes are judged together. p is corrected for that (Holm 1979): supported and reversed need "
        "a p of at most 0.05.",
        "{}個の変化をまとめて判定するため、p値を多重比較について補正した(Holm法、1979年)。"
        "「支持される」「逆の結果」には0.05以下のp値が必要である。",
    ),
    "contradiction": (
        "Warning: the two sets of seeds contradict each other on {}. The intervals are not to be trusted "
        "there.",
        "注意:{}では2組のシードの結果が逆になった。この区間は信頼できない。",
    ),
    "stopped": (
        "The runs were stopped before the end. Verdicts rest on what was finished.",
        "計算は途中で止められた。判定は終わった分だけによる。",
    ),
    "failures": ("Runs that failed: {}. They are left out.", "失敗した計算:{}件。判定から除いた。"),
    "summary": ("Verdicts", "判定の一覧"),
    "details": ("Claim by claim", "主張ごとの結果"),
    "meanings": ("What the verdicts mean", "判定の意味"),
    "claim": ("claim", "番号"),
    "statement": ("the paper says", "政策案の主張"),
    "outcome": ("outcome", "指標"),
    "claimed": ("claimed", "主張"),
    "change": ("change and 95 % interval", "変化と95 %区間"),
    "margin": ("margin", "許容幅"),
    "base": ("without the measures", "対策なし"),
    "p": ("p, corrected", "補正後のp値"),
    "n": ("pairs", "対の数"),
    "set": ("set of seeds", "シードの組"),
    "verdict": ("verdict", "判定"),
    "falls": ("falls", "減る"),
    "rises": ("rises", "増える"),
    "judged_by": ("Judged by {} in {}, {}.", "対策:{}。シナリオ:{}。{}。"),
    "nobody": ("without an attack", "攻撃なし"),
    "attacked": ("against {}", "攻撃者:{}"),
    "meaning": ("meaning", "意味"),
    "part_mark": (" (by a part of the measures)", "(対策の一部のみ)"),
    "part_only": (
        "Only a part of the measures: the model does not have {} yet.",
        "対策の一部だけで判定した。{}はまだモデルにない。",
    ),
    "waits_for": ("Waits for {}.", "{}を待っている。"),
    "reason": (
        "{}: a change of up to {} counts as none ({}).",
        "{}:{}以下の変化は「変化なし」とみなす({})。",
    ),
    "why": ("Why: {}", "理由:{}"),
    "flips_none": (
        "Among {} settings of {} assumed numbers none gave another answer than the default ones.",
        "仮定した数値{1}個を変えた{0}通りのいずれでも、答えは既定値の場合と変わらなかった。",
    ),
    "flips": (
        "In {} of {} settings of {} assumed numbers the answer is another one.",
        "仮定した数値{2}個を変えた{1}通りのうち{0}通りで、答えが変わった。",
    ),
    "flips_failed": (
        "{} further settings could not be computed.",
        "ほかに{}通りは計算できなかった。",
    ),
    "flips_where": (
        "Most often where {}: {} % of the settings there, and {} % of all that give another answer.",
        "とくに{}の範囲に多い。この範囲の{} %で答えが変わり、答えが変わる設定の{} %がここにある。",
    ),
    "flips_spread": (
        "They lie in no range that these settings can show.",
        "この計算の範囲では、答えが変わる条件を特定できない。",
    ),
    "matters": ("Numbers that matter most: {}.", "影響の大きい数値:{}。"),
    "figure": (
        "Changes with 95 % intervals, in margins. Grey band: within the margin. Right of 0: as the paper "
        "says. Blue: supported. Orange: reversed. Black: not supported. Grey: undecided. Beyond 1 margin the "
        "scale is logarithmic. Hollow: the second set of seeds.",
        "変化と95 %区間(許容幅を1とする)。灰色の帯は許容幅の内側。右側は主張どおりの向き。青:支持される、"
        "橙:逆の結果、黒:支持されない、灰:判定できない。1を超えると対数目盛。白抜きは2組目のシード。",
    ),
    "and": (" and ", "かつ"),
    "between": ("{0} is from {1} to {2}", "{0}が{1}から{2}"),
    "list": (", ", "、"),
}


def said(key: str, language: str, *values: object) -> str:
    """A text of ``TEXTS`` with its values.

    >>> said("waits_for", "en", "E-S1"), said("waits_for", "ja", "E-S1")
    ('Waits for E-S1.', 'E-S1を待っている。')
    """
    return in_language(TEXTS[key], language).format(*values)
