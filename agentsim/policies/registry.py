"""Every policy by the paper's id: what it writes, what carries it, and what the paper claims of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agentsim.core.charter import Charter
from agentsim.policies.energy import LocalPower, NextGenerationStorage, PeerTrading
from agentsim.policies.governance import DemocraticManagement, DistributedInfrastructure, SelfReliance
from agentsim.policies.oversight import OpenRoads, StrongerLaw, WaterMonitoring
from agentsim.policies.policy import Policy
from agentsim.policies.resources import Diversification
from agentsim.policies.transparency import EveryLog, PowerLog, SupplyLog, WaterLog
from agentsim.policies.transport import AdaptiveSignals, LocalRoads
from agentsim.policies.water import Desalination, LocalWater


@dataclass(frozen=True)
class Entry:
    """One row of the paper as a policy.

    ``writes`` are the fields of the charter it may change besides the costs; ``carried_by`` the mechanisms
    without which it changes nothing; ``outcome`` and ``claimed_sign`` what the paper says it does.
    """

    id: str
    name: str
    name_ja: str
    make: Callable[..., Policy]
    writes: tuple[str, ...]
    carried_by: tuple[str, ...]
    outcome: str
    claimed_sign: int


def _entry(
    id: str,
    name: str,
    name_ja: str,
    make: Callable[..., Policy],
    writes: tuple[str, ...],
    carried_by: tuple[str, ...],
    outcome: str = "deprivation_target_district",
    claimed_sign: int = -1,
) -> Entry:
    return Entry(id, name, name_ja, make, writes, carried_by, outcome, claimed_sign)


POLICIES: dict[str, Entry] = {
    entry.id: entry
    for entry in (
        _entry(
            "E-S4",
            "Next-generation storage",
            "次世代蓄電技術",
            NextGenerationStorage,
            ("stock",),
            ("storage",),
            outcome="ens_mwh",
        ),
        _entry(
            "E-C1",
            "Peer-to-peer trading made legal",
            "P2P電力取引の合法化",
            PeerTrading,
            ("market",),
            ("p2p",),
            outcome="power_restricted_mwh",
        ),
        _entry(
            "E-C2",
            "Distributed energy management",
            "分散型エネルギー管理",
            LocalPower,
            ("control", "stock"),
            ("control_graph", "islanding"),
        ),
        _entry(
            "E-C3",
            "Public log of power",
            "ブロックチェーン記録",
            PowerLog,
            ("information",),
            ("public_record",),
            outcome="time_to_detection_h",
        ),
        _entry(
            "W-S1",
            "Desalination",
            "海水淡水化",
            Desalination,
            ("stock",),
            ("desalination",),
            outcome="water_unserved_m3",
        ),
        _entry(
            "W-C1",
            "Stronger regional water management",
            "地域ごとの水管理強化",
            LocalWater,
            ("control", "stock"),
            ("control_graph", "local_wells"),
        ),
        _entry(
            "W-C2",
            "Transparent water data",
            "透明な水供給データ管理",
            WaterLog,
            ("information",),
            ("public_record",),
            outcome="time_to_detection_h",
        ),
        _entry(
            "W-C3",
            "International monitoring of water",
            "国際機関の監視",
            WaterMonitoring,
            ("control", "payoffs"),
            ("deterrence", "revocation"),
        ),
        _entry(
            "T-S1",
            "Adaptive signals",
            "AI交通流",
            AdaptiveSignals,
            ("stock",),
            ("adaptive_signals",),
            outcome="delay_h_per_trip",
        ),
        _entry(
            "T-C1",
            "Autonomous mobility network",
            "自律型移動ネットワークの開発",
            LocalRoads,
            ("control", "stock"),
            ("control_graph", "local_signals"),
        ),
        _entry(
            "T-C2",
            "Open and monitored roads",
            "国際監視と透明な運用",
            OpenRoads,
            ("control", "information", "payoffs"),
            ("public_record", "deterrence", "revocation"),
            outcome="time_to_detection_h",
        ),
        _entry(
            "R-C1",
            "Public log of the supply chain",
            "ブロックチェーンによるサプライチェーン監視",
            SupplyLog,
            ("information",),
            ("public_record",),
            outcome="time_to_detection_h",
        ),
        _entry(
            "R-C2",
            "Diversification",
            "多角化",
            Diversification,
            ("market", "stock"),
            ("diversification",),
            outcome="fuel_unserved_t",
        ),
        _entry(
            "X-C1",
            "Distributed infrastructure",
            "分散型インフラの導入",
            DistributedInfrastructure,
            ("control", "stock"),
            ("control_graph", "islanding", "local_wells", "local_signals"),
        ),
        _entry(
            "X-C2",
            "Transparency of all networks",
            "ブロックチェーンによる透明性確保",
            EveryLog,
            ("information",),
            ("public_record",),
            outcome="time_to_detection_h",
        ),
        _entry(
            "X-C3",
            "Democratic management",
            "民主的管理（AI民主主義）",
            DemocraticManagement,
            ("allocation",),
            ("rationing", "voting", "recall"),
        ),
        _entry(
            "X-C4",
            "International monitoring and stronger law",
            "国際監視と法規制の強化",
            StrongerLaw,
            ("control", "payoffs"),
            ("control_graph", "deterrence", "revocation"),
        ),
        _entry(
            "X-C5",
            "Self-reliance of citizens",
            "市民の自立支援",
            SelfReliance,
            ("stock",),
            ("household_stocks",),
        ),
    )
}

PACKAGES: dict[str, tuple[str, ...]] = {
    "decentralised": ("X-C1",),
    "transparent": ("X-C2",),
    "democratic": ("X-C3",),
    "monitored": ("X-C4",),
    "self_reliant": ("X-C5",),
    "all": tuple(POLICIES),
}


def expand(names: Sequence[str]) -> tuple[str, ...]:
    """Ids named by *names*, packages unfolded, each once, in the registry's order.

    Raises
    ------
    KeyError : a name is neither an id nor a package

    >>> expand(["self_reliant", "E-C2"])
    ('E-C2', 'X-C5')
    """
    wanted: set[str] = set()
    for name in names:
        wanted.update(PACKAGES[name] if name in PACKAGES else (POLICIES[name].id,))
    return tuple(id for id in POLICIES if id in wanted)


def enact(
    names: Sequence[str],
    measures: Mapping[str, Policy] | None = None,
    charter: Charter | None = None,
) -> Charter:
    """The charter after all the named policies; *measures* are those whose numbers are not the defaults."""
    charter, known = charter or Charter(), measures or {}
    for id in expand(names):
        charter = (known.get(id) or POLICIES[id].make()).enact(charter)
    return charter
