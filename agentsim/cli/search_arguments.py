"""What may be typed for the searches: ``agentsim redteam`` and ``agentsim portfolio``."""

import argparse
import math

from agentsim.cli.arguments import add_command, add_shared, whole, whole_number


def amount(text: str) -> float:
    """A number above 0."""
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no number") from None
    if not 0.0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no amount; it must be above 0")
    return value


def at_least_0(text: str) -> int:
    """A whole number of 0 or more."""
    if (value := whole(text)) < 0:
        raise argparse.ArgumentTypeError(f"{value} is too small; at least 0 is needed")
    return value


def redteam(commands: argparse._SubParsersAction) -> None:
    """The options of ``agentsim redteam``."""
    red = add_command(
        commands,
        "redteam",
        says="search the worst attack against each policy; print what the policy is worth under it",
        more="Every plan is tried against every policy; the best are combined and begun later. Plans are\n"
        "then carried out on seeds that they were not made on. See docs/redteam.md.",
        examples="  agentsim redteam scenarios/hostile_operator.toml --policy W-C1 --policy E-C2+W-C1\n"
        "  agentsim redteam scenarios/hostile_operator.toml --certify",
    )
    add_shared(red)
    red.add_argument(
        "--policy",
        action="append",
        metavar="ID",
        help="policy to attack, or A+B, or a package; repeat for several (default: the scenario's)",
    )
    red.add_argument(
        "--attacker",
        default="",
        metavar="KIND",
        help="what the attacker wants: coercer, saboteur, rent_seeker or cartel (default: the scenario's)",
    )
    red.add_argument(
        "--budget", type=amount, metavar="N", help="budget of the attacker in units (default: the scenario's)"
    )
    red.add_argument(
        "--rollouts",
        type=whole_number,
        metavar="N",
        help="trial runs that the search for one plan may take (default: the scenario's, 60)",
    )
    red.add_argument(
        "--seeds",
        type=whole_number,
        metavar="N",
        help="number of runs that test the worst attack on each policy (default: the scenario's)",
    )
    red.add_argument(
        "--certify",
        action="store_true",
        help="instead: try every plan in a small form of the scenario (three districts, ten days, open "
        "cuts), and say how far the plan that the search finds is from the best of all",
    )
    _workers(red)


def portfolio(commands: argparse._SubParsersAction) -> None:
    """The options of ``agentsim portfolio``."""
    best = add_command(
        commands,
        "portfolio",
        says="search the best set of measures for a budget, against the worst of several futures",
        more="Each scenario is a future, with the attacker that it names. The search varies which measures\n"
        "are adopted and how large they are. See docs/portfolio.md.",
        examples="  agentsim portfolio scenarios/hostile_operator.toml scenarios/drought.toml "
        "--budget 40000\n"
        "  agentsim portfolio scenarios/*.toml --budget 20000 --generations 0 --out best",
    )
    add_shared(best, of_several="each is one future")
    best.add_argument(
        "--budget",
        type=amount,
        required=True,
        metavar="JPY",
        help="the most that the measures may cost, JPY a household and year",
    )
    best.add_argument(
        "--measure",
        action="append",
        metavar="ID",
        help="policy that may be adopted; repeat the option for several (default: all policies)",
    )
    best.add_argument(
        "--seeds",
        type=whole_number,
        default=12,
        metavar="N",
        help="seeds of the search; as many others test what it found (default: 12, at least 3)",
    )
    best.add_argument(
        "--generations",
        type=at_least_0,
        default=4,
        metavar="N",
        help="generations of the search over sizes; 0 keeps all measures at their usual sizes (default: 4)",
    )
    best.add_argument(
        "--finalists",
        type=whole_number,
        default=8,
        metavar="N",
        help="sets that are judged with attackers that plan (default: about 8)",
    )
    where = best.add_mutually_exclusive_group()
    where.add_argument("--dask", metavar="ADDRESS", help="run on the Dask cluster with this scheduler")
    _workers(where)


def _workers(command: argparse._ActionsContainer) -> None:
    command.add_argument(
        "--workers",
        type=whole_number,
        metavar="N",
        help="number of runs computed at the same time (default: one for each processor core)",
    )
