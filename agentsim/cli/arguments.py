"""What may be typed: the commands, their options, and the help for each."""

import argparse
import re
from typing import NoReturn

from agentsim.cli.status import WRONG_INPUT

LISTS = ("scenarios", "policies", "attackers", "outcomes", "claims", "places", "mechanisms", "stages")

_START = """\
agentsim simulates a city whose people share networks for power, water, roads
and supplies. It shows what happens when somebody cuts a district off, and how
much each policy would help."""

_EXAMPLES = """examples:
  agentsim compare scenarios/hostile_operator.toml
  agentsim run scenarios/hostile_operator.toml --policy E-C2 --seed 3
  agentsim list policies

exit status:
  0  done
  1  a system error (disk, permission, memory), or a network could not be solved
  2  the input is wrong; the message says what and where
  3  some runs of a comparison or a sweep failed; the others are kept
  130  stopped by Ctrl-C; finished runs are kept
"""


class _Parser(argparse.ArgumentParser):
    """argparse, but a mistyped word gets a suggestion, and help keeps its line breaks."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{"formatter_class": argparse.RawDescriptionHelpFormatter} | kwargs)

    def error(self, message: str) -> NoReturn:
        found = re.match(r"argument (.+): invalid choice: '(.*)' \(choose from (.*)\)", message)
        if found:
            from agentsim.core.errors import unknown

            what, word, choices = found.groups()
            message = f"{what}: {unknown(word, re.findall(r'[a-z]+', choices))}"
        self.exit(WRONG_INPUT, f"{self.prog}: {message}\n{self.format_usage()}")


def whole_number(text: str) -> int:
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is too small; at least 1 is needed")
    return value


def _seed(text: str) -> int:
    value = whole(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative; a seed is at least 0")
    return value


def _port(text: str) -> int:
    value = whole(text)
    if not 1 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"{value} is no port; it must be from 1 to 65535")
    return value


def _host(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(
            "a name is needed: localhost, or 0.0.0.0 for everybody on the network"
        )
    return text


def _file_name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the name of a file is needed")
    return text


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number") from None


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    from agentsim.cli.search_arguments import portfolio, redteam  # they use what is above

    top = _Parser(prog="agentsim", description=_START, epilog=_EXAMPLES)
    top.add_argument("--version", action="store_true", help="print the version and stop")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=_Parser)
    _run(commands)
    _compare(commands)
    _sweep(commands)
    _claims(commands)
    redteam(commands)
    portfolio(commands)
    _app(commands)
    _list(commands)
    _check(commands)
    _place(commands)
    _record(commands)
    return top


def add_command(
    commands: argparse._SubParsersAction, name: str, *, says: str, more: str = "", examples: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=says,
        description=f"{says[0].upper()}{says[1:]}.{more and chr(10) + more}",
        epilog=f"examples:\n{examples}",
    )


def _run(commands: argparse._SubParsersAction) -> None:
    run = add_command(
        commands,
        "run",
        says="simulate a city once; print the outcomes and the events in order of time",
        examples="  agentsim run scenarios/hostile_operator.toml --policy E-C2 --seed 3\n"
        "  agentsim run scenarios/drought.toml --hours 168 --set place.households=1000",
    )
    add_shared(run)
    run.add_argument(
        "--policy",
        action="append",
        metavar="ID",
        help="policy to adopt; for several, repeat the option or write A+B (default: the scenario's; "
        "see: agentsim list policies)",
    )
    run.add_argument(
        "--attacker",
        metavar="NAME",
        help="who attacks, such as none or coercer:random (default: the scenario's; "
        "see: agentsim list attackers)",
    )
    run.add_argument(
        "--seed",
        type=_seed,
        default=1,
        metavar="N",
        help="number that fixes everything left to chance: weather, failures, people (default: 1)",
    )


def _compare(commands: argparse._SubParsersAction) -> None:
    compare = add_command(
        commands,
        "compare",
        says="simulate a city with and without each policy; print how much each one changes",
        more="Every policy is run with the same seeds: the same weather, failures and people.",
        examples="  agentsim compare scenarios/hostile_operator.toml\n"
        "  agentsim compare scenarios/drought.toml --policy W-S1 --policy W-S1+W-C1 --seeds 20\n"
        "  agentsim compare scenarios/hostile_operator.toml --attacker none --attacker saboteur\n"
        "  agentsim compare scenarios/drought.toml scenarios/river_town.toml --policy W-C1 --policy X-C5",
    )
    add_shared(compare, of_several="of several, ranks and regret over all of them are printed too")
    compare.add_argument(
        "--policy",
        action="append",
        metavar="ID",
        help="policy to compare, or A+B for several policies together, or the name of a package; the word "
        "'each' stands for every policy separately. Repeat the option to compare several (default: the "
        "scenario's; see: agentsim list policies)",
    )
    compare.add_argument(
        "--attacker",
        action="append",
        metavar="NAME",
        help="who attacks; repeat the option to compare several (default: the scenario's; "
        "see: agentsim list attackers)",
    )
    compare.add_argument(
        "--seeds",
        type=whole_number,
        metavar="N",
        help="number of runs of each case, each with other weather, failures and people "
        "(default: the scenario's)",
    )
    compare.add_argument(
        "--workers",
        type=whole_number,
        metavar="N",
        help="number of runs computed at the same time (default: one for each processor core)",
    )
    compare.add_argument(
        "--full", action="store_true", help="print every outcome with its interval, not only the main ones"
    )
    compare.add_argument(
        "--judge",
        metavar="OUTCOME",
        help="print which policy to choose by this outcome if it is not known which attacker comes: mean, "
        "worst cases, regret and ranks (default with several scenarios: deprivation in the worst district; "
        "see: agentsim list outcomes)",
    )


def _sweep(commands: argparse._SubParsersAction) -> None:
    sweep = add_command(
        commands,
        "sweep",
        says="run a scenario with many values of its numbers, policies and attackers, into one file",
        more="The same command continues after a stop; runs that are done are not made again. With the word\n"
        "status, failed, export or plot and that file, it shows, exports or draws what is there.",
        examples="  agentsim sweep scenarios/sweeps/dry_years.toml --out dry_years.sqlite\n"
        "  agentsim sweep status dry_years.sqlite\n"
        "  agentsim sweep failed dry_years.sqlite --full\n"
        "  agentsim sweep export dry_years.sqlite --format csv\n"
        "  agentsim sweep plot dry_years.sqlite --over raw_water.start_frac --outcome deprivation_mean",
    )
    sweep.add_argument(
        "words",
        nargs="+",
        metavar="SWEEP",
        help="sweep file (TOML); or one of status, failed, export, plot, and the file of --out",
    )
    sweep.add_argument(
        "--out",
        metavar="FILE",
        help="file (SQLite) in which the runs are kept; of export, the file to write; of plot, the folder",
    )
    where = sweep.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        type=whole_number,
        metavar="N",
        help="number of runs computed at the same time (default: one for each processor core)",
    )
    where.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="compute on the Dask cluster whose scheduler has this address, as in tcp://host:8786",
    )
    sweep.add_argument(
        "--run-seconds",
        type=whole_number,
        metavar="N",
        help="stop a run after so many seconds; it counts as failed, the others go on (default: 3600)",
    )
    sweep.add_argument(
        "--run-mb",
        type=whole_number,
        metavar="N",
        help="stop a run whose process takes more memory than so many megabytes (default: no limit)",
    )
    sweep.add_argument(
        "--anyway", action="store_true", help="begin even if memory or time will probably not do"
    )
    sweep.add_argument("--format", choices=("csv", "parquet"), default="csv", help="of export (default: csv)")
    sweep.add_argument("--over", metavar="KEY", help="of plot: the number that is drawn along the axis")
    sweep.add_argument("--outcome", metavar="NAME", help="of plot: the outcome that is drawn")
    sweep.add_argument(
        "--difference", action="store_true", help="of plot: the difference to no policy, paired by seed"
    )
    sweep.add_argument("--full", action="store_true", help="of failed: every failure, with its traceback")
    sweep.add_argument("--json", action="store_true", help="print one JSON value and nothing else")


def _claims(commands: argparse._SubParsersAction) -> None:
    claims = add_command(
        commands,
        "claims",
        says="judge what the policy paper claims: supported, reversed, not supported or undecided",
        more="Each claim is judged in its own scenario, with and without its measures, on seeds and with\n"
        "margins that were written down before. A claim whose measures the model lacks is not judged yet.",
        examples="  agentsim claims\n"
        "  agentsim claims --partly --confirm --out out/claims\n"
        "  agentsim claims my_city.toml --claim W-M1 --partly\n"
        "  agentsim claims --claim E-M1 --partly --design 4 --out out/flips",
    )
    claims.add_argument(
        "scenarios",
        nargs="*",
        metavar="SCENARIO",
        help="scenario file (TOML): a shipped one stands for the claims that are judged in it; in any other "
        "file every claim is judged (default: each claim in its own scenario)",
    )
    claims.add_argument(
        "--claim",
        action="append",
        metavar="ID",
        help="claim to judge; repeat the option for several (default: all; see: agentsim list claims)",
    )
    claims.add_argument(
        "--partly",
        action="store_true",
        help="judge a claim whose measures are not all there yet by those that are",
    )
    claims.add_argument(
        "--seeds",
        type=whole_number,
        metavar="N",
        help="number of runs of each case (default: the registered 30)",
    )
    claims.add_argument(
        "--first-seed",
        type=_seed,
        metavar="N",
        help="first of the seeds, to try something on others than the registered ones, which begin with 5001",
    )
    claims.add_argument(
        "--confirm",
        action="store_true",
        help="run a second, disjoint set of seeds; a verdict that both do not give is undecided",
    )
    claims.add_argument(
        "--design",
        metavar="N|FILE",
        help="find what flips each claim that is judged: N Morris trajectories over every assumed number, "
        "then settings of those that matter most; or the settings of a CSV file (needs agentsim[analysis])",
    )
    claims.add_argument(
        "--why",
        metavar="FILE",
        help="explanations of verdicts (TOML: a table for each claim, with en and ja) for the report",
    )
    claims.add_argument(
        "--workers",
        type=whole_number,
        metavar="N",
        help="number of runs computed at the same time (default: one for each processor core)",
    )
    claims.add_argument(
        "--anyway", action="store_true", help="begin even if memory or time will probably not do"
    )
    _out_and_json(claims, "save runs, verdicts and the report (HTML and Markdown, English and Japanese) here")


def _app(commands: argparse._SubParsersAction) -> None:
    app = add_command(
        commands,
        "app",
        says="open the interactive page in a browser",
        examples="  agentsim app\n  agentsim app scenarios/hostile_operator.toml --port 9000\n"
        "  agentsim app --room",
    )
    app.add_argument(
        "scenario", nargs="?", metavar="SCENARIO", help="scenario file (TOML) that the page shows first"
    )
    app.add_argument("--port", type=_port, default=8765, metavar="N", help="network port (default: 8765)")
    app.add_argument(
        "--host",
        type=_host,
        metavar="NAME",
        help="who can open it: localhost, only this computer (default); 0.0.0.0, everybody on the network "
        "(default with --room); one address of this computer, everybody who reaches that one",
    )
    app.add_argument(
        "--room",
        action="store_true",
        help="open a room for a class: groups join with a code, a leader's view begins and ends rounds",
    )
    app.add_argument(
        "--room-file",
        type=_file_name,
        metavar="FILE",
        help="keep the room in this file, or go on with the room in it (default: room-DATE.sqlite in this "
        "folder); implies --room",
    )
    app.add_argument(
        "--workers",
        type=whole_number,
        metavar="N",
        help="number of runs computed at the same time, of which one is kept for a second visitor (default: "
        "half of the processor cores, at most 3, and one more)",
    )
    app.add_argument("--no-browser", action="store_true", help="serve the page, but open no browser")


def _list(commands: argparse._SubParsersAction) -> None:
    listing = add_command(
        commands,
        "list",
        says="list what is available: scenarios, policies, attackers, outcomes or other lists",
        examples="  agentsim list policies\n  agentsim list outcomes --json",
    )
    listing.add_argument("what", choices=LISTS, metavar="WHAT", help=f"one of: {', '.join(LISTS)}")
    listing.add_argument("--json", action="store_true", help="print JSON, with every column")


def _check(commands: argparse._SubParsersAction) -> None:
    check = add_command(
        commands,
        "check",
        says="report every error in scenario and sweep files, without running them",
        examples="  agentsim check my_city.toml\n  agentsim check my_city.toml --show",
    )
    check.add_argument("files", nargs="+", metavar="FILE", help="scenario file or sweep file (TOML)")
    check.add_argument(
        "--show",
        action="store_true",
        help="print every number of the scenario, also those that the file leaves at their default",
    )


def _place(commands: argparse._SubParsersAction) -> None:
    place = commands.add_parser("place", help="make a city from your own network files")
    actions = place.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser, required=True)
    build = add_command(
        actions,
        "build",
        says="build a city from network files; report what was read, guessed, and lived there in a day",
        examples="  agentsim place build --water my.inp --out my_city\n"
        "  agentsim place build --water my.inp --grid my.m --roads my_net.tntp",
    )
    city = build.add_mutually_exclusive_group(required=True)
    city.add_argument("--water", metavar="F", help="EPANET file (.inp) of the water network")
    city.add_argument(
        "--place",
        metavar="NAME",
        help="a place that comes with agentsim (see: agentsim list places), or a folder with a place.toml",
    )
    build.add_argument(
        "--grid",
        metavar="F",
        help="MATPOWER file (.m) of the power grid (default: the IEEE test grid RTS-79)",
    )
    build.add_argument(
        "--roads",
        metavar="F",
        help="TNTP file or GMNS folder of the roads (default: streets along the water mains)",
    )
    build.add_argument(
        "--trips",
        metavar="F",
        help="TNTP table of trips between zones (default: estimated from people and jobs)",
    )
    build.add_argument(
        "--road-nodes",
        metavar="F",
        help="TNTP file of the coordinates of road nodes (default: estimated from travel times)",
    )
    build.add_argument("--districts-file", metavar="F", help="table of districts (CSV)")
    build.add_argument(
        "--districts",
        type=whole_number,
        metavar="N",
        help="number of districts (default: 8, or as many as fit)",
    )
    build.add_argument(
        "--no-day", action="store_true", help="do not live an ordinary day in the city before the report"
    )
    _out_and_json(
        build,
        "save the map (also as GeoJSON), the report, the network graphs and a place.toml in this folder",
    )


def _record(commands: argparse._SubParsersAction) -> None:
    record = commands.add_parser("record", help="check that the public record of a run is unchanged")
    actions = record.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser, required=True)
    verify = add_command(
        actions,
        "verify",
        says="check a public record: its chain of hashes, and whether what it says can be",
        examples="  agentsim record verify out/record.jsonl",
    )
    verify.add_argument(
        "file",
        metavar="FILE",
        help="the file record.jsonl that agentsim run --out saves if a policy has a public log",
    )
    verify.add_argument(
        "--head",
        metavar="HASH",
        help="last hash of an older copy of the file, kept by an independent party; it must be in the file",
    )


def add_shared(command: argparse.ArgumentParser, of_several: str = "") -> None:
    """What several commands take; *of_several* says what follows where more than one scenario is named."""
    says = "file (TOML) that describes city, attacker and period (see: agentsim list scenarios)"
    if of_several:
        command.add_argument("scenario", nargs="+", metavar="SCENARIO", help=f"{says}; {of_several}")
    else:
        command.add_argument("scenario", metavar="SCENARIO", help=says)
    command.add_argument(
        "--hours", type=whole_number, metavar="N", help="hours to simulate (default: the scenario's)"
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="TABLE.KEY=VALUE",
        help="change a number of the scenario; repeat it for several (see: agentsim check FILE --show)",
    )
    command.add_argument(
        "--anyway", action="store_true", help="begin even if memory or time will probably not do"
    )
    _out_and_json(command, "save results and figures in this folder")


def _out_and_json(command: argparse.ArgumentParser, keeps: str) -> None:
    command.add_argument("--out", metavar="DIR", help=keeps)
    command.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
