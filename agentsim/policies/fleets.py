"""Measures on who drives: automated and electric fleets, and matched rides (VTM 仮想交通管理)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from agentsim.core.charter import Charge, Charter
from agentsim.core.parameters import parameter
from agentsim.policies.policy import Policy


@dataclass(frozen=True)
class AutomatedElectricFleets(Policy):
    """Cars drive themselves and run on electricity (T-S2 自動運転・EVの普及).

    Acts on: stock (a share of cars is electric, a share of all cars automated besides; a share of buses,
             taxis and deliveries drives without a driver). All automated cars hang on their maker's cloud,
             which can stop them.
    Costs:   what an electric and an automated car cost more, paid by their owners; a centre that watches over
             automated vehicles, in a road tax.
    Can fail: time in an automated car costs less, and cars drive home empty, so that more is driven;
              cars that are plugged in when people come home add to the evening peak; automated cars that keep
              more distance than people lower the capacity of roads; who captures the cloud stops them all;
              drivers lose their jobs.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {
        "electric_frac": (0.1, 1.0),
        "automated_frac": (0.0, 1.0),
    }

    electric_frac: float = parameter(0.5, "1", "share of cars that are electric", "A", 0.03, 1)
    automated_frac: float = parameter(
        0.3, "1", "share of cars that drive themselves; all of them are electric", "A", 0, 1
    )
    driverless_frac: float = parameter(
        0.5, "1", "share of the kilometres of buses, taxis and deliveries driven without a driver", "A", 0, 1
    )
    controlled_frac: float = parameter(
        0.0, "1", "share of the added electric cars that wait for the night to charge", "A", 0, 1
    )
    electric_capital_jpy: float = parameter(
        800e3, "JPY", "an electric car beyond a petrol car, with its charger", "A", 0
    )
    electric_running_jpy_per_y: float = parameter(10e3, "JPY/y", "upkeep of the charger", "A", 0)
    automated_capital_jpy: float = parameter(1.5e6, "JPY", "sensors and computers of a car", "A", 0)
    automated_running_jpy_per_y: float = parameter(
        60e3, "JPY/y", "maps, data and the maker's service, per car", "A", 0
    )
    control_capital_jpy: float = parameter(30e3, "JPY", "control of a car's charging", "A", 0)
    control_running_jpy_per_y: float = parameter(1e3, "JPY/y", "the same, data", "A", 0)
    life_y: float = parameter(12.0, "y", "a car stays on the road", "M", 1, 100)
    centre_capital_jpy: float = parameter(300e6, "JPY", "centre that watches over automated cars", "A", 0)
    centre_running_jpy_per_y: float = parameter(120e6, "JPY/y", "its staff and data", "A", 0)

    def enact(self, charter: Charter) -> Charter:
        electric_frac = max(self.electric_frac, self.automated_frac)
        changed = charter.with_stock(
            electric_car_frac=electric_frac,
            automated_car_frac=self.automated_frac,
            driverless_frac=self.driverless_frac,
            controlled_charging_frac=self.controlled_frac,
        )
        return changed.charge(*self._charges())

    def _charges(self) -> tuple[Charge, ...]:
        """What the cars of all kinds and the centre cost; nothing is charged for a kind that nobody has."""
        kinds = (
            (
                "electric car",
                "added_electric_cars",
                self.electric_capital_jpy,
                self.electric_running_jpy_per_y,
            ),
            ("automated car", "automated_cars", self.automated_capital_jpy, self.automated_running_jpy_per_y),
            (
                "control of charging",
                "controlled_cars",
                self.control_capital_jpy,
                self.control_running_jpy_per_y,
            ),
        )
        there = (True, self.automated_frac > 0.0, self.controlled_frac > 0.0)
        centre = Charge(
            "centre for automated vehicles",
            payer="road_tax",
            quantity="city",
            capital_jpy=self.centre_capital_jpy,
            life_y=10.0,
            running_jpy_per_y=self.centre_running_jpy_per_y,
        )
        cars = tuple(
            Charge(
                item,
                payer="owners",
                quantity=quantity,
                capital_jpy=capital,
                life_y=self.life_y,
                running_jpy_per_y=running,
            )
            for (item, quantity, capital, running), here in zip(kinds, there, strict=True)
            if here
        )
        return (*cars, centre)


@dataclass(frozen=True)
class MatchedRides(Policy):
    """Riders and drivers are matched by an app (T-S3 P2Pライドシェアの拡充).

    Acts on: stock (people who drive others for money in their own cars; drivers who take riders on trips of
             their own) and market (the price of a ride).
    Costs:   the service that matches, and licences, insurance and training of drivers, in a road tax. Riders
             pay the drivers, who are people of the same city.
    Can fail: riders who would have gone by bus or on foot add vehicles; vehicles drive empty on the way to
              riders; where few ask, waits are long and nobody shares a vehicle; buses lose passengers.
    """

    sizes: ClassVar[Mapping[str, tuple[float, float]]] = {"vehicles_per_1000_people": (0.5, 10.0)}

    vehicles_per_1000_people: float = parameter(
        2.0,
        "1/1000",
        "vehicles for hire on duty; San Francisco 2016: 6.5 at the peak hour",
        "A",
        0.01,
        50,
    )
    own_trip_frac: float = parameter(
        0.1, "1", "share of trips by car whose drivers take riders of the same way", "A", 0, 1
    )
    start_jpy: float = parameter(400.0, "JPY", "price of a ride, a person", "A", 0, 1e5)
    jpy_per_km: float = parameter(250.0, "JPY/km", "the same; a taxi takes 400", "A", 0.1, 1e4)
    platform_capital_jpy: float = parameter(60e6, "JPY", "the service that matches riders", "A", 0)
    platform_running_jpy_per_y: float = parameter(40e6, "JPY/y", "its staff and computers", "A", 0)
    licence_jpy_per_y: float = parameter(
        150e3, "JPY/y", "a vehicle's insurance, inspections, and training of its driver", "A", 0
    )

    def enact(self, charter: Charter) -> Charter:
        return (
            charter.with_stock(
                ride_vehicles_per_1000_people=self.vehicles_per_1000_people,
                ride_own_trip_frac=self.own_trip_frac,
            )
            .with_market(ride_start_jpy=self.start_jpy, ride_jpy_per_km=self.jpy_per_km)
            .charge(
                Charge(
                    "matching of rides",
                    payer="road_tax",
                    quantity="city",
                    capital_jpy=self.platform_capital_jpy,
                    life_y=8.0,
                    running_jpy_per_y=self.platform_running_jpy_per_y,
                ),
                Charge(
                    "licence of a vehicle for hire",
                    payer="road_tax",
                    quantity="ride_vehicles",
                    capital_jpy=0.0,
                    life_y=1.0,
                    running_jpy_per_y=self.licence_jpy_per_y,
                ),
            )
        )
