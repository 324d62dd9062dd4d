"""What institutions cost: a run with every one of them against one with none, interleaved, CPU time."""

import json
import time
from pathlib import Path
from statistics import median

import agentsim as sim

SCENARIO = Path(__file__).parent.parent / "scenarios" / "hostile_operator.toml"
ALL = ["E-C1", "X-C2", "X-C3", "X-C4"]  # trade, logs, votes and recall, monitors: all four networks
HOURS, ROUNDS = 504, 5


def cpu_s(policies: list[str], attacker: str) -> float:
    """CPU time of one run, without setting it up [s]."""
    scenario = sim.load(SCENARIO).with_changes({"hours": HOURS})
    society = sim.Society(scenario, policies=policies, attacker=attacker, seed=1)
    begin = time.process_time()
    society.run()
    return time.process_time() - begin


def main() -> None:
    """Prints the medians and their ratios as one line of JSON."""
    found: dict[str, object] = {"hours": HOURS, "policies": ALL, "rounds": ROUNDS}
    cpu_s([], "none")  # compiled, and warm
    for attacker in ("none", "coercer:random"):
        bare, full = [], []
        for _ in range(ROUNDS):
            bare.append(cpu_s([], attacker))
            full.append(cpu_s(ALL, attacker))
        name = attacker.partition(":")[0]
        found[name] = {
            "without_ms_per_hour": 1e3 * median(bare) / HOURS,
            "with_ms_per_hour": 1e3 * median(full) / HOURS,
            "ratio": median(f / b for f, b in zip(full, bare, strict=True)),
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
