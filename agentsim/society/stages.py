"""The stages of an hour, in order: ``agentsim list stages`` prints them, ``Society.step`` lives them.

Each stage is a function of the society and of the hour under way, :class:`Draft`. It reads what earlier
stages wrote there, and writes its own part. What a stage sees of those that act later is one hour old
(``society.last``). A new mechanism is a new stage: a function here and its place in ``STAGES``; a test
checks that each stage reads and writes what its row says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentsim.core.messages import (
    Account,
    CrashHour,
    Damage,
    Demand,
    Foreseen,
    Hour,
    Living,
    Outlook,
    Permitted,
    Published,
    Sales,
    Service,
    Travelled,
    Trips,
    Weather,
)
from agentsim.core.units import HOURS_PER_DAY
from agentsim.networks.coupling import Operation

if TYPE_CHECKING:
    from agentsim.society.society import Society


@dataclass(slots=True)
class Draft:
    """The hour under way: each part is missing until a stage has written it."""

    number: int
    weather: Weather = field(init=False)
    damage: Damage = field(init=False)
    outlook: Outlook = field(init=False)
    operation: Operation = field(init=False)
    permitted: Permitted = field(init=False)
    trips: Trips = field(init=False)
    demand: Demand = field(init=False)
    service: Service = field(init=False)
    crashed: CrashHour | None = field(init=False)
    travelled: Travelled = field(init=False)
    living: Living = field(init=False)
    sales: Sales = field(init=False)
    account: Account = field(init=False)
    published: Published | None = field(init=False)
    foreseen: Foreseen = field(init=False)
    finished: Hour = field(init=False)


Act = Callable[["Society", Draft], None]


@dataclass(frozen=True)
class Stage:
    """One stage: its name, the folder that computes it, what it reads of the hour and what it writes."""

    name: str
    room: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    says: str
    act: Act


def stage(room: str, reads: str, writes: str) -> Callable[[Act], Stage]:
    """Makes a function a stage; *reads* and *writes* are names of parts of the hour, separated by spaces."""

    def made(act: Act) -> Stage:
        says = " ".join((act.__doc__ or "").split())
        return Stage(act.__name__, room, tuple(reads.split()), tuple(writes.split()), says, act)

    return made


@stage("place", reads="", writes="weather damage")
def nature(society: "Society", now: Draft) -> None:
    """The weather of the hour, and random failures and repairs of equipment."""
    now.weather, now.damage = society.weather.at(now.number), society.failures.at(now.number)
    out = None if society.detectors is None else society.detectors.out(now.number)
    blocked_frac = society.crashes.blocked_frac(now.number)
    if out is not None or blocked_frac is not None:
        now.damage = replace(now.damage, detectors_out=out, road_blocked_frac=blocked_frac)


@stage("institutions", reads="", writes="outlook")
def outlook(society: "Society", now: Draft) -> None:
    """Forecasts, prices, and road conditions of the last hour, for all who decide."""
    buses, rides = society.coupling.bus_offer(now.number), society.fleets.offer()
    now.outlook = society.outlook_maker.make(now.number, society.last, society.market, buses, rides)


@stage("institutions", reads="outlook damage", writes="")
def ration(society: "Society", now: Draft) -> None:
    """Coming shortages are estimated, and the rule for sharing them is chosen."""
    society.shortages.step(now.number, society.last, now.outlook, now.damage)


@stage("agents", reads="outlook damage", writes="operation")
def decide(society: "Society", now: Draft) -> None:
    """Utilities, municipalities, suppliers, the monitor and the attacker decide; repair crews start."""
    shed_weight = society.shortages.shed_weight()
    now.operation = society.offices.decide(now.number, society.last, now.damage, shed_weight)


@stage("institutions", reads="", writes="permitted")
def permit(society: "Society", now: Draft) -> None:
    """Orders take effect only if the control graph allows them; staff correct a wrong dose that they see."""
    units, pumps = len(society.place.grid.unit_bus), len(society.place.water.pump_id)
    permitted = society.control.permit(society.orders(), units, pumps)
    now.permitted = society.water_utility.watch_dosing(now.number, permitted)


@stage("agents", reads="outlook permitted", writes="trips")
def set_out(society: "Society", now: Draft) -> None:
    """People choose how to travel, and begin their trips."""
    now.trips = society.asking.set_out(now.number, now.outlook, society.last, now.permitted)


@stage("agents", reads="weather damage outlook permitted trips", writes="demand")
def ask(society: "Society", now: Draft) -> None:
    """People and firms ask for power, water and goods."""
    now.demand = society.asking.ask(
        now.number,
        now.weather,
        now.outlook,
        now.permitted,
        now.trips,
        feeders_out=now.damage.feeders_out,
        called=society.power_utility.calls_on_load,
    )


@stage("networks", reads="demand permitted damage weather operation", writes="service")
def serve(society: "Society", now: Draft) -> None:
    """The four networks deliver, in this order: roads, supply, power, water."""
    now.service = society.coupling.serve(
        now.number, now.demand, now.permitted, now.damage, now.weather, now.operation
    )


@stage("networks", reads="demand service", writes="crashed")
def crash(society: "Society", now: Draft) -> None:
    """Crashes happen on the roads, and crews set out to clear them."""
    now.crashed = society.crashes.of_hour(now.number, now.service.roads, now.demand.automated_frac)


@stage("agents", reads="trips service", writes="travelled")
def arrive(society: "Society", now: Draft) -> None:
    """Trips end: some people arrive, others cannot."""
    service = now.service
    trips, stranded_veh = society.fleets.arriving(now.trips, service.roads)
    now.travelled = society.travel.arrive(trips, service.roads, now.number, service.buses, stranded_veh)
    if society.access.is_morning(now.number):
        society.access.note(service.roads, society.coupling.bus_clock(now.number))


@stage("agents", reads="demand trips travelled service operation", writes="living")
def live(society: "Society", now: Draft) -> None:
    """People use what was delivered: needs, stocks and deprivation change; firms produce."""
    warned = now.operation.warned
    now.living = society.daily_life.live(
        now.number, now.demand, now.trips, now.travelled, now.service, warned
    )


@stage("agents", reads="permitted living", writes="")
def give_in(society: "Society", now: Draft) -> None:
    """Districts that can bear no more give in to a coercer who waits for it, and pay what it demands."""
    society.consequences.concede(now.number, now.permitted, now.living)


@stage("institutions", reads="demand travelled service", writes="sales account")
def settle(society: "Society", now: Draft) -> None:
    """People and firms pay for what was delivered, and all accounts are updated."""
    now.sales = society.billing.sell(now.number, now.demand, now.travelled, now.service)
    now.account = society.market.settle(now.sales)


@stage("institutions", reads="demand trips service permitted", writes="published foreseen")
def publish(society: "Society", now: Draft) -> None:
    """Figures and meter reports are published, alarms go to the monitor, and forecasters learn."""
    now.foreseen = society.outlook_maker.learn(now.number, now.service.power, now.permitted)
    society.monitor.witness(now.number, now.permitted)
    if not society.publishing.exists:
        now.published = None
        return
    now.published, alarms = society.publishing.publish(
        now.number,
        demand=now.demand,
        trips=now.trips,
        service=now.service,
        permitted=now.permitted,
        meters=society.population.meters(),
    )
    if alarms:
        society.monitor.take_up(alarms)


@stage("society", reads="", writes="")
def end_day(society: "Society", now: Draft) -> None:
    """Once a day, these change: trust, protests, households that move away, recalls, tariffs."""
    if now.number % HOURS_PER_DAY == HOURS_PER_DAY - 1:
        society.consequences.end_day(now.number, society.last)


@stage(
    "society",
    reads="weather permitted demand trips service crashed travelled living sales account published foreseen",
    writes="finished",
)
def close(society: "Society", now: Draft) -> None:
    """The hour ends: people learn who cut them off."""
    now.finished = Hour(
        number=now.number,
        weather=now.weather,
        permitted=now.permitted,
        demand=now.demand,
        trips=now.trips,
        service=now.service,
        travelled=now.travelled,
        living=now.living,
        sales=now.sales,
        account=now.account,
        published=now.published,
        foreseen=now.foreseen,
        crashes=now.crashed,
    )
    society.consequences.note_blame(now.number, now.permitted)


@stage("outcomes", reads="finished", writes="")
def record(society: "Society", now: Draft) -> None:
    """Balances are checked; the hour and its events are recorded."""
    society.books.keep(now.finished, society.last)


STAGES: tuple[Stage, ...] = (
    # 1 what nature brings, and what breaks
    nature,
    # 2 what can be known: the published record, not the truth
    outlook,
    # 3 offices decide, and whoever attacks; the control graph permits
    ration,
    decide,
    permit,
    # 4 people want, and ask
    set_out,
    ask,
    # 5 four networks, in order
    serve,
    crash,
    # 6 who arrives; need, deprivation, stocks; districts give in
    arrive,
    live,
    give_in,
    # 7 who pays whom
    settle,
    # 8 what is published, and what is noticed in it
    publish,
    # 9 trust and tariffs change from day to day
    end_day,
    close,
    # 10 what is kept of the hour
    record,
)
