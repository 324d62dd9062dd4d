"""Who may operate what: principals, assets and the edges between them.

An order is (principal, asset, action, value) and takes effect only through an edge. How several holders
of one asset combine is its authority:

* ``any``: one holder is enough; the strongest order counts;
* ``both``: every holder must give it; the weakest order counts;
* ``local_restore``: as ``any``, and the municipality of the asset's district may undo it by hand.

Reach(p, d) = sum_k c_pk L_dk is the share of district *d*'s need that principal *p* can interrupt; its
concentration is the Herfindahl-Hirschman index over principals, and K_d the smallest number of principals
whose capture cuts more than half of the district's need (a set cover, searched exactly).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from agentsim.charter import Control, Holding
from agentsim.exchange import Order, Permitted

# class of assets -> the network it belongs to; one asset of the class for each district
BY_DISTRICT = {
    "breakers": "power",
    "inlet_valves": "water",
    "trunk_valves": "water",
    "road_closures": "roads",
    "microgrid_ties": "power",
    "wells": "water",
    "signals": "roads",
}
CITY_WIDE = {"units": "power", "pumps": "water"}
RESTRICTS = ("breakers", "inlet_valves", "trunk_valves", "road_closures")
NETWORKS = ("power", "water", "roads")


@dataclass(frozen=True)
class Asset:
    """Something that can be operated. ``district`` is -1 for what serves the whole city."""

    name: str
    kind: str
    network: str
    district: int
    holding: Holding


class ControlGraph:
    """The edges between principals and assets, and the orders that pass through them.

    Parameters
    ----------
    control : the charter's rules
    districts : names of the districts
    needs_edge : False switches the mechanism off: an order from anybody takes effect
    terminal_owner : supplier of each terminal; the terminals of one supplier are one asset, its own
    """

    def __init__(
        self,
        control: Control,
        districts: tuple[str, ...],
        needs_edge: bool = True,
        terminal_owner: tuple[str, ...] = (),
    ) -> None:
        self.districts = districts
        self.needs_edge = needs_edge
        self.terminal_owner = terminal_owner
        self.assets: dict[str, Asset] = {}
        for kind, network in BY_DISTRICT.items():
            for d, name in enumerate(districts):
                holding = _resolve(getattr(control, kind), name)
                self.assets[f"{kind}:{name}"] = Asset(f"{kind}:{name}", kind, network, d, holding)
        for kind, network in CITY_WIDE.items():
            self.assets[kind] = Asset(kind, kind, network, -1, _resolve(getattr(control, kind), ""))
        for name in dict.fromkeys(terminal_owner):
            holding = Holding((f"supplier:{name}",))
            self.assets[f"terminals:{name}"] = Asset(f"terminals:{name}", "terminals", "supply", -1, holding)
        everybody = {p for a in self.assets.values() for p in a.holding.holders}
        suppliers = [f"supplier:{name}" for name in dict.fromkeys(terminal_owner)]
        # suppliers last, in the order of their terminals: one that a policy adds moves nobody else
        self.principals = (*sorted(everybody - set(suppliers)), *suppliers)

    def holds(self, principal: str, asset: str) -> bool:
        """Whether an edge lets *principal* operate *asset*."""
        return not self.needs_edge or principal in self.assets[asset].holding.holders

    def edges(self, principals: Iterable[str]) -> list[Asset]:
        """Assets that at least one of *principals* may operate, in the order of the graph."""
        wanted = set(principals)
        return [asset for asset in self.assets.values() if wanted & set(asset.holding.holders)]

    # ---- orders -------------------------------------------------------------------------------------

    def permit(self, orders: Iterable[Order], units: int, pumps: int) -> Permitted:
        """The orders that have an edge, resolved by each asset's authority.

        Raises
        ------
        KeyError : an order names an asset that does not exist
        """
        applied, refused = [], []
        given: dict[str, dict[str, Order]] = {}
        for order in orders:
            if self._may(order):
                given.setdefault(order.asset, {})[f"{order.principal}/{order.action}"] = order
                applied.append(order)
            else:
                refused.append(order)
        count = len(self.districts)
        value = {kind: np.zeros(count) for kind in BY_DISTRICT}
        city: dict[str, Any] = {"units": np.ones(units, bool), "pumps": np.ones(pumps, bool)}
        withheld = dict.fromkeys(self.terminal_owner, 0.0)
        for name, by_holder in given.items():
            asset = self.assets[name]
            resolved = self._resolved(asset, by_holder)
            if asset.kind == "terminals":
                withheld[name.partition(":")[2]] = resolved
            elif asset.district < 0:
                city[asset.kind] = resolved
            else:
                value[asset.kind][asset.district] = resolved
        return Permitted(
            breakers_closed_frac=value["breakers"],
            inlet_closed_frac=value["inlet_valves"],
            trunk_closed=value["trunk_valves"] > 0.5,
            roads_closed=value["road_closures"] > 0.5,
            islanded=value["microgrid_ties"] > 0.5,
            wells_on=value["wells"] > 0.5,
            committed=city["units"],
            pumps_on=city["pumps"],
            withheld_frac=np.array([withheld[owner] for owner in self.terminal_owner]),
            applied=tuple(applied),
            refused=tuple(refused),
            signals_red_frac=value["signals"],
        )

    def _may(self, order: Order) -> bool:
        """Whether an edge carries the order; by ``local_restore`` a municipality may undo cuts by hand."""
        if order.action != "restore":
            return self.holds(order.principal, order.asset)
        asset = self.assets[order.asset]
        local = asset.district >= 0 and order.principal == f"municipality:{self.districts[asset.district]}"
        return asset.holding.authority == "local_restore" and local

    def _resolved(self, asset: Asset, by_holder: dict[str, Order]) -> Any:
        orders = list(by_holder.values())
        values = [order.value for order in orders if order.action != "restore"]
        if asset.holding.authority == "local_restore" and any(o.action == "restore" for o in orders):
            return 0.0
        if asset.holding.authority == "both" and asset.kind in RESTRICTS:
            agreed = {order.principal for order in orders if order.action != "restore"}
            return min(values) if agreed >= set(asset.holding.holders) else 0.0
        if not values:
            return 0.0
        return values[-1] if asset.district < 0 else max(values)

    def sharpest(self, kinds: tuple[str, ...], where: str) -> list[Asset]:
        """The assets of these kinds at a place, in the order of the kinds."""
        names = [f"{kind}:{where}" for kind in kinds]
        return [self.assets[name] for name in names if name in self.assets]

    def holders_at(self, where: str) -> tuple[str, ...]:
        """Everybody who holds an edge on an asset of this place."""
        here = [asset for asset in self.assets.values() if asset.name.endswith(f":{where}")]
        return tuple(dict.fromkeys(holder for asset in here for holder in asset.holding.holders))

    # ---- who could cut whom -------------------------------------------------------------------------

    def can_cut(self, captured: Iterable[str], district: int, network: str) -> bool:
        """Whether the captured principals together can cut *district* off from *network*."""
        hands = set(captured)
        for asset in self.assets.values():
            if asset.kind not in RESTRICTS or asset.district != district or asset.network != network:
                continue
            holders = set(asset.holding.holders)
            needs_all = asset.holding.authority == "both"
            if holders and ((holders <= hands) if needs_all else (holders & hands)):
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

    def reach_hhi(self) -> float:
        """Concentration of reach over principals: sum of squared shares, 1 when one holds everything."""
        total = self.reach().sum(axis=1)
        return float(((total / total.sum()) ** 2).sum()) if total.sum() > 0 else 0.0

    def smallest_capture_set(self, district: int, networks: tuple[str, ...] = NETWORKS) -> float:
        """K_d: how few principals must be captured to cut more than half of the district's need.

        ``inf`` when no set of principals can.
        """
        able = [p for p in self.principals if any(self._touches(p, district, n) for n in networks)]
        for size in range(1, len(able) + 1):
            for captured in combinations(able, size):
                cut = np.mean([self.can_cut(captured, district, n) for n in networks])
                if cut > 0.5:
                    return float(size)
        return float("inf")

    def _touches(self, principal: str, district: int, network: str) -> bool:
        return any(
            asset.kind in RESTRICTS and asset.district == district and asset.network == network
            for asset in self.edges([principal])
        )


def _resolve(holding: Holding, district: str) -> Holding:
    """The rule with ``municipality`` replaced by the one of this district."""
    holders = tuple(f"municipality:{district}" if h == "municipality" else h for h in holding.holders)
    return Holding(holders, holding.authority)
