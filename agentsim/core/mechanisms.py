"""The switches: every coupling and every mechanism of the model, all on by default.

A switch that is off removes one dependence or one mechanism; the rest of the model runs as before. This
shows how a policy works: with the mechanism that carries it switched off, the policy changes nothing.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Mechanisms:
    """Which parts of the model are on. The order of the fields is the order in the documents."""

    power_to_water: bool = True  # a pump, a well or a treatment works runs only if its power feeder is served
    water_to_power: bool = True  # thermal plants produce less if cooling water was short the hour before
    power_to_roads: bool = True  # traffic signals without power lower the capacity of their roads
    power_to_plants: bool = True  # the city's own fuel works and smelters stand still without power
    fuel_to_power: bool = True  # oil-fired power plants use the fuel in the refinery depot
    fuel_to_vehicles: bool = True  # people drive less in a district whose fuel depot is empty
    roads_to_deliveries: bool = True  # a depot that no open road reaches receives no deliveries
    roads_to_crews: bool = True  # repair crews travel on the same roads as everybody
    roads_to_work: bool = True  # people whose trip to work is impossible miss their shift
    mains_to_roads: bool = True  # works on a water main close the road above it
    minerals_to_repairs: bool = True  # repairs take longer when spare parts are out of stock
    minerals_to_equipment: bool = True  # scarce metals make equipment dearer, and less of it is installed
    control_graph: bool = True  # S1: an order takes effect only if the control graph allows it
    kill_chain: bool = True  # S1: a capture takes several days, and each step may be noticed
    behaviour: bool = True  # S2: a city's people have habits in common, so that load and water demand vary
    forecast: bool = True  # S2: the load forecast has errors, and the reserve depends on their size
    learned_forecast: bool = True  # S2: a regression forecasts the load where the charter wants one
    look_ahead: bool = True  # S2: plans of units and storage are renewed within the day, where it wants that
    market_power: bool = True  # S2: generation that is withheld raises the price of the hour
    p2p: bool = True  # S3: homes trade power with other homes where the law allows it
    distributed_energy: bool = True  # S3, S4: panels, batteries and turbines that a policy brings
    adoption: bool = True  # S4: in the years before, homes come to own panels, batteries and rain tanks
    storage: bool = True  # S5: grid storage charges and discharges
    demand_response: bool = True  # S5: power and water use respond to the price
    load_shifting: bool = True  # S5: load follows a price that differs by the hour, and returns afterwards
    fault_isolation: bool = True  # S6: a fault takes out its section of a feeder, and the rest is restored
    islanding: bool = True  # S6: municipal microgrids may disconnect from a grid without power
    leakage: bool = True  # S7: water mains leak and burst
    pipe_ageing: bool = True  # S7: old mains burst more often than new ones
    hidden_bursts: bool = True  # S7: bursts that nobody sees run until a survey or a leak finder finds them
    leak_finder: bool = True  # S7: metered balances and pressure loggers find leaks, where there are any
    local_wells: bool = True  # S7: municipal wells supply water
    rain_tanks: bool = True  # S7: homes with a rain tank use less tap water
    aquifer: bool = True  # S7: wells lower the water table, and pumping takes more power the deeper it is
    recharge: bool = True  # S7: basins let rain seep into the aquifer, and firms have wells of their own
    desalination: bool = True  # S7: the desalination plant makes fresh water
    contamination: bool = True  # S7: a wrong dose of chemicals travels with the water
    residual_queues: bool = True  # S8: vehicles above the capacity of a road wait until the next hour
    local_signals: bool = True  # S8: signals with their own controller and battery work without grid power
    adaptive_signals: bool = True  # S8: adaptive signals set their green times by the last hour's traffic
    crashes: bool = True  # S8: crashes with injuries by the kilometres of each kind of driver
    vehicle_fleets: bool = True  # S8: automated and electric cars that a policy brings
    ride_matching: bool = True  # S8: riders are matched with drivers, where the charter has such a service
    bus_lines: bool = True  # S8: buses run on lines with stops and a timetable, where the place has lines
    bus_budget: bool = True  # S8: the bus operator plans its timetable anew on what riders pay
    scarcity_price: bool = True  # S9: prices rise in a shortage
    diversification: bool = True  # S9: a largest share of orders for each supplier, and substitutes if any
    exploration: bool = True  # S9: mines open that a programme of exploration has found, if any
    oil_recovery: bool = True  # S9: carbon dioxide drives more oil out of an old field, where it is used
    scrap: bool = True  # S9: metals are recovered from equipment that is collected beyond the usual share
    new_fuels: bool = True  # S9: biofuel and synthetic fuel works, if any
    hoarding: bool = True  # S9: homes that found empty shelves buy more than usual
    home_devices: bool = True  # chargers and heat pumps on a maker's cloud can be switched on together
    public_record: bool = True  # S11: operators publish figures, and home meters report
    detection: bool = True  # S11: complaints, audits and tests of published figures lead to investigations
    revocation: bool = True  # S11: the author of a proven abuse loses control, where the law allows it
    deterrence: bool = True  # S12: inspections and sanctions; attackers learn how likely a sanction is
    rationing: bool = True  # S13: a foreseen shortage is shared by a declared rule
    voting: bool = True  # S13: citizens vote on that rule, where the law allows it
    recall: bool = True  # S13: citizens recall operators that they distrust, where the law allows it
    household_stocks: bool = True  # S14: households use their stocks at home
    trust: bool = True  # S15: trust changes daily; people who trust respond more to prices
    protest: bool = True  # S15: deprived people protest in the streets and stay away from work
    migration: bool = True  # S15: households move away from the city
    cascade: bool = True  # overloaded lines trip after an outage
    failures: bool = True  # generating units, lines, feeders and water mains fail at random
    charges: bool = True  # S10: tariffs and taxes pay for what a policy costs
    cost_recovery: bool = True  # S10: tariffs recover from all what new power of homes takes from the utility
    lobbying: bool = True  # S10: a power utility that loses profit spends money to delay what takes it away

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return tuple(item.name for item in fields(cls))
