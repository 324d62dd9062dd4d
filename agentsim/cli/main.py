"""The command line: what a user types, read and checked; the work is done by ``commands``.

Nothing heavy is imported before the arguments are understood, so ``agentsim --help`` is quick.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

DONE, WRONG_INPUT, SOME_FAILED, INTERRUPTED = 0, 2, 3, 130

LISTS = ("scenarios", "policies", "attackers", "outcomes", "places", "mechanisms")

_EPILOG = """examples:
  agentsim run scenarios/hostile_operator.toml --policy E-C2 --seed 3
  agentsim compare scenarios/hostile_operator.toml --policy E-C2 --policy E-C2+X-C5 --seeds 20 --out out/e-c2
  agentsim check scenarios/*.toml

exit status: 0 done; 2 the input is wrong; 3 some runs failed (the rest is kept); 130 stopped by Ctrl-C
"""


class _Parser(argparse.ArgumentParser):
    """argparse, but a mistyped word gets a suggestion."""

    def error(self, message: str) -> NoReturn:
        found = re.match(r"argument (.+): invalid choice: '(.*)' \(choose from (.*)\)", message)
        if found:
            from agentsim.core.errors import unknown

            what, word, choices = found.groups()
            message = f"{what}: {unknown(word, re.findall(r'[a-z]+', choices))}"
        self.exit(WRONG_INPUT, f"{self.prog}: {message}\n{self.format_usage()}")


def _count(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number") from None
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is too small; at least 1 is needed")
    return value


def _seed(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number") from None
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative; a seed is at least 0")
    return value


def parser() -> argparse.ArgumentParser:
    """Everything that may be typed."""
    top = _Parser(
        prog="agentsim",
        description="People on shared power, water and road networks: what happens when somebody cuts a "
        "district off, and what each countermeasure changes.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="store_true", help="print the version and stop")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    run = commands.add_parser("run", help="one run: its outcomes, and what happened in order")
    _shared(run)
    run.add_argument(
        "--policy", action="append", metavar="ID", help="adopt it; may be given again; also ID+ID"
    )
    run.add_argument("--attacker", metavar="NAME", help="a kind, or kind:mind (agentsim list attackers)")
    run.add_argument(
        "--seed", type=_seed, default=1, metavar="N", help="of all chance in the run (default 1)"
    )

    compare = commands.add_parser("compare", help="what each policy changes, paired by seed, with intervals")
    _shared(compare)
    compare.add_argument(
        "--policy",
        action="append",
        metavar="ID",
        help="an id, ID+ID together, a package, or each; may be given again",
    )
    compare.add_argument("--attacker", action="append", metavar="NAME", help="may be given again")
    compare.add_argument("--seeds", type=_count, metavar="N", help="replications of each case")
    compare.add_argument("--workers", type=_count, metavar="N", help="processes (default: one for each core)")

    app = commands.add_parser("app", help="the page: see it, predict it, change it, in a browser")
    app.add_argument("scenario", nargs="?", metavar="SCENARIO", help="a TOML file to open with")
    app.add_argument("--port", type=_count, default=8765, metavar="N", help="default 8765")
    app.add_argument(
        "--host", default="localhost", metavar="NAME", help="0.0.0.0 serves everybody on the network"
    )
    app.add_argument("--workers", type=_count, metavar="N", help="processes that compute runs")
    app.add_argument("--no-browser", action="store_true", help="open none")

    listing = commands.add_parser("list", help="what there is")
    listing.add_argument("what", choices=LISTS, metavar="|".join(LISTS))
    listing.add_argument("--json", action="store_true", help="print JSON")

    check = commands.add_parser("check", help="checks scenario files and runs nothing")
    check.add_argument("files", nargs="+", metavar="FILE")
    check.add_argument("--show", action="store_true", help="print the file with all its defaults")

    _place(commands.add_parser("place", help="a city from files of one's own"))
    _record(commands.add_parser("record", help="the public record of a run"))
    return top


def _record(record: argparse.ArgumentParser) -> None:
    actions = record.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser, required=True)
    verify = actions.add_parser("verify", help="whether nothing in it was changed, removed or moved")
    verify.add_argument("file", metavar="FILE", help="a record.jsonl, as `agentsim run --out` keeps it")
    verify.add_argument("--head", metavar="HASH", help="an older head, kept by somebody independent")


def _place(place: argparse.ArgumentParser) -> None:
    actions = place.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser, required=True)
    build = actions.add_parser("build", help="what is understood of the files, and every guess")
    city = build.add_mutually_exclusive_group(required=True)
    city.add_argument("--water", metavar="F", help="EPANET network (.inp), the skeleton of the city")
    city.add_argument("--place", metavar="NAME", help="a shipped place, or a folder with a place.toml")
    build.add_argument("--grid", metavar="F", help="MATPOWER case (.m); else the IEEE RTS-79")
    build.add_argument(
        "--roads", metavar="F", help="TNTP network or GMNS folder; else streets over the mains"
    )
    build.add_argument("--trips", metavar="F", help="TNTP trip table; else gravity on people and jobs")
    build.add_argument("--road-nodes", metavar="F", help="TNTP node coordinates; else laid out by times")
    build.add_argument("--districts-file", metavar="F", help="csv table of districts")
    build.add_argument("--districts", type=_count, metavar="N", help="how many; else 8, or as many as fit")
    build.add_argument("--out", metavar="DIR", help="keep map, report and a place.toml in this folder")
    build.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def _shared(command: argparse.ArgumentParser) -> None:
    command.add_argument("scenario", metavar="SCENARIO", help="a TOML file")
    command.add_argument("--hours", type=_count, metavar="N", help="instead of the scenario's")
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="TABLE.KEY=VALUE",
        help="instead of the scenario's; may be given again",
    )
    command.add_argument("--out", metavar="DIR", help="keep results and figures in this folder")
    command.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    top = parser()
    options = top.parse_args(arguments)
    if options.version:
        import agentsim

        print(f"agentsim {agentsim.__version__}")
        return DONE
    if options.command is None:
        top.print_help()
        return WRONG_INPUT
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")  # before numpy: the same sums on any number of cores
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return _obey(options)
    except BrokenPipeError:  # the reader of our output has gone, as in ``agentsim list policies | head``
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED


def _obey(options: argparse.Namespace) -> int:
    from agentsim.cli import commands
    from agentsim.core.errors import InvalidScenario

    try:
        return commands.COMMANDS[options.command](options)
    except InvalidScenario as error:
        for message in error.messages:
            print(message, file=sys.stderr)
        return WRONG_INPUT


if __name__ == "__main__":
    sys.exit(main())
