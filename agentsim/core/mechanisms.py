"""The switches: every coupling and every mechanism of the model, all on by default.

A switch that is off severs the edge or stills the mechanism; the rest of the model runs on. What a
policy does can thereby be traced: with its carrying mechanism off, the policy changes nothing.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Mechanisms:
    """Which parts of the model are alive. Field order is the order of the documents."""

    power_to_water: bool = True  # a pump, a well or a treatment works runs only if its feeder is served
    water_to_power: bool = True  # thermal units derate with the cooling water delivered the hour before
    power_to_roads: bool = True  # signals on dark feeders lose capacity
    fuel_to_power: bool = True  # oil-fired units burn what the refinery depot holds
    fuel_to_vehicles: bool = True  # a district whose fuel depot is empty drives less
    roads_to_deliveries: bool = True  # a depot that no road reaches receives nothing
    roads_to_crews: bool = True  # repair crews travel on the same roads
    roads_to_work: bool = True  # a stranded trip is a lost shift
    minerals_to_repairs: bool = True  # spare parts out of stock lengthen repairs
    control_graph: bool = True  # S1: an order takes effect only through an edge
    kill_chain: bool = True  # S1: a capture takes days, and each step of it may be noticed
    forecast: bool = True  # S2: the forecast errs, and reserve follows the error
    market_power: bool = True  # S2: what is held back raises the price of the hour
    p2p: bool = True  # S3: homes trade with homes where the law lets them
    storage: bool = True  # S5: grid storage charges and discharges
    demand_response: bool = True  # S5: load and water use answer the price
    islanding: bool = True  # S6: municipal microgrids may part from a dead grid
    leakage: bool = True  # S7: mains leak and burst
    local_wells: bool = True  # S7: municipal wells pump
    desalination: bool = True  # S7: the plant at the sea side makes fresh water
    contamination: bool = True  # S7: a tampered dose travels with the water
    residual_queues: bool = True  # S8: vehicles above capacity wait into the next hour
    local_signals: bool = True  # S8: signals with their own logic and battery stay lit
    adaptive_signals: bool = True  # S8: where signals can, their green follows last hour's traffic
    scarcity_price: bool = True  # S9: prices answer shortage
    diversification: bool = True  # S9: no supplier above its cap, and substitutes where there are any
    hoarding: bool = True  # S9: homes that met empty shelves buy ahead
    home_devices: bool = True  # chargers and heat pumps on a maker's cloud may be told to switch on together
    public_record: bool = True  # S11: figures are published and meters report
    detection: bool = True  # S11: what is published is tested, and alarms are raised
    revocation: bool = True  # S11: a proven abuse costs its author the edges, where somebody may take them
    deterrence: bool = True  # S12: inspections and sanctions, and bad actors learn how certain they are
    rationing: bool = True  # S13: a foreseen shortage is shared by a declared rule
    voting: bool = True  # S13: citizens choose that rule, where they are asked
    recall: bool = True  # S13: citizens turn out whom they no longer trust, where they may
    household_stocks: bool = True  # S14: households live on what they keep at home
    attrition: bool = True  # S14: a district gives in when it can bear no more, and a coercer gives up
    trust: bool = True  # S15: those who trust answer prices more, and trust moves day by day
    protest: bool = True  # S15: the deprived take to the streets, and stay away from work
    migration: bool = True  # S15: households move away
    cascade: bool = True  # overloaded lines trip after an outage
    failures: bool = True  # units, lines, feeders and mains fail by themselves
    charges: bool = True  # S10: what a policy costs is paid in tariffs and taxes

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(item.name for item in fields(cls))
