"""Every policy by the paper's id: what it writes, by which mechanisms it acts, and what the paper claims."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agentsim.core.charter import Charter
from agentsim.policies.energy import LearnedForecasting, LocalPower, NextGenerationStorage, PeerTrading
from agentsim.policies.fleets import AutomatedElectricFleets, MatchedRides
from agentsim.policies.governance import DemocraticManagement, DistributedInfrastructure, SelfReliance
from agentsim.policies.oversight import StrongerLaw, TransparentRoads, WaterMonitoring
from agentsim.policies.policy import Policy
from agentsim.policies.resource_supply import LearnedExploration, NewFuels, OilRecovery, UrbanMining
from agentsim.policies.resources import Diversification
from agentsim.policies.smart_grid import DistributedEnergy, SmartGrid
from agentsim.policies.transparency import LogOfAllNetworks, PowerLog, SupplyLog, WaterLog
from agentsim.policies.transport import AdaptiveSignals, LocalRoads
from agentsim.policies.water import Desalination, LeakFinding, LocalWater, RainAndGroundwater


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
    outcome: str = "deprivation_target_district"
    claimed_sign: int = -1


POLICIES: dict[str, Entry] = {
    entry.id: entry
    for entry in (
        Entry(
            id="E-S1",
            name="Learned load forecasting",
            name_ja="AIによる電力需要予測",
            make=LearnedForecasting,
            writes=("information",),
            carried_by=("learned_forecast", "look_ahead"),
            outcome="reserve_cost_jpy",
        ),
        Entry(
            id="E-S2",
            name="Distributed energy with local trading",
            name_ja="分散型エネルギー（P2P電力取引）",
            make=DistributedEnergy,
            writes=("stock", "market"),
            carried_by=("distributed_energy", "p2p"),
            outcome="local_share",
            claimed_sign=1,
        ),
        Entry(
            id="E-S3",
            name="Smart grid",
            name_ja="スマートグリッド導入",
            make=SmartGrid,
            writes=("information", "stock", "market"),
            carried_by=("fault_isolation", "load_shifting"),
            outcome="saidi_h",
        ),
        Entry(
            id="E-S4",
            name="Next-generation storage",
            name_ja="次世代蓄電技術",
            make=NextGenerationStorage,
            writes=("stock",),
            carried_by=("storage",),
            outcome="ens_mwh",
        ),
        Entry(
            id="E-C1",
            name="Peer-to-peer trading made legal",
            name_ja="P2P電力取引の合法化",
            make=PeerTrading,
            writes=("market",),
            carried_by=("p2p",),
            outcome="power_restricted_mwh",
        ),
        Entry(
            id="E-C2",
            name="Distributed energy management",
            name_ja="分散型エネルギー管理",
            make=LocalPower,
            writes=("control", "stock"),
            carried_by=("control_graph", "islanding"),
        ),
        Entry(
            id="E-C3",
            name="Public log of power",
            name_ja="ブロックチェーン記録",
            make=PowerLog,
            writes=("information",),
            carried_by=("public_record",),
            outcome="time_to_proof_h",
        ),
        Entry(
            id="W-S1",
            name="Desalination",
            name_ja="海水淡水化技術の進化",
            make=Desalination,
            writes=("stock",),
            carried_by=("desalination",),
            outcome="water_unserved_m3",
        ),
        Entry(
            id="W-S2",
            name="Leaks found by measurement",
            name_ja="AIによる水管理システム",
            make=LeakFinding,
            writes=("information", "stock"),
            carried_by=("leak_finder",),
            outcome="leakage_share",
        ),
        Entry(
            id="W-S3",
            name="Rain and groundwater",
            name_ja="雨水・地下水リサイクルの拡充",
            make=RainAndGroundwater,
            writes=("stock",),
            carried_by=("rain_tanks", "recharge"),
            outcome="local_water_share",
            claimed_sign=1,
        ),
        Entry(
            id="W-C1",
            name="Stronger regional water management",
            name_ja="地域ごとの水管理強化",
            make=LocalWater,
            writes=("control", "stock"),
            carried_by=("control_graph", "local_wells"),
        ),
        Entry(
            id="W-C2",
            name="Transparent water data",
            name_ja="透明な水供給データ管理",
            make=WaterLog,
            writes=("information",),
            carried_by=("public_record",),
            outcome="time_to_proof_h",
        ),
        Entry(
            id="W-C3",
            name="International monitoring of water",
            name_ja="国際機関の監視",
            make=WaterMonitoring,
            writes=("control", "payoffs"),
            carried_by=("deterrence", "revocation"),
        ),
        Entry(
            id="T-S1",
            name="Adaptive signals",
            name_ja="AIによる交通流の最適化",
            make=AdaptiveSignals,
            writes=("stock",),
            carried_by=("adaptive_signals",),
            outcome="delay_h_per_trip",
        ),
        Entry(
            id="T-S2",
            name="Automated and electric fleets",
            name_ja="自動運転・EVの普及",
            make=AutomatedElectricFleets,
            writes=("stock",),
            carried_by=("vehicle_fleets",),
            outcome="crashes",
        ),
        Entry(
            id="T-S3",
            name="Matched rides",
            name_ja="P2Pライドシェアの拡充",
            make=MatchedRides,
            writes=("stock", "market"),
            carried_by=("ride_matching",),
            outcome="delay_h_per_person_trip",
        ),
        Entry(
            id="T-C1",
            name="Autonomous mobility network",
            name_ja="自律型移動ネットワークの開発",
            make=LocalRoads,
            writes=("control", "stock"),
            carried_by=("control_graph", "local_signals"),
        ),
        Entry(
            id="T-C2",
            name="Open and monitored roads",
            name_ja="国際監視と透明な運用",
            make=TransparentRoads,
            writes=("control", "information", "payoffs"),
            carried_by=("public_record", "deterrence", "revocation"),
            outcome="time_to_proof_h",
        ),
        Entry(
            id="R-S1",
            name="Learned exploration for ore",
            name_ja="AIを活用した鉱物探査",
            make=LearnedExploration,
            writes=("information", "stock"),
            carried_by=("exploration",),
            outcome="reserves_t",
            claimed_sign=1,
        ),
        Entry(
            id="R-S2",
            name="Enhanced oil recovery",
            name_ja="EOR（石油増産技術）",
            make=OilRecovery,
            writes=("stock",),
            carried_by=("oil_recovery",),
            outcome="oil_produced_t",
            claimed_sign=1,
        ),
        Entry(
            id="R-S3",
            name="Urban mining",
            name_ja="都市鉱山（E-Wasteリサイクル）",
            make=UrbanMining,
            writes=("stock",),
            carried_by=("scrap",),
            outcome="resource_import_share",
        ),
        Entry(
            id="R-S4",
            name="Biofuel and synthetic fuel",
            name_ja="バイオベースプラスチック・合成燃料",
            make=NewFuels,
            writes=("stock",),
            carried_by=("new_fuels",),
            outcome="oil_share",
        ),
        Entry(
            id="R-C1",
            name="Public log of the supply chain",
            name_ja="ブロックチェーンによるサプライチェーン監視",
            make=SupplyLog,
            writes=("information",),
            carried_by=("public_record",),
            outcome="time_to_proof_h",
        ),
        Entry(
            id="R-C2",
            name="Diversification",
            name_ja="資源の多角化",
            make=Diversification,
            writes=("market", "stock"),
            carried_by=("diversification",),
            outcome="fuel_unserved_t",
        ),
        Entry(
            id="X-C1",
            name="Distributed infrastructure",
            name_ja="分散型インフラの導入",
            make=DistributedInfrastructure,
            writes=("control", "stock"),
            carried_by=("control_graph", "islanding", "local_wells", "local_signals"),
        ),
        Entry(
            id="X-C2",
            name="Transparency of all networks",
            name_ja="ブロックチェーンによる透明性確保",
            make=LogOfAllNetworks,
            writes=("information",),
            carried_by=("public_record",),
            outcome="time_to_proof_h",
        ),
        Entry(
            id="X-C3",
            name="Democratic management",
            name_ja="民主的管理（AI民主主義）",
            make=DemocraticManagement,
            writes=("allocation",),
            carried_by=("rationing", "voting", "recall"),
        ),
        Entry(
            id="X-C4",
            name="International monitoring and stronger law",
            name_ja="国際監視と法規制の強化",
            make=StrongerLaw,
            writes=("control", "payoffs"),
            carried_by=("control_graph", "deterrence", "revocation"),
        ),
        Entry(
            id="X-C5",
            name="Self-reliance of citizens",
            name_ja="市民の自立支援",
            make=SelfReliance,
            writes=("stock",),
            carried_by=("household_stocks",),
        ),
    )
}

PACKAGES: dict[str, tuple[str, ...]] = {
    "vpp": tuple(id for id in POLICIES if id.startswith("E-")),
    "vwp": tuple(id for id in POLICIES if id.startswith("W-")),
    "vtm": tuple(id for id in POLICIES if id.startswith("T-")),
    "resources": tuple(id for id in POLICIES if id.startswith("R-")),
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
