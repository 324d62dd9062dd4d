"""Publication of an hour: the operators' figures beside the reports of homes' meters (mechanisms S11).

An operator's figure is the share of homes' demand that was served. It is true unless the operator's records
are falsified: then it states what would have been served without the cut, and the cut is not admitted.
Suppliers state once a day which share of their capacity they offer, and depots weigh what they received.
"""

import numpy as np

from agentsim.core.charter import Information
from agentsim.core.messages import Demand, HomeMeters, Permitted, Published, Service, Trips
from agentsim.core.numerics.shares import share
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.meters import METERED, Meters, MetersParameters, noise_sd, normal
from agentsim.place.cases import RESIDENTIAL, Place

Served = tuple[np.ndarray, np.ndarray, float]  # share served, share cut by order, share of the city short


class Publisher:
    """Publishes what was served, hour by hour.

    Parameters
    ----------
    information : the charter's: whose figures are published, and who reports
    """

    def __init__(
        self,
        place: Place,
        information: Information,
        streams: Streams,
        parameters: MetersParameters | None = None,
    ) -> None:
        self.place, self.streams = place, streams
        self.parameters = parameters or MetersParameters()
        self.networks = tuple(n for n in (*METERED, "supply") if n in information.ledger_networks)
        self._districts = len(place.districts)
        self.meters = Meters(self._districts, information, streams, self.parameters)
        self._home_feeders = np.flatnonzero(place.feeders.tier == RESIDENTIAL)
        self._home_district = place.feeders.district[self._home_feeders]
        self.suppliers = tuple(dict.fromkeys(place.supply.terminal_supplier))
        owner = np.array(place.supply.terminal_supplier)
        self._terminals = [np.flatnonzero(owner == name) for name in self.suppliers]
        self._weighers = self._depots_that_weigh()

    def _depots_that_weigh(self) -> np.ndarray:
        """Depots that take a supplier's goods, array (suppliers,); 0 where the supplier takes no part."""
        case = self.place.supply
        depots = [np.isin(case.depot_good, case.terminal_good[own]).sum() for own in self._terminals]
        takes_part = self.streams.uniform("reporting_supplier", 0, len(self.suppliers))
        return np.where(takes_part < self.parameters.reporting_supplier_frac, depots, 0)

    def publish_hour(
        self,
        hour: int,
        *,
        demand: Demand,
        trips: Trips,
        service: Service,
        permitted: Permitted,
        homes: HomeMeters,
    ) -> Published:
        """Figures and reports of the hour.

        Parameters
        ----------
        homes : the meters of homes, after they have lived through the hour
        """
        reporters = self.meters.reporting(hour, homes, permitted)
        said = Published(
            hour=hour,
            figure={},
            declared={},
            metered={},
            reporters={},
            shortage={},
            enrolled=self.meters.enrolled,
        )
        errors = self.meters.errors(hour, reporters)
        for network in self.networks:
            if network == "power":
                served, lawful = self._power(demand, service), None
                seen = self.meters.lit_share(homes, served[0])
            elif network == "water":
                served, lawful = (
                    self._water(service, demand.home_water_asked_m3_per_h),
                    permitted.rationed_frac,
                )
                seen = served[0]
            elif network == "roads":
                served, lawful = self._roads(trips, service, permitted), None
                seen = served[0]
            else:
                continue
            self._say(said, network, served, permitted.forged.get(network), lawful)
            said.reporters[network] = reporters
            error = errors[METERED.index(network)]
            said.metered[network] = self.meters.mean_report(seen, said.figure[network], error)
        if "supply" in self.networks and hour % HOURS_PER_DAY == HOURS_PER_DAY - 1:
            self._weigh(said, service, permitted)
        return said

    def _say(
        self,
        said: Published,
        network: str,
        served: Served,
        forged: np.ndarray | None,
        rationed_frac: np.ndarray | None,
    ) -> None:
        """Enter the operator's figures: true and admitted, or false where they are forged."""
        truth, cut, short = served
        said.shortage[network] = short > self.parameters.shortage_frac
        lawful = np.zeros(len(cut)) if rationed_frac is None else np.minimum(cut, rationed_frac)
        said.figure[network], said.declared[network], said.rationed[network] = truth, cut, lawful
        if forged is not None and np.count_nonzero(forged):
            said.figure[network] = truth + np.where(forged, cut - lawful, 0.0)
            said.declared[network] = np.where(forged, lawful, cut)

    # ---- what was served ----------------------------------------------------------------------------

    def _power(self, demand: Demand, service: Service) -> Served:
        """Homes' load by district."""
        shed, cut, rows = service.power.shed_mw, service.power.restricted_mw, self._home_feeders
        if not np.count_nonzero(shed) and not np.count_nonzero(cut):
            return np.ones(self._districts), np.zeros(self._districts), 0.0
        asked = self._by_home_district(demand.power_asked_mw[rows])
        shed_frac = _share_of(self._by_home_district(shed[rows]), asked)
        cut_frac = _share_of(self._by_home_district(cut[rows]), asked)
        truth = np.maximum(1.0 - shed_frac - cut_frac, 0.0)
        return truth, cut_frac, _short(shed_frac, cut_frac, asked)

    def _by_home_district(self, value_mw: np.ndarray) -> np.ndarray:
        return np.bincount(self._home_district, value_mw, self._districts)

    def _water(self, service: Service, home_m3: np.ndarray) -> Served:
        """Homes' water by district; at a junction homes drink before bulk users do."""
        water, rows = service.water, self.place.water.junction_district
        short, cut = water.short_m3_per_h, water.restricted_m3_per_h
        if np.count_nonzero(home_m3 <= water.delivered_m3_per_h) == len(home_m3):
            return np.ones(self._districts), np.zeros(self._districts), 0.0
        dry = np.maximum(home_m3 - water.delivered_m3_per_h, 0.0)
        asked = np.bincount(rows, home_m3, self._districts)
        dry_frac = _share_of(np.bincount(rows, dry, self._districts), asked)
        cut_frac = np.zeros(self._districts)
        if cut.any():
            ordered = dry * cut / np.maximum(short + cut, 1e-12)
            cut_frac = _share_of(np.bincount(rows, ordered, self._districts), asked)
        return 1.0 - dry_frac, cut_frac, _short(dry_frac, cut_frac, asked)

    def _roads(self, trips: Trips, service: Service, permitted: Permitted) -> Served:
        """Trips wanted that begin or end in a district and find a way; its closure is what it admits.

        People who find no open way do not set out, so counting the stranded alone is not enough.
        """
        stranded, none = service.roads.stranded_veh, np.zeros(self._districts)
        way = np.isfinite(service.roads.skim_h)
        if np.count_nonzero(way) == way.size and not np.count_nonzero(stranded):
            return np.ones(self._districts), none, 0.0
        lost_persons = trips.wanted_persons * np.where(way, _share_of(stranded, trips.vehicles), 1.0)
        asked = self._touching(trips.wanted_persons)
        lost = _share_of(self._touching(lost_persons), asked)
        if not permitted.roads_cut_off.any():
            return 1.0 - lost, none, _short(lost, none, asked)
        shut = permitted.roads_cut_off[self.place.zone_district]
        ordered = np.where(shut[:, None] | shut, lost_persons, 0.0)
        by_order = _share_of(self._touching(ordered), asked)
        cut = np.where(permitted.roads_cut_off, by_order, 0.0)
        # what a closure strands elsewhere is no shortage that could excuse it
        return 1.0 - lost, cut, 0.0

    def _touching(self, trips: np.ndarray) -> np.ndarray:
        ends = trips.sum(axis=0) + trips.sum(axis=1)
        return np.bincount(self.place.zone_district, ends, self._districts)

    # ---- once a day, the suppliers ------------------------------------------------------------------

    def _weigh(self, said: Published, service: Service, permitted: Permitted) -> None:
        """Mass balance: what each supplier states it offers, beside what depots' weighbridges show.

        Arrays are (suppliers,); nan for a supplier that takes no part.
        """
        p, capacity = self.parameters, self.place.supply.terminal_capacity_t_per_d
        held = capacity * permitted.withheld_frac
        false = permitted.forged.get("supply", np.zeros(len(capacity), bool))
        withheld = np.array([held[own].sum() / capacity[own].sum() for own in self._terminals])
        hidden = np.array([bool(false[own].any()) for own in self._terminals])
        weighs, count = self._weighers > 0, len(self.suppliers)
        noise = normal(self.streams.uniform("mass_balance", said.hour // HOURS_PER_DAY, count))
        sd = noise_sd(p.balance_sigma, self._weighers, p.shared_error)
        said.figure["supply"] = np.where(weighs, np.where(hidden, 1.0, 1.0 - withheld), np.nan)
        said.declared["supply"] = np.where(weighs & ~hidden, withheld, 0.0)
        said.rationed["supply"] = np.zeros(count)
        said.metered["supply"] = np.where(weighs, 1.0 - withheld + sd * noise, np.nan)
        said.reporters["supply"] = self._weighers
        said.shortage["supply"] = self._short_by_itself(service, withheld)

    def _short_by_itself(self, service: Service, withheld: np.ndarray) -> bool:
        """Whether a good is short that nobody withholds."""
        case, supply = self.place.supply, service.supply
        squeezed = [own for own, frac in zip(self._terminals, withheld.tolist(), strict=True) if frac > 0]
        goods = case.terminal_good[np.concatenate(squeezed)] if squeezed else np.zeros(0, int)
        free = ~np.isin(case.depot_good, goods)
        asked = (supply.delivered_t + supply.short_t)[free].sum()
        return bool(supply.short_t[free].sum() > self.parameters.shortage_frac * asked)


def _share_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, at most 1, and 0 where there is no whole."""
    return np.minimum(share(part, whole), 1.0)


def _short(lost_frac: np.ndarray, cut_frac: np.ndarray, asked: np.ndarray) -> float:
    """Share of the city's demand that is lost in districts where nobody ordered a cut."""
    return float(np.where(cut_frac > 0, 0.0, lost_frac) @ asked / max(asked.sum(), 1e-9))
