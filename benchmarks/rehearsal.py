"""CPU time of planning an attack in two checkouts, in turn, so that the machine's speed cancels out.

    python benchmarks/rehearsal.py OLD NEW [--attacker saboteur] [--policy X-C1 ...] [--rounds 3]

Each round plans once for every policy in a fresh process of each checkout, the kernels loaded before. Both
must find the same plans, by payoffs that are the same to the last bit; if not, it says so and exits with 1.
Printed are, for each policy, the best CPU time of all rounds, the societies built, the hours lived, and the
ratios. Without ``--policy``: no policy, and each one that the scenario compares.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SCENARIO = "scenarios/hostile_operator.toml"


def planned(scenario: str, attacker: str, policies: list[str]) -> list[dict[str, Any]]:
    """Plans, payoffs and costs of planning in this process's checkout, one entry for each policy."""
    import agentsim
    from agentsim.society.rehearsal import Rehearsal
    from agentsim.society.society import Society

    try:
        from agentsim.society.planning import plan_attack
    except ImportError:  # an older checkout
        from agentsim.society.rehearsal import plan_attack  # type: ignore[attr-defined, no-redef]

    built, lived, payoffs = [], [], []

    class CountedSociety(Society):
        def __init__(self, *given: Any, **named: Any) -> None:
            built.append(1)
            super().__init__(*given, **named)

        def live_hour(self) -> Any:
            lived.append(1)
            return super().live_hour()

    plain = Rehearsal.payoff

    def payoff(self: Rehearsal, plan: Any, hours: int) -> float:
        value = plain(self, plan, hours)
        payoffs.append(value.hex())
        return value

    Rehearsal.payoff = payoff  # type: ignore[method-assign]
    loaded = agentsim.load(scenario)
    chosen = policies or ["", *loaded.compare.policies]
    Society(loaded, (), "none", 1).run(3)  # kernels are compiled, files are read
    found = []
    for policy in chosen:
        counts = [built, lived, payoffs]
        for count in counts:
            count.clear()
        begin = time.process_time()
        plan = plan_attack(
            loaded, agentsim.policies.expand((policy,) if policy else ()), attacker, CountedSociety
        )
        cpu_s = time.process_time() - begin
        row = {"policy": policy or "none", "cpu_s": cpu_s, "societies": len(built), "hours": len(lived)}
        found.append(row | {"plan": repr(plan), "payoffs": list(payoffs)})
    return found


def measured(checkout: Path, arguments: list[str]) -> list[dict[str, Any]]:
    """As :func:`planned`, in a fresh process of *checkout*."""
    environment = os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, os.path.abspath(__file__), "--plan", *arguments]
    done = subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    """Measures two checkouts in turn, compares their plans and prints the ratios of their best rounds."""
    if sys.argv[1:2] == ["--plan"]:
        print(json.dumps(planned(sys.argv[2], sys.argv[3], sys.argv[4:])))
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--scenario", default=SCENARIO)
    parser.add_argument("--attacker", default="coercer")
    parser.add_argument("--policy", nargs="*", default=[], help="ids; an empty text stands for no policy")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    arguments = [options.scenario, f"{options.attacker}:best_response", *options.policy]
    rounds: list[tuple[list, list]] = []
    for _ in range(options.rounds):
        rounds.append(
            (measured(options.old.resolve(), arguments), measured(options.new.resolve(), arguments))
        )
    differ = 0
    for old, new in zip(*rounds[0], strict=True):
        same = (old["plan"], old["payoffs"]) == (new["plan"], new["payoffs"])
        differ += not same
        print(f"{old['policy']:8} " + _costs(rounds, old["policy"]) + ("" if same else "  DIFFERENT PLAN"))
    print("all      " + _costs(rounds))
    return 1 if differ else 0


def _costs(rounds: list[tuple[list, list]], policy: str = "") -> str:
    """Best CPU time, societies and hours, old and new, of one policy or of all together."""
    sides = [
        [[row for row in found if not policy or row["policy"] == policy] for found in side]
        for side in zip(*rounds, strict=True)
    ]
    texts = []
    for name, what, shown in (
        ("cpu_s", "s CPU", ".2f"),
        ("societies", "societies", "d"),
        ("hours", "hours", "d"),
    ):
        old, new = (min(sum(row[name] for row in rows) for rows in side) for side in sides)
        texts.append(f"{old:{shown}} -> {new:{shown}} {what} ({new / old:.2f})")
    return ", ".join(texts)


if __name__ == "__main__":
    sys.exit(main())
