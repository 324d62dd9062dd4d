"""Reads the command line, starts the command, and returns the exit status.

Nothing heavy is imported before the arguments are understood, so ``agentsim --help`` is quick.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from agentsim.cli.arguments import parser
from agentsim.cli.status import DONE, INTERRUPTED, MACHINE_FAILED, WRONG_INPUT

COMMANDS = {
    "run": "agentsim.cli.run:run",
    "compare": "agentsim.cli.compare:compare",
    "sweep": "agentsim.cli.sweep:sweep",
    "claims": "agentsim.cli.claims:claims",
    "redteam": "agentsim.cli.redteam:redteam",
    "portfolio": "agentsim.cli.portfolio:portfolio",
    "app": "agentsim.cli.app:app",
    "list": "agentsim.cli.lists:list_",
    "check": "agentsim.cli.check:check",
    "place": "agentsim.cli.place:place",
    "record": "agentsim.cli.record:record",
}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


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
    for name in THREADS:
        os.environ.setdefault(name, "1")  # before numpy: the same sums on any number of cores
    gc.set_threshold(50_000, 20, 20)  # loading makes many objects and hardly any garbage
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return _start(options)
    except BrokenPipeError:  # the reader of our output has gone, as in ``agentsim list policies | head``
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        return INTERRUPTED


def _start(options: argparse.Namespace) -> int:
    from agentsim.core.errors import InvalidInput, NotSolved

    module, function = COMMANDS[options.command].split(":")
    try:
        return getattr(import_module(module), function)(options)
    except InvalidInput as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except BrokenPipeError:
        raise
    except MemoryError:
        print("not enough memory; use fewer households or fewer workers", file=sys.stderr)
    except NotSolved as error:
        print(f"a network could not be solved: {error}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or 'the system'}: {error.strerror or error}", file=sys.stderr)
    return MACHINE_FAILED


if __name__ == "__main__":
    sys.exit(main())
