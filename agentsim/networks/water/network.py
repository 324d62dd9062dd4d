"""The water network of a city: sources and treatment works, mains, tanks, valves, leaks and wells."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from agentsim.core.errors import UnreadableNetwork
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import NightFlow, WaterService
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum, total
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY
from agentsim.networks.water.contaminant import RIGHT_DOSE, DoseLimits, Tracer, mixed_dose
from agentsim.networks.water.desalination import DesalinationInlet
from agentsim.networks.water.epanet_file import SECONDS_PER_HOUR, EpanetFile, case_of, check_known, rows_of
from agentsim.networks.water.hydraulics import Flows, Hydraulics
from agentsim.networks.water.leaks import Leaks
from agentsim.networks.water.night_model import NightModel
from agentsim.networks.water.pumping import SwitchRules
from agentsim.networks.water.taps import TapDemand, TapService, at_taps
from agentsim.networks.water.valves import Valves
from agentsim.networks.water.wells import WellDraw, Wells, WellsAtJunctions
from agentsim.networks.water.works import TreatmentWorks
from agentsim.place.cases import WaterCase


@dataclass(frozen=True)
class WaterParameters:
    """Numbers of the water network."""

    required_pressure_m: float = parameter(
        20.0, "m", "pressure at which a tap gives all that is asked; Japan requires 0.15 MPa", "M", 5, 40
    )
    leakage_frac: float = parameter(
        0.07,
        "1",
        "leakage as a share of the water put in, Japan; background and hidden bursts together; mains that "
        "burst too often for it are surveyed more often",
        "V2",
        0.0,
        0.6,
    )
    leakage_exponent: float = parameter(
        1.0, "1", "N1 of FAVAD: leakage goes with pressure^N1 (mechanisms S7)", "M", 0.5, 1.5
    )
    burst_m3_per_h: float = parameter(
        12.0, "m3/h", "a reported mains burst at the reference pressure (mechanisms S7, BABE)", "M", 1, 100
    )
    burst_pressure_m: float = parameter(
        50.0, "m", "reference pressure of FAVAD (mechanisms S7)", "M", 10, 100
    )
    treatment_kwh_per_m3: float = parameter(
        0.36, "kWh/m3", "conventional treatment (mechanisms S7)", "V2", 0.0, 2.0
    )
    well_kwh_per_m3: float = parameter(
        0.5, "kWh/m3", "rho g h / efficiency with 100 m of lift and head at 55 %", "A", 0.1, 2.0
    )
    desalination_kwh_per_m3: float = parameter(
        3.6, "kWh/m3", "reverse osmosis of sea water, 2.5-3 best, 3-6 common (mechanisms S7)", "V2", 2.0, 10.0
    )
    desalination_most_frac: float = parameter(
        0.9, "1", "desalinated water at most, share of the demand that its mains reach", "A", 0.0, 1.0
    )
    fill_on_frac: float = parameter(
        0.6, "1", "mean fill of the tanks below which a pump without level rule starts", "A", 0.0, 1.0
    )
    fill_off_frac: float = parameter(
        0.9, "1", "mean fill of the tanks above which a pump without level rule stops", "A", 0.0, 1.0
    )
    hydraulic_trials: int = parameter(
        100, "1", "iterations of EPANET at least, before it is tried in another way", "A", 20, 10000
    )
    hydraulic_accuracy: float = parameter(
        1e-3,
        "1",
        "change of flow at which EPANET stops, EPANET's default; the file's where lower",
        "V2",
        1e-6,
        1e-2,
    )
    calibration_h: int = parameter(
        24, "h", "hours at mean demand over which leakage is calibrated, three times", "A", 1, 168
    )
    clear_well_h: int = parameter(
        18,
        "h",
        "treated water waits at the works, so that a dose reaches taps after 24-36 h (S7)",
        "A",
        0,
        96,
    )
    plant_tank_h: int = parameter(
        6, "h", "desalinated water waits at the plant before it enters the mains", "A", 0, 96
    )
    least_dose_frac: float = parameter(
        0.2,
        "1",
        "below this multiple of the right dose water is not safe: too little chlorine",
        "A",
        0.0,
        1.0,
    )
    most_dose_frac: float = parameter(
        5.0, "1", "above this multiple of the right dose water is not safe to drink", "A", 1.0, 1000.0
    )


@dataclass(frozen=True)
class Found:
    """What a network finds out when it is built."""

    file: EpanetFile
    background: np.ndarray  # coefficients of background leakage, (junctions,) [m3/h at 1 m]
    hidden_within_frac: float = 1.0  # of the expected hidden bursts, so many keep within the stated leakage


# what is asked, leaks that were added, and doses that wait at the works and at the plant
FirstHour = tuple[dict[str, Any], np.ndarray, tuple[tuple[float, ...], tuple[float, ...]]]
_BUILT_FROM = (
    "case", "districts", "well_m3_per_h", "well_tank_m3", "parameters", "mechanisms", "automatic", "sea_zone",
    "hidden_burst_size", "logger_junction",
)  # fmt: skip
_MOVING = ("hours_served", "works", "wells_right")
NIGHT_CLOCK = 3  # hour of the day with the least use, in which leakage shows
NIGHT_MODEL_ACCURACY = 1e-6  # of EPANET, because small differences of pressure count
LEAST_BACKGROUND_FRAC = 0.1  # of the calibrated leakage that is background, however many mains burst
_REPEATED_H = 24  # so many first hours are repeated exactly when a pickle is loaded


class WaterNetwork:
    """State and one hour of service of a water network; EPANET does the hydraulics.

    Parameters
    ----------
    case : the network and what the city adds to it; arrays below follow its order
    districts : number of districts
    well_m3_per_h, well_tank_m3 : municipal wells and their tanks, arrays (districts,); None: none.
        ``mechanisms.local_wells`` off is the same, bit for bit, as wells of size zero
    parameters : numbers of the network
    mechanisms : ``leakage`` and ``local_wells`` are read
    automatic : leave pumps to the file's own controls (a network that stands alone)
    sea_zone : zone in which a desalination plant feeds the mains, see :class:`DesalinationInlet`
    found : :attr:`found` of a network of the same arguments, which is then not calibrated again; the results
        are the same bit for bit
    hidden_burst_size : flow of the hidden bursts that run at any time, over that of one reported burst; the
        calibrated leakage is background and these together
    logger_junction : junctions with a pressure logger; given, each hour of service at ``NIGHT_CLOCK`` tells
        what it should have been without bursts (``WaterService.night``)

    Notes
    -----
    *Inlet valves* cut a share of a district's demand, with no effect on other districts. Leakage of service
    pipes behind them falls by the same share; bursts, which are on mains, do not. *Trunk valves* close pipes
    in EPANET, so that customers downstream get less. For sources see :class:`TreatmentWorks`; for wells,
    which serve their own district only, :class:`Wells`; for desalinated water :class:`DesalinationInlet`.

    A pickle cannot hold EPANET's memory. One that was made in the first day lives its hours again when it is
    loaded, and goes on to the same bytes; a later one goes on from its tank levels.

    Raises
    ------
    UnreadableNetwork : the file cannot be used; the message says which line and why
    ValueError : the case does not fit the file
    """

    def __init__(
        self,
        case: WaterCase,
        districts: int,
        well_m3_per_h: np.ndarray | None = None,
        well_tank_m3: np.ndarray | None = None,
        parameters: WaterParameters | None = None,
        mechanisms: Mechanisms | None = None,
        automatic: bool = False,
        sea_zone: int | None = None,
        found: Found | None = None,
        hidden_burst_size: float = 0.0,
        logger_junction: np.ndarray | None = None,
    ) -> None:
        self.hidden_burst_size = hidden_burst_size
        self.logger_junction: np.ndarray | None = None  # not before leakage is calibrated
        self.case, self.districts, self.automatic = case, districts, automatic
        self.sea_zone = sea_zone
        self.parameters = p = parameters or WaterParameters()
        self.mechanisms = mechanisms or Mechanisms()
        self.well_m3_per_h = np.zeros(districts) if well_m3_per_h is None else np.array(well_m3_per_h)
        self.well_tank_m3 = np.zeros(districts) if well_tank_m3 is None else np.array(well_tank_m3)
        size = 1.0 if self.mechanisms.local_wells else 0.0
        self.wells = Wells(self.well_m3_per_h * size, self.well_tank_m3 * size)

        self._engine = self._opened(found)
        self.file = file = self._engine.file
        if not file.source_id and not automatic:
            raise UnreadableNetwork(
                f"{file.path}: the network has no source; a city needs at least one line in [RESERVOIRS]"
            )
        self._rows = rows_of(case.junction_id, file.junction_id, "junction", file.path)
        self._in_order = bool((self._rows == np.arange(len(self._rows))).all())  # case and file, usually
        self._source_rows = rows_of(case.source_id, file.source_id, "source", file.path)
        self._pump_rows = rows_of(case.pump_id, file.pump_id, "pump", file.path)
        self._empty_m3 = sum(low for low, _ in file.tank_range_m3)
        self._usable_m3 = sum(high for _, high in file.tank_range_m3) - self._empty_m3
        self._district = np.asarray(case.junction_district)
        self.valves = Valves(
            self._engine,
            [file.link_number[name] for name in case.pump_id],
            [file.source_node[row] for row in self._source_rows.tolist()],
            [[file.link_number[name] for name in pipes] for pipes in case.trunk_pipes],
            p.fill_on_frac,
            p.fill_off_frac,
        )
        self._night_model: NightModel | None = None  # made when it is needed
        self._expected: tuple[np.ndarray, np.ndarray] | None = None  # leakage and pressure without bursts
        self._inlet: DesalinationInlet | None = None
        if sea_zone is not None:
            self._inlet = DesalinationInlet(case, file, self._rows, sea_zone, p.desalination_most_frac)
        self._wells = WellsAtJunctions(self.wells, self._district, case.junction_bulk_frac)
        plant_tank_h = p.plant_tank_h if self._inlet is not None else 0
        self.works = TreatmentWorks(
            case.source_yield_m3_per_d, p.clear_well_h, p.treatment_kwh_per_m3, plant_tank_h
        )
        self._per_m3_per_h = p.burst_pressure_m**-self._engine.emitter_exponent
        self.hidden_within_frac = (
            1.0  # of the expected hidden bursts: so many leave the stated leakage as it is
        )
        in_file = self._engine.emitter[self._rows]
        self.leaks = Leaks(in_file, p.burst_m3_per_h * self._per_m3_per_h)
        self.found = self._find(found)
        self.logger_junction = logger_junction
        self.reset()

    def _opened(self, found: Found | None, accuracy: float | None = None) -> Hydraulics:
        """The hydraulics of the case's file."""
        p, own_leaks = self.parameters, self.automatic and not self.mechanisms.leakage
        return Hydraulics(
            self.case.inp_file,
            min(p.required_pressure_m, self.case.ordinary_pressure_m),
            controls=self.automatic,
            emitter_exponent=None if own_leaks else p.leakage_exponent,
            file=None if found is None else found.file,
            trials=p.hydraulic_trials,
            accuracy=p.hydraulic_accuracy if accuracy is None else accuracy,
        )

    @classmethod
    def from_inp(
        cls, inp_file: Path | str, parameters: WaterParameters | None = None, leakage: bool = False
    ) -> "WaterNetwork":
        """A network that stands alone, on an EPANET file; see :meth:`hour`.

        Demands, controls, rules and emitters are the file's own. With *leakage* the file's emitters
        give way to background leakage calibrated as in a city.
        """
        path = Path(inp_file)
        case = case_of(path, Hydraulics(path).file)
        mechanisms = Mechanisms(leakage=leakage)
        return cls(case, 1, parameters=parameters, mechanisms=mechanisms, automatic=True)

    # ---- the hour

    def serve(
        self,
        *,
        asked_m3_per_h: np.ndarray,
        water_cut_off_frac: np.ndarray | None = None,
        trunk_mains_shut: np.ndarray | None = None,
        works_on: np.ndarray | None = None,
        pumps_on: np.ndarray | None = None,
        pumps_powered: np.ndarray | None = None,
        wells_on: np.ndarray | None = None,
        yield_frac: float = 1.0,
        new_bursts: np.ndarray | None = None,
        mended: np.ndarray | None = None,
        hour_of_day: int | None = None,
        desalination_m3_per_h: float = 0.0,
        rationed_frac: np.ndarray | None = None,
        dose_frac: float = RIGHT_DOSE,
        new_burst_size: np.ndarray | None = None,
        mended_size: np.ndarray | None = None,
        well_output_frac: float = 1.0,
        well_more_kwh_per_m3: float = 0.0,
        plant_dose_frac: float = RIGHT_DOSE,
        well_dose_frac: np.ndarray | None = None,
    ) -> WaterService:
        """One hour of service. What is not given is as on an ordinary day.

        Parameters
        ----------
        asked_m3_per_h : array (junctions,)
        water_cut_off_frac : share of each district's demand cut at the inlet valves, array (districts,)
        trunk_mains_shut : bool (districts,), boundary pipes shut
        works_on : bool (sources,), the treatment works has power; else the source is shut
        pumps_on : bool (pumps,), ordered on and with power; None: by :attr:`rules`
        pumps_powered : bool (pumps,), has power, and so may start within the hour; None: all have
        wells_on : bool (districts,), ordered on and with power
        yield_frac : raw-water yield as a share of a normal year's [1]
        new_bursts, mended : mains that burst and that were repaired this hour, array (junctions,)
        hour_of_day : 0-23, for the daily yield; None: counted from the first hour served
        desalination_m3_per_h : what the plant at the sea side can give
        rationed_frac : share of what the inlet valves leave open that is held back by rule in a shortage,
            array (districts,); it counts as short, not as restricted
        dose_frac : chemicals put in at the works over the right dose
        new_burst_size, mended_size : flows of these bursts over that of one reported burst, summed at each
            junction, array (junctions,); None: all bursts are alike
        well_output_frac : share of their capacity that the water table lets municipal wells give
        well_more_kwh_per_m3 : electricity for their lift beyond the ordinary one
        plant_dose_frac : chemicals put in at the desalination plant over the right dose
        well_dose_frac : and at municipal wells, array (districts,); None: the right dose
        """
        if self._first_hours is not None:
            self._note(locals())
        cut_off = np.zeros(self.districts) if water_cut_off_frac is None else np.asarray(water_cut_off_frac)
        demand = TapDemand.of(asked_m3_per_h, self._district, cut_off, rationed_frac)
        if self.mechanisms.leakage:
            self.leaks.update(new_bursts, mended, new_burst_size, mended_size)
        self._set_leaks(demand.shut_frac)
        hour_of_day = self.hours_served % HOURS_PER_DAY if hour_of_day is None else hour_of_day
        sources_open = self.works.sources_open(works_on, yield_frac, hour_of_day)
        self.valves.operate(sources_open, trunk_mains_shut, pumps_on, pumps_powered)
        draw = self._planned(demand, wells_on, well_output_frac)
        mains = demand.open
        if draw is not None:
            mains = mains * self._wells.left_to_mains_frac(draw, demand.open)
        stored_before = self._stored_m3
        desalinated = self._desalinated_m3_per_h(mains, desalination_m3_per_h)
        self._pass_dose(dose_frac, plant_dose_frac)
        at_night = self.logger_junction is not None and hour_of_day == NIGHT_CLOCK
        flows = self._run(mains, desalinated, demand.shut_frac if at_night else None)
        delivered, cut_off_m3 = self._delivered(flows, mains, desalinated)
        taps = at_taps(demand, mains, delivered, self._wells, draw)
        well_kw = taps.well * self.parameters.well_kwh_per_m3
        if well_more_kwh_per_m3 and self.wells.exist:
            well_kw += taps.well * well_more_kwh_per_m3
        residual_m3 = flows.residual_m3 + cut_off_m3
        service = self._service(flows, taps, stored_before, desalinated, residual_m3, well_kw)
        return self._with_wells_dosed(service, taps.delivered, well_dose_frac)

    def _planned(self, demand: TapDemand, on: np.ndarray | None, output_frac: float) -> WellDraw | None:
        """What the wells' pumps do this hour; None without wells."""
        if not self.wells.exist:
            return None
        return self._wells.plan(demand.open, demand.shut, on, output_frac)

    def hour(
        self,
        demand_m3_per_h: np.ndarray | None = None,
        pumps_without_power: Sequence[str] = (),
        leaks: Mapping[str, float] | None = None,
    ) -> WaterService:
        """The next hour of a network that stands alone.

        Parameters
        ----------
        demand_m3_per_h : array (junctions,); None: the file's own for this hour (a city's: its mean)
        pumps_without_power : ids of pumps that stand still this hour
        leaks : flow of a leak at 50 m of pressure, by junction [m3/h]; stays until given anew
        """
        if demand_m3_per_h is None:
            whole = self.file.demand_m3_per_h(self.hours_served)[self._rows]
            demand_m3_per_h = whole if self.automatic else self.case.junction_demand_m3_per_h
        running = np.array([name not in pumps_without_power for name in self.case.pump_id], dtype=bool)
        check_known(pumps_without_power, self.case.pump_id, "pumps_without_power", "pumps")
        if leaks is not None:
            check_known(leaks, self.case.junction_id, "leaks", "junctions")
            flow = np.array([leaks.get(name, 0.0) for name in self.case.junction_id])
            self.leaks.added = flow * self._per_m3_per_h
        powered = running
        if not self.automatic:
            running = running & self.pumps_wanted
        return self.serve(asked_m3_per_h=demand_m3_per_h, pumps_on=running, pumps_powered=powered)

    def reset(self) -> None:
        """Back to the first hour: tanks as in the file, wells' tanks full, no bursts."""
        self.valves.release()
        self.leaks.reset()
        self._engine.restart(emitter=self._in_file_order(self.leaks.background))
        self.wells.reset()
        self.works.reset()
        self.wells_right = True  # whether municipal wells have the right dose
        self._engine.stop_tracing()
        self.hours_served = 0
        # what was asked in each, None once they are many
        self._first_hours: list[FirstHour] | None = []

    # ---- what can be read

    @property
    def tank_level_m(self) -> np.ndarray:
        """Levels now, array (tanks,)."""
        return self._engine.tank_level_m

    @property
    def tank_fill_frac(self) -> float:
        """Usable water in all tanks as a share of their usable volume; 1 without tanks."""
        if self._usable_m3 <= 0:
            return 1.0
        return (sum(self._engine.tank_volume_m3) - self._empty_m3) / self._usable_m3

    @property
    def rules(self) -> SwitchRules:
        """Rules for the pumps, in the order of ``case.pump_id``; see :attr:`pumps_wanted`."""
        return self.valves.rules

    @property
    def pumps_wanted(self) -> np.ndarray:
        """Which pumps should run now by their rules, bool (pumps,)."""
        return self.valves.wanted()

    @property
    def link_flow_m3_per_h(self) -> np.ndarray:
        """Flow in each link of the file at the end of the hour, array (links,)."""
        return self._engine.link_flow_m3_per_h

    @property
    def mains_safe(self) -> bool:
        """Whether no wrong dose is under way, neither at the works nor in the mains."""
        return self._engine.tracer is None and self.works.right

    @property
    def safe_to_drink(self) -> bool:
        """Whether no wrong dose is under way, neither at the works, nor in the mains, nor at wells."""
        return self.mains_safe and self.wells_right

    @property
    def night_model(self) -> NightModel:
        """The waterworks' own model of a night hour; made when it is first asked for."""
        if self._night_model is None:
            assert self.logger_junction is not None
            engine = self._opened(self.found, accuracy=NIGHT_MODEL_ACCURACY)
            self._night_model = NightModel(engine, self._rows[self.logger_junction])
        return self._night_model

    @property
    def sensitivity_m_per_m3_h(self) -> np.ndarray | None:
        """Change of pressure at each logger by a leak at each junction, (loggers, junctions), once known."""
        known = self.night_model.sensitivity
        return None if known is None else known[:, self._rows]

    # ---- the steps of an hour

    def _set_leaks(self, shut_frac: np.ndarray) -> None:
        """Put the hour's leaks into EPANET where they changed."""
        emitter = self.leaks.new_coefficients(shut_frac)
        if emitter is not None:
            self._engine.set_emitters(self._in_file_order(emitter))

    def _desalinated_m3_per_h(self, mains_m3_per_h: np.ndarray, offered_m3_per_h: float) -> float:
        """What the mains take of the desalination plant's offer."""
        if self._inlet is None or offered_m3_per_h <= 0:
            return 0.0
        joined = self.valves.joined(self._inlet.node)
        return self._inlet.taken_m3_per_h(mains_m3_per_h, offered_m3_per_h, joined)

    def _pass_dose(self, dose_frac: float, plant_dose_frac: float) -> None:
        """Pass the doses through the clear wells; a wrong one is then traced through the mains."""
        if dose_frac == plant_dose_frac == RIGHT_DOSE and self.mains_safe:
            return
        leaving = self.works.clear_wells.pass_on(dose_frac)
        from_plant = self.works.plant_tank.pass_on(plant_dose_frac)
        if not leaving == from_plant == RIGHT_DOSE or self._engine.tracer is not None:
            tracer = self._trace()
            tracer.dose(leaving)
            tracer.dose_added(from_plant)

    def _with_wells_dosed(
        self, service: WaterService, delivered: np.ndarray, well_dose_frac: np.ndarray | None
    ) -> WaterService:
        """The service, where the water of wells with a wrong dose mixes into what each district drinks."""
        self.wells_right = well_dose_frac is None or bool((well_dose_frac == RIGHT_DOSE).all())
        if self.wells_right or well_dose_frac is None:
            return service
        from_mains = np.full(len(delivered), RIGHT_DOSE) if service.dose_frac is None else service.dose_frac
        dose = mixed_dose(from_mains, well_dose_frac, service.well_m3, delivered, self._district)
        limits = DoseLimits(self.parameters.least_dose_frac, self.parameters.most_dose_frac)
        unsafe = limits.unsafe(dose) & (delivered > 0.0)
        by_wells = unsafe & ~limits.unsafe(from_mains)
        return replace(service, dose_frac=dose, unsafe=unsafe, unsafe_by_wells=by_wells)

    def _trace(self, start: np.ndarray | None = None) -> Tracer:
        clean = () if self._inlet is None else (self._inlet.node,)
        return self._engine.trace(clean, start)

    def _drinkable(self, flows: Flows, delivered: np.ndarray) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Dose at the junctions, and where taps are unsafe; tracing ends once all water is safe again."""
        tracer = self._engine.tracer
        if tracer is None or flows.dose_frac is None:
            return None, None
        limits = DoseLimits(self.parameters.least_dose_frac, self.parameters.most_dose_frac)
        if self.works.right and tracer.harmless(limits):
            self._engine.stop_tracing()
        dose = self._in_case_order(flows.dose_frac)
        return dose, limits.unsafe(dose) & (delivered > 0.0)

    def _run(
        self, mains_m3_per_h: np.ndarray, desalinated_m3_per_h: float, modelled: np.ndarray | None
    ) -> Flows:
        """The hydraulics of the hour; *modelled* is the share shut if it is modelled without bursts, too."""
        demand = self._in_file_order(mains_m3_per_h)
        if self._inlet is not None and desalinated_m3_per_h > 0:
            demand = demand.copy()
            demand[self._inlet.row] -= desalinated_m3_per_h
        self._engine.set_demand(demand)
        self._expected = None
        if modelled is not None:
            background = self._in_file_order(self.leaks.background * (1.0 - modelled))
            self._expected = self.night_model.expect(self._engine, demand, background)
        self.hours_served += 1
        return self._engine.hour(None if self.automatic else self.valves)

    def _delivered(
        self, flows: Flows, mains: np.ndarray, desalinated_m3_per_h: float
    ) -> tuple[np.ndarray, float]:
        """What the mains gave of what was asked of them, array (junctions,), and what EPANET gave beyond it.

        EPANET gives a little more than all, or less than nothing, where a solution is not exact [m3].
        """
        given = self._in_case_order(flows.delivered_m3_per_h)
        delivered = np.empty(len(given))
        beyond = hold_within(given, mains, delivered)
        if self._inlet is not None and desalinated_m3_per_h > 0:
            junction = self._inlet.junction  # what enters there is no error
            beyond -= float(given[junction] - delivered[junction])
            self._inlet.serve_own(delivered, mains, desalinated_m3_per_h)
        return delivered, beyond

    def _service(
        self,
        flows: Flows,
        taps: TapService,
        stored_before_m3: float,
        desalinated: float,
        residual_m3: float,
        well_kw: np.ndarray,
    ) -> WaterService:
        """The hour's service, with its water balance."""
        source, well, delivered = flows.source_m3_per_h[self._source_rows], taps.well, taps.delivered
        self.works.draw(source)
        leakage = total(flows.leaked_m3_per_h) + flows.spilt_m3
        growth = self._stored_m3 - stored_before_m3
        given = total(source) + total(well)
        dose, unsafe = self._drinkable(flows, delivered)
        return WaterService(
            delivered_m3_per_h=delivered,
            short_m3_per_h=taps.short,
            restricted_m3_per_h=taps.restricted,
            pressure_m=self._in_case_order(flows.pressure_m),
            tank_level_m=self.tank_level_m,
            tank_volume_m3=np.array(self._engine.tank_volume_m3),
            source_m3=source,
            well_m3=well,
            leakage_m3=leakage,
            bursts_open=self.leaks.open_bursts,
            pump_kw=flows.pump_kw[self._pump_rows],
            works_kw=self.works.power_kw(source),
            well_kw=well_kw,
            balance_m3=given - total(delivered) + desalinated - leakage - growth,
            well_stored_m3=self.wells.stored_m3.copy(),
            desalinated_m3=desalinated,
            desalination_kw=desalinated * self.parameters.desalination_kwh_per_m3,
            dose_frac=dose,
            unsafe=unsafe,
            spilt_m3=flows.spilt_m3,
            residual_m3=residual_m3,
            unsolved_h=flows.unsolved_h,
            night=self._night(flows),
        )

    def _night(self, flows: Flows) -> NightFlow | None:
        """The night hour as it was and as it should have been; None in other hours."""
        if self._expected is None:
            return None
        real = (flows.leaked_m3_per_h, flows.pressure_m)
        return NightFlow(*(self._in_case_order(values) for values in (*real, *self._expected)))

    @property
    def _stored_m3(self) -> float:
        in_wells = total(self.wells.stored_m3) if self.wells.exist else 0.0
        return sum(self._engine.tank_volume_m3) + in_wells

    def _in_case_order(self, values: np.ndarray) -> np.ndarray:
        return values if self._in_order else values[self._rows]

    def _in_file_order(self, values: np.ndarray) -> np.ndarray:
        if self._in_order:
            return values
        whole = np.zeros(len(self.file.junction_id))
        whole[self._rows] = values
        return whole

    # ---- building

    def _find(self, found: Found | None) -> Found:
        """What this network has found out, or what one like it has *found* already."""
        if found is not None:
            self.leaks.background, self.hidden_within_frac = found.background, found.hidden_within_frac
            return found
        if self.mechanisms.leakage:
            self._calibrate()
        return Found(self.file, self.leaks.background, self.hidden_within_frac)

    def _calibrate(self) -> None:
        """Background leakage: coefficients with which the mean share is met at mean demand.

        Spread like homes' demand, because most is lost on service connections (unavoidable losses,
        Lambert et al. 1999).
        """
        case, share = self.case, self.parameters.leakage_frac
        demand = case.junction_demand_m3_per_h
        homes = demand * (1.0 - case.junction_bulk_frac)
        if share <= 0 or homes.sum() <= 0:
            self.leaks.scale(0.0)
            return
        self.leaks.background = homes / homes.sum() * demand.sum() * share * self._per_m3_per_h
        self.reset()
        for _ in range(3):  # one after the other, so that tanks reach their ordinary levels
            services = [self.hour(demand) for _ in range(self.parameters.calibration_h)]
            leaked = sum(service.leakage_m3 - service.spilt_m3 for service in services)
            delivered = sum(float(service.delivered_m3_per_h.sum()) for service in services)
            if leaked > 0:
                self.leaks.scale(share / (1.0 - share) * delivered / leaked)
        self._leave_room_for_bursts(services)

    def _leave_room_for_bursts(self, services: list[WaterService]) -> None:
        """Lower the background by what hidden bursts leak on the mean, so that both make the mean share."""
        if self.hidden_burst_size <= 0:
            return
        weight = self.leaks.background
        powers = [np.maximum(one.pressure_m, 0.0) ** self._engine.emitter_exponent for one in services]
        mean_power = float(np.mean(powers, axis=0) @ weight / weight.sum())
        bursts_m3 = self.hidden_burst_size * self.leaks.burst * mean_power
        background_m3 = float(np.mean(powers, axis=0) @ weight)
        self.leaks.scale(max(1.0 - bursts_m3 / background_m3, LEAST_BACKGROUND_FRAC))
        self.hidden_within_frac = min((1.0 - LEAST_BACKGROUND_FRAC) * background_m3 / bursts_m3, 1.0)

    # ---- pickles

    def _note(self, given: dict[str, Any]) -> None:
        """Keep what is asked in an hour, and what others have set before it: added leaks, clear wells."""
        assert self._first_hours is not None
        asked = {name: value for name, value in given.items() if name != "self"}
        copied = {k: value.copy() if isinstance(value, np.ndarray) else value for k, value in asked.items()}
        waiting = tuple(self.works.clear_wells.waiting), tuple(self.works.plant_tank.waiting)
        self._first_hours.append((copied, self.leaks.added, waiting))
        if len(self._first_hours) > _REPEATED_H:
            self._first_hours = None

    def _repeat(self, hours: list[FirstHour]) -> None:
        for asked, added, waiting in hours:
            self.leaks.added = added
            self.works.clear_wells.waiting, self.works.plant_tank.waiting = map(deque, waiting)
            self.serve(**asked)

    def __getstate__(self) -> dict[str, Any]:
        """What is left without EPANET's memory, which cannot be copied."""
        state = {name: getattr(self, name) for name in _BUILT_FROM + _MOVING}
        state |= {"was_on": self.valves.was_on, "stored_m3": self.wells.stored_m3}
        state |= {"bursts": self.leaks.bursts, "burst_size": self.leaks.burst_size}
        state |= {"added": self.leaks.added}
        tracer = self._engine.tracer
        state |= {"dose": None if tracer is None else tracer.concentration}
        state |= {"found": self.found, "first_hours": self._first_hours}
        return state | {"level_m": self.tank_level_m.tolist()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Rebuild around a new EPANET project, at the tank levels of the old one."""
        self.__init__(**{name: state[name] for name in (*_BUILT_FROM, "found")})  # type: ignore[misc]
        if state["first_hours"] is not None:
            self._repeat(state["first_hours"])
            self.leaks.added, self.works = state["added"], state["works"]
            return
        for name in _MOVING:
            setattr(self, name, state[name])
        self.valves.was_on = state["was_on"]
        self.wells.stored_m3 = state["stored_m3"]
        self.leaks.bursts, self.leaks.burst_size = state["bursts"], state["burst_size"]
        self.leaks.added = state["added"]
        self._engine.restart(state["level_m"], clock_s=self.hours_served * SECONDS_PER_HOUR)
        if state["dose"] is not None:
            self._trace(state["dose"])


@kernel
def hold_within(given: np.ndarray, most: np.ndarray, held: np.ndarray) -> float:
    """What is *given* within 0 and *most*, into *held*; returns what that takes off, all (junctions,)."""
    for junction in range(given.size):
        value = 0.0 if given[junction] < 0.0 else given[junction]
        held[junction] = most[junction] if value > most[junction] else value
    return pairwise_sum(given, 0, given.size) - pairwise_sum(held, 0, held.size)
