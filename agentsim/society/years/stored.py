"""What years have left as bytes and back, to the last bit: a line of JSON, then the arrays.

Years that were lived once are kept on disk by all that determines them (:mod:`agentsim.core.disk_cache`), so
that a comparison of attackers, or a plan of one, lives them once.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from io import BytesIO
from platform import machine, system

import numpy as np

from agentsim.core import disk_cache
from agentsim.core.messages import Event
from agentsim.institutions.ledger import YearlyParts
from agentsim.scenario.file import Scenario
from agentsim.society.years.lived import Lived

KIND = "years"
ARRAYS = ("panels", "battery", "rain_tank", "mains_age_y", "owner_jpy_per_y")
NUMBERS = (
    "built_frac",
    "mineral_built_frac",
    "turbines_built_frac",
    "metals_built_frac",
    "storage_age_y",
    "recovery_jpy_per_kwh",
)
# tables and keys of a scenario that change nothing before its first hour
LATER = ("title", "title_ja", "hours", "attacker", "compare", "policies", "bad_actor", "mind", "social_cost")
LIBRARIES = ("numpy", "scipy", "numba", "highspy", "epanet-plus")
ROOMS = ("core", "place", "policies", "networks", "institutions", "outcomes", "agents", "scenario", "society")


def kept(scenario: Scenario, policies: Sequence[str], seed: int, live: Callable[[], Lived]) -> Lived:
    """The years of a scenario under some policies and a seed: read where they are kept, else lived."""
    content = {name: value for name, value in scenario.content().items() if name not in LATER}
    content["policy"] = {name: content["policy"][name] for name in policies}
    versions = [version(name) for name in LIBRARIES]
    made_by = [disk_cache.source_digest(*ROOMS), *versions, machine(), system()]
    key = disk_cache.key_of(json.dumps(content, sort_keys=True), tuple(policies), seed, *made_by)
    found = disk_cache.read(KIND, key)
    if found is not None:
        return from_bytes(found)
    lived = live()
    disk_cache.write(KIND, key, to_bytes(lived))
    return lived


def to_bytes(lived: Lived) -> bytes:
    """The years as bytes."""
    head = {
        "numbers": {name: getattr(lived, name) for name in NUMBERS},
        "parts": {payer: asdict(one) for payer, one in lived.parts.items()},
        "months": [dict(row) for row in lived.months],
        "events": [asdict(event) for event in lived.events],
    }
    arrays = BytesIO()
    np.savez(arrays, **{name: getattr(lived, name) for name in ARRAYS})
    return json.dumps(head).encode() + b"\n" + arrays.getvalue()


def from_bytes(content: bytes) -> Lived:
    """What :func:`to_bytes` was given; no code in the bytes is run."""
    head, _, rest = content.partition(b"\n")
    said = json.loads(head)
    with np.load(BytesIO(rest), allow_pickle=False) as arrays:
        return Lived(
            **{name: arrays[name] for name in ARRAYS},
            **said["numbers"],
            parts={payer: YearlyParts(**one) for payer, one in said["parts"].items()},
            months=tuple(said["months"]),
            events=tuple(Event(**event) for event in said["events"]),
        )
