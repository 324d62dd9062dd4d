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

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from agentsim.core.charter import Control, Holding
from agentsim.core.messages import Order, Permitted

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
    **CITY_WIDE,
    **dict.fromkeys(BY_SUPPLIER, "supply"),
    **dict.fromkeys(PLATFORMS, "institutions"),
}
# what somebody does with an asset that it ought not to; anything else is the office's daily work
ABUSES = ("restrict", "withhold", "forge", "dose", "switch", "seize")
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
    platforms : those of ``PLATFORMS`` that the charter brings
    """

    def __init__(
        self,
        control: Control,
        districts: tuple[str, ...],
        needs_edge: bool = True,
        terminal_owner: tuple[str, ...] = (),
        platforms: tuple[str, ...] = (),
    ) -> None:
        self.districts = districts
        self.needs_edge = needs_edge
        self.terminal_owner = terminal_owner
        self.assets: dict[str, Asset] = {}
        self.revoked: dict[tuple[str, str], int] = {}  # (principal, network) -> hour
        operators = math.ceil(1.0 / control.max_reach_share - 1e-9)
        for kind, network in BY_DISTRICT.items():
            for d, name in enumerate(districts):
                holding = _resolve(getattr(control, kind), name, d % operators)
                self.assets[f"{kind}:{name}"] = Asset(f"{kind}:{name}", kind, network, d, holding)
        for kind, network in CITY_WIDE.items():
            self.assets[kind] = Asset(kind, kind, network, -1, _resolve(getattr(control, kind), ""))
        owners = tuple(dict.fromkeys(terminal_owner))
        for kind in BY_SUPPLIER:
            for name in owners:
                holding = Holding((f"supplier:{name}",))
                self.assets[f"{kind}:{name}"] = Asset(f"{kind}:{name}", kind, "supply", -1, holding)
        everybody = {p for a in self.assets.values() for p in a.holding.holders}
        suppliers = [f"supplier:{name}" for name in owners]
        for kind in platforms:
            self.assets[kind] = Asset(kind, kind, "institutions", -1, _resolve(getattr(control, kind), ""))
        added = {p for a in self.assets.values() for p in a.holding.holders} - everybody
        added |= {
            p for p in everybody if p[-1].isdigit() and not p.startswith(("supplier:", "municipality:"))
        }
        # what a policy adds comes last, so that it moves nobody else's draws
        self.principals = (*sorted(everybody - set(suppliers) - added), *suppliers, *sorted(added))

    def holds(self, principal: str, asset: str) -> bool:
        """Whether an edge lets *principal* operate *asset*."""
        return not self.needs_edge or principal in self.assets[asset].holding.holders

    def may_abuse(self, principal: str, asset: str) -> bool:
        """Whether an edge lets *principal* turn *asset* against people, and nobody has taken it away."""
        return self.holds(principal, asset) and (principal, self.assets[asset].network) not in self.revoked

    def revoke(self, principal: str, network: str, hour: int) -> None:
        """From this hour on *principal* carries out its daily work on a network and nothing else."""
        self.revoked.setdefault((principal, network), hour)

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
        hidden = dict.fromkeys(self.terminal_owner, False)
        rationed = np.zeros(count)
        for name, by_holder in given.items():
            asset = self.assets[name]
            if asset.kind == "inlet_valves":
                rationed[asset.district] = max(
                    (o.value for o in by_holder.values() if o.action == "ration"), default=0.0
                )
                by_holder = {who: o for who, o in by_holder.items() if o.action != "ration"}
            resolved = self._resolved(asset, by_holder)
            if asset.kind == "terminals":
                withheld[name.partition(":")[2]] = resolved
            elif asset.kind == "supply_record":
                hidden[name.partition(":")[2]] = resolved > 0
            elif asset.district < 0:
                city[asset.kind] = resolved
            else:
                value[asset.kind][asset.district] = resolved
        return Permitted(
            power_cut_off_frac=value["breakers"],
            water_cut_off_frac=value["inlet_valves"],
            trunk_mains_shut=value["trunk_valves"] > 0.5,
            roads_cut_off=value["road_closures"] > 0.5,
            islanded=value["microgrid_ties"] > 0.5,
            wells_on=value["wells"] > 0.5,
            committed=city["units"],
            pumps_on=city["pumps"],
            withheld_frac=np.array([withheld[owner] for owner in self.terminal_owner]),
            applied=tuple(applied),
            refused=tuple(refused),
            signals_red_frac=value["signals"],
            rationed_frac=rationed,
            forged={
                **{RECORDS[kind]: value[kind] > 0 for kind in RECORDS if kind in value},
                "supply": np.array([hidden[owner] for owner in self.terminal_owner], dtype=bool),
            },
            devices_seized_frac=value["home_devices"],
            dose_frac=city.get("dosing", 1.0),
            generators_withheld_frac=city.get("generators", 0.0),
            seized=tuple(kind for kind in PLATFORMS if kind in city),
            seized_for=int(max((city[kind] for kind in PLATFORMS if kind in city), default=-1)),
        )

    def _may(self, order: Order) -> bool:
        """Whether an edge carries the order; by ``local_restore`` a municipality may undo cuts by hand."""
        if order.action in ABUSES:
            return not self.needs_edge or self.may_abuse(order.principal, order.asset)
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


def _resolve(holding: Holding, district: str, operator: int = 0) -> Holding:
    """The rule with ``municipality`` replaced by the one of this district, and a central room by its
    *operator*-th owner where ownership is capped."""

    def name(holder: str) -> str:
        if holder == "municipality":
            return f"municipality:{district}"
        return f"{holder}_{operator + 1}" if operator and holder.endswith("_control_room") else holder

    return Holding(tuple(name(holder) for holder in holding.holders), holding.authority)
