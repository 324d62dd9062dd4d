"""The control graph: principals, assets, and the edges that say who may operate what.

An order is (principal, asset, action, value). It takes effect only if an edge leads from the principal to
the asset. Where an asset has several holders, its authority says how their orders combine:

* ``any``: one holder is enough; the strongest order counts;
* ``both``: every holder must give the order; the weakest counts;
* ``local_restore``: as ``any``, and the municipality of the asset's district may undo a cut by hand.

Reach(p, d) = sum_k c_pk L_dk is the share of district *d*'s need that principal *p* can interrupt; its
concentration is the Herfindahl-Hirschman index over principals, and K_d the smallest number of principals
whose capture cuts more than half of the district's need (a set cover, searched exactly).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np

from agentsim.core.charter import Control, Holding
from agentsim.core.messages import Order, Permitted

if TYPE_CHECKING:
    import networkx

# class of assets -> the network it belongs to; one asset of the class for each district
BY_DISTRICT = {
    "breakers": "power",
    "inlet_valves": "water",
    "trunk_valves": "water",
    "road_closures": "roads",
    "microgrid_ties": "power",
    "wells": "water",
    "signals": "roads",
    "power_record": "power",
    "water_record": "water",
    "roads_record": "roads",
    "home_devices": "power",
}
REMOTE_SWITCHES = (
    "section_switches"  # one asset in each district, where feeders have switches operated from afar
)
DETECTORS = "detectors"  # one asset in each district, where signals follow what detectors report
AUTOMATED_CARS = "automated_cars"  # one asset for all of them, where there are any
WELL_DOSING, PLANT_DOSING = "well_dosing", "plant_dosing"
# dosing at sources that a policy adds: its class -> whoever operates this doses the water too
ADDED_DOSING = {WELL_DOSING: "wells", PLANT_DOSING: "dosing"}
ADDED_BY_DISTRICT = (REMOTE_SWITCHES, DETECTORS, WELL_DOSING)
CITY_WIDE = {"units": "power", "pumps": "water", "dosing": "water", "generators": "power"}
BY_SUPPLIER = ("terminals", "supply_record")
PLATFORMS = ("ledger", "vote", "recommender")  # network: institutions
RECORDS = {
    "power_record": "power",
    "water_record": "water",
    "roads_record": "roads",
    "supply_record": "supply",
}
# class of assets -> network, of all classes
NETWORK_OF = {
    **BY_DISTRICT,
    REMOTE_SWITCHES: "power",
    DETECTORS: "roads",
    AUTOMATED_CARS: "roads",
    **dict.fromkeys(ADDED_DOSING, "water"),
    **CITY_WIDE,
    **dict.fromkeys(BY_SUPPLIER, "supply"),
    **dict.fromkeys(PLATFORMS, "institutions"),
}
# actions that turn an asset against people; every other action is daily work
ABUSES = ("restrict", "withhold", "forge", "dose", "switch", "seize", "spoof")
RESTRICTS = ("breakers", "inlet_valves", "trunk_valves", "road_closures", REMOTE_SWITCHES)
NETWORKS = ("power", "water", "roads")

REACHED_BY_DEVICES = ("inlet_valves", "dosing")  # of a leak finder

HOURLY = ("units", "pumps")  # assets that are set anew each hour, with an array of what runs

Given = dict[str, dict[str, Order]]  # asset -> "principal/action" -> order


@dataclass(frozen=True)
class Asset:
    """An asset of class ``kind``. ``district`` is -1 for what serves the whole city."""

    name: str
    kind: str
    network: str
    district: int
    holding: Holding


@dataclass(frozen=True)
class Answer:
    """What an hour's *orders* come to, which holds as long as the same orders are given.

    ``may`` says which of them have an edge, ``hourly`` which ones set the assets of ``HOURLY`` (None: nobody
    does). ``standing`` are the fields of :class:`~agentsim.core.messages.Permitted` that follow from the
    others. The orders for ``HOURLY`` may have other values in the next hour.
    """

    orders: tuple[Order, ...]
    changes: int  # of the graph when it was given
    may: tuple[bool, ...]
    hourly: tuple[int | None, int | None]
    standing: dict[str, Any]
    permitted: Permitted | None = None  # the whole

    def whole(self, orders: tuple[Order, ...], changes: int) -> Permitted | None:
        """The whole answer, if these are the very orders to which it was given; None if they are not."""
        if changes != self.changes or len(orders) != len(self.orders):
            return None
        return self.permitted if all(map(is_, orders, self.orders)) else None

    def is_to(self, orders: tuple[Order, ...], changes: int) -> bool:
        """Whether these are the same orders, but for the values of those that are given anew each hour."""
        if changes != self.changes or len(orders) != len(self.orders):
            return False
        return all(
            now is then or (now.asset in HOURLY and _but_value(now) == _but_value(then))
            for now, then in zip(orders, self.orders, strict=True)
        )

    def split(self, orders: tuple[Order, ...]) -> tuple[tuple[Order, ...], tuple[Order, ...]]:
        """The orders that have an edge, and those that have none."""
        if all(self.may):
            return orders, ()
        applied, refused = (
            tuple(order for order, may in zip(orders, self.may, strict=True) if may is wanted)
            for wanted in (True, False)
        )
        return applied, refused


def _but_value(order: Order) -> tuple[str, str, str]:
    return order.principal, order.asset, order.action


class ControlGraph:
    """The edges between principals and assets, and the orders that pass through them.

    Parameters
    ----------
    control : the charter's rules
    districts : names of the districts
    needs_edge : False switches the mechanism off: every order takes effect, with or without an edge
    terminal_owner : supplier of each terminal; all terminals of a supplier are one asset, which it holds
    platforms : those of ``PLATFORMS`` that the charter brings
    remote_devices : a leak finder's devices reach inlet valves and dosing, so that its vendor can operate
        them too, but for valves of which all holders must agree
    remote_switches : whether sections of feeders can be switched from afar
    detectors : whether there are signals that follow what detectors report
    automated_cars : whether there are any, which hang on their maker's cloud
    added_dosing : classes of ``ADDED_DOSING`` that the city has: municipal wells, a desalination plant
    """

    def __init__(
        self,
        control: Control,
        districts: tuple[str, ...],
        needs_edge: bool = True,
        terminal_owner: tuple[str, ...] = (),
        platforms: tuple[str, ...] = (),
        remote_devices: bool = False,
        remote_switches: bool = False,
        detectors: bool = False,
        automated_cars: bool = False,
        added_dosing: tuple[str, ...] = (),
    ) -> None:
        self.districts = districts
        self.needs_edge = needs_edge
        self.terminal_owner = terminal_owner
        self.assets: dict[str, Asset] = {}
        self.revoked: dict[tuple[str, str], int] = {}  # (principal, network) -> hour
        self.changes = 0  # revocations and reinstatements so far
        self._answer: Answer | None = None  # to the orders of the hour before
        operators = math.ceil(1.0 / control.max_reach_share - 1e-9)
        for kind in BY_DISTRICT:
            self._add_by_district(kind, getattr(control, kind), operators)
        for kind, network in CITY_WIDE.items():
            self.assets[kind] = Asset(kind, kind, network, -1, _resolve(getattr(control, kind), ""))
        owners = tuple(dict.fromkeys(terminal_owner))
        for kind in BY_SUPPLIER:
            for name in owners:
                holding = Holding((f"supplier:{name}",))
                self.assets[f"{kind}:{name}"] = Asset(f"{kind}:{name}", kind, "supply", -1, holding)
        added_by_devices = self._connect(control.leak_devices.holders) if remote_devices else set()
        everybody = {p for a in self.assets.values() for p in a.holding.holders}
        suppliers = [f"supplier:{name}" for name in owners]
        for kind in platforms:
            self.assets[kind] = Asset(kind, kind, "institutions", -1, _resolve(getattr(control, kind), ""))
        if remote_switches:
            self._add_by_district(REMOTE_SWITCHES, control.section_switches, operators)
        if detectors:
            self._add_by_district(DETECTORS, control.detectors, operators)
        if automated_cars:
            held = _resolve(control.automated_cars, "")
            self.assets[AUTOMATED_CARS] = Asset(AUTOMATED_CARS, AUTOMATED_CARS, "roads", -1, held)
        if WELL_DOSING in added_dosing:
            self._add_by_district(WELL_DOSING, control.wells, operators)
        if PLANT_DOSING in added_dosing:
            holding = _resolve(control.dosing, "")
            self.assets[PLANT_DOSING] = Asset(PLANT_DOSING, PLANT_DOSING, "water", -1, holding)
        added = {p for a in self.assets.values() for p in a.holding.holders} - everybody
        added |= {
            p for p in everybody if p[-1].isdigit() and not p.startswith(("supplier:", "municipality:"))
        }
        added |= added_by_devices
        # what a policy adds comes last, so that it moves nobody else's draws
        self.principals = (*sorted(everybody - set(suppliers) - added), *suppliers, *sorted(added))
        self._cutting: dict[tuple[int, str], list[Asset]] = {}  # (district, network) -> what can cut it off
        for asset in self.assets.values():
            if asset.kind in RESTRICTS:
                self._cutting.setdefault((asset.district, asset.network), []).append(asset)

    def _connect(self, vendors: tuple[str, ...]) -> set[str]:
        """Give vendors of remote devices an edge to what their devices reach; returns the vendors."""
        for name, asset in self.assets.items():
            if asset.kind in REACHED_BY_DEVICES and asset.holding.authority != "both":
                holding = replace(asset.holding, holders=(*asset.holding.holders, *vendors))
                self.assets[name] = replace(asset, holding=holding)
        return set(vendors)

    def _add_by_district(self, kind: str, rule: Holding, operators: int) -> None:
        """Add one asset of a class in each district, held by *rule*."""
        for d, name in enumerate(self.districts):
            holding = _resolve(rule, name, d % operators)
            self.assets[f"{kind}:{name}"] = Asset(f"{kind}:{name}", kind, NETWORK_OF[kind], d, holding)

    def holds(self, principal: str, asset: str) -> bool:
        """Whether an edge lets *principal* operate *asset*."""
        return not self.needs_edge or principal in self.assets[asset].holding.holders

    def may_abuse(self, principal: str, asset: str) -> bool:
        """Whether an edge lets *principal* turn *asset* against people, and this has not been revoked."""
        return self.holds(principal, asset) and (principal, self.assets[asset].network) not in self.revoked

    def revoke(self, principal: str, network: str, hour: int) -> None:
        """From *hour* on, *principal* can do its daily work on *network* and nothing else."""
        self.revoked.setdefault((principal, network), hour)
        self.changes += 1

    def reinstate(self, principal: str, network: str) -> None:
        """*principal* has its powers over *network* again, if they had been revoked."""
        self.revoked.pop((principal, network), None)
        self.changes += 1

    def edges(self, principals: Iterable[str]) -> list[Asset]:
        """Assets that at least one of *principals* may operate, in the order of the graph."""
        wanted = set(principals)
        return [asset for asset in self.assets.values() if wanted & set(asset.holding.holders)]

    # ---- orders -------------------------------------------------------------------------------------

    def permit(self, orders: Iterable[Order], units: int, pumps: int) -> Permitted:
        """The orders that have an edge, combined by each asset's authority.

        Raises
        ------
        KeyError : an order names an asset that does not exist
        """
        orders = tuple(orders)
        answer = self._answer
        known = None if answer is None else answer.whole(orders, self.changes)
        if known is not None:
            return known
        if answer is None or not answer.is_to(orders, self.changes):
            answer = self._answer_to(orders)
        units_by, pumps_by = answer.hourly
        applied, refused = answer.split(orders)
        permitted = Permitted(
            committed=np.ones(units, bool) if units_by is None else orders[units_by].value,
            pumps_on=np.ones(pumps, bool) if pumps_by is None else orders[pumps_by].value,
            applied=applied,
            refused=refused,
            **answer.standing,
        )
        self._answer = replace(answer, orders=orders, permitted=permitted)
        return permitted

    def _answer_to(self, orders: tuple[Order, ...]) -> Answer:
        """What the orders come to, but for the values of those that are given anew each hour."""
        may = tuple(map(self._may, orders))
        given = self._by_asset(order for order, passes in zip(orders, may, strict=True) if passes)
        last = [list(given[asset].values())[-1] if asset in given else None for asset in HOURLY]
        hourly = [next((i for i, order in enumerate(orders) if order is one), None) for one in last]
        rationed = self._rationed_frac(given)
        value = {name: self._combined(self.assets[name], held) for name, held in given.items()}
        local = self._by_district(value)
        platforms = [kind for kind in PLATFORMS if kind in value]
        forged = {network: local[kind] > 0 for kind, network in RECORDS.items() if kind in local}
        standing: dict[str, Any] = {
            "power_cut_off_frac": np.maximum(local["breakers"], local[REMOTE_SWITCHES]),
            "sections_opened_frac": local[REMOTE_SWITCHES],
            "water_cut_off_frac": local["inlet_valves"],
            "trunk_mains_shut": local["trunk_valves"] > 0.5,
            "roads_cut_off": local["road_closures"] > 0.5,
            "islanded": local["microgrid_ties"] > 0.5,
            # whoever doses the wells lets them run; the same holders may do both
            "wells_on": (local["wells"] > 0.5) | (local[WELL_DOSING] > 0.0),
            "withheld_frac": self._by_terminal("terminals", value),
            "signals_red_frac": local["signals"],
            "detectors_spoofed_frac": local[DETECTORS],
            "rationed_frac": rationed,
            "forged": {**forged, "supply": self._by_terminal("supply_record", value) > 0},
            "devices_seized_frac": local["home_devices"],
            "dose_frac": value.get("dosing", 1.0),
            "plant_dose_frac": value.get(PLANT_DOSING, 1.0),
            "well_dose_frac": _doses(local[WELL_DOSING]),
            "generators_withheld_frac": value.get("generators", 0.0),
            "cars_stopped_frac": value.get(AUTOMATED_CARS, 0.0),
            "seized": tuple(platforms),
            "seized_for": int(max((value[kind] for kind in platforms), default=-1)),
        }
        arrays = [one for one in (*standing.values(), *standing["forged"].values()) if hasattr(one, "flags")]
        for array in arrays:
            array.flags.writeable = False  # it is handed out hour after hour
        wrong_dose = standing["dose_frac"] != 1.0 or standing["plant_dose_frac"] != 1.0
        wrong = wrong_dose or standing["generators_withheld_frac"] or platforms
        wrong = wrong or standing["cars_stopped_frac"] > 0.0
        daily = standing["wells_on"]
        standing["ordinary"] = not wrong and not any(one.any() for one in arrays if one is not daily)
        return Answer(orders, self.changes, may, (hourly[0], hourly[1]), standing)

    def _by_asset(self, orders: Iterable[Order]) -> Given:
        """The orders by asset. Of two of one holder for the same action on an asset, the later one counts."""
        given: Given = {}
        for order in orders:
            given.setdefault(order.asset, {})[f"{order.principal}/{order.action}"] = order
        return given

    def _may(self, order: Order) -> bool:
        """Whether an edge carries the order; by ``local_restore`` a municipality may undo cuts by hand."""
        if order.action in ABUSES:
            return not self.needs_edge or self.may_abuse(order.principal, order.asset)
        if order.action != "restore":
            return self.holds(order.principal, order.asset)
        asset = self.assets[order.asset]
        local = asset.district >= 0 and order.principal == f"municipality:{self.districts[asset.district]}"
        return asset.holding.authority == "local_restore" and local

    def _rationed_frac(self, given: Given) -> np.ndarray:
        """Takes the orders to ration out of *given*: share of water held back, array (districts,)."""
        rationed = np.zeros(len(self.districts))
        for name, held in given.items():
            asset = self.assets[name]
            if asset.kind == "inlet_valves":
                ration = [key for key, order in held.items() if order.action == "ration"]
                rationed[asset.district] = max((held.pop(key).value for key in ration), default=0.0)
        return rationed

    def _combined(self, asset: Asset, held: dict[str, Order]) -> Any:
        """What the orders of an asset's holders come to, by its authority."""
        orders = list(held.values())
        values = [order.value for order in orders if order.action != "restore"]
        if asset.holding.authority == "local_restore" and any(o.action == "restore" for o in orders):
            return 0.0
        if asset.holding.authority == "both" and asset.kind in RESTRICTS:
            agreed = {order.principal for order in orders if order.action != "restore"}
            return min(values) if agreed >= set(asset.holding.holders) else 0.0
        if not values:
            return 0.0
        return values[-1] if asset.district < 0 else max(values)

    def _by_district(self, value: dict[str, Any]) -> dict[str, np.ndarray]:
        """Values of the assets that stand in a district: class -> array (districts,), 0 without an order."""
        local = {kind: np.zeros(len(self.districts)) for kind in (*BY_DISTRICT, *ADDED_BY_DISTRICT)}
        for name, level in value.items():
            asset = self.assets[name]
            if asset.district >= 0:
                local[asset.kind][asset.district] = level
        return local

    def _by_terminal(self, kind: str, value: dict[str, Any]) -> np.ndarray:
        """Values of the suppliers' assets of a class, array (terminals,), 0 without an order."""
        return np.array([value.get(f"{kind}:{owner}", 0.0) for owner in self.terminal_owner], dtype=float)

    # ---- who can cut whom ---------------------------------------------------------------------------

    def can_cut(self, captured: Iterable[str], district: int, network: str) -> bool:
        """Whether the captured principals together can cut *district* off from *network*."""
        captured = set(captured)
        for asset in self._cutting.get((district, network), ()):
            holders = set(asset.holding.holders)
            needs_all = asset.holding.authority == "both"
            if holders and ((holders <= captured) if needs_all else (holders & captured)):
                return True
        return False

    def reach(self, networks: tuple[str, ...] = NETWORKS) -> np.ndarray:
        """Share of each district's need that each principal alone can cut, (principals, districts)."""
        return np.array(
            [
                [np.mean([self.can_cut([p], d, n) for n in networks]) for d in range(len(self.districts))]
                for p in self.principals
            ]
        )

    def edges_that_harm(self, network: str) -> int:
        """Edges by which somebody could turn assets of *network* against people."""
        kinds = {one.kind for one in self.assets.values()}
        wells = ("wells",) if WELL_DOSING in kinds else ()  # without wells nobody can shut any
        classes = (*RESTRICTS, "dosing", *ADDED_DOSING, "pumps", *wells)
        own = [one for one in self.assets.values() if one.network == network and one.kind in classes]
        return sum(len(one.holding.holders) for one in own)

    def reach_hhi(self) -> float:
        """Concentration of reach over principals: sum of squared shares, 1 when one holds everything."""
        total = self.reach().sum(axis=1)
        return float(((total / total.sum()) ** 2).sum()) if total.sum() > 0 else 0.0

    def smallest_capture_set(self, district: int, networks: tuple[str, ...] = NETWORKS) -> float:
        """K_d: how few principals must be captured to cut more than half of the district's need.

        ``inf`` when no set of principals can.
        """
        cutting = [asset for n in networks for asset in self._cutting.get((district, n), ())]
        able = [p for p in self.principals if any(p in asset.holding.holders for asset in cutting)]
        for size in range(1, len(able) + 1):
            for captured in combinations(able, size):
                cut = np.mean([self.can_cut(captured, district, n) for n in networks])
                if cut > 0.5:
                    return float(size)
        return float("inf")

    # ---- as a networkx graph ------------------------------------------------------------------------

    @property
    def graph(self) -> "networkx.DiGraph":
        """The control graph as it is now: an edge from each principal to each asset that it may operate.

        Nodes have ``kind`` (``principal`` or ``asset``). Assets have ``asset_class``, ``network``,
        ``district`` (its name; empty for what serves the whole city) and ``authority``. Edges have
        ``network``, ``asset_class`` and ``revoked`` (True: daily work only). Changes to the graph that is
        returned change nothing in the model.

        >>> control = ControlGraph(Control(), ("North", "South"))
        >>> sorted(control.graph.predecessors("breakers:North"))
        ['power_control_room']
        """
        import networkx  # here, because the hour does not need it

        graph = networkx.DiGraph(name="control", needs_edge=self.needs_edge)
        graph.add_nodes_from(self.principals, kind="principal")
        for asset in self.assets.values():
            graph.add_node(
                asset.name,
                kind="asset",
                asset_class=asset.kind,
                network=asset.network,
                district=self.districts[asset.district] if asset.district >= 0 else "",
                authority=asset.holding.authority,
            )
            for holder in asset.holding.holders:
                revoked = (holder, asset.network) in self.revoked
                graph.add_edge(
                    holder, asset.name, network=asset.network, asset_class=asset.kind, revoked=revoked
                )
        return graph


def _doses(ordered_frac: np.ndarray) -> np.ndarray | None:
    """Dose of each district's wells, array (districts,), 1 without an order; None: nobody gives any order."""
    return np.where(ordered_frac > 0.0, ordered_frac, 1.0) if ordered_frac.any() else None


def _resolve(holding: Holding, district: str, operator: int = 0) -> Holding:
    """The rule with ``municipality`` replaced by the one of this district.

    Where the charter caps what one operator may hold, a control room gets the number of its operator.
    """

    def name(holder: str) -> str:
        if holder == "municipality":
            return f"municipality:{district}"
        return f"{holder}_{operator + 1}" if operator and holder.endswith("_control_room") else holder

    return Holding(tuple(name(holder) for holder in holding.holders), holding.authority)
