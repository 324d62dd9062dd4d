"""Runs on a Dask cluster: the address that ``--dask`` gives becomes an executor."""

from collections.abc import Generator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass

from agentsim.core.errors import InvalidInput, InvalidScenario

WAIT_S = 20.0  # for the scheduler to answer
NO_WORKER_S = 120.0  # for a first worker to come


@dataclass(frozen=True)
class Cluster:
    """An executor of ``concurrent.futures``, and the number of runs that it makes at the same time."""

    executor: Executor
    workers: int


@contextmanager
def cluster_of(address: str | None) -> Generator[Cluster | None, None, None]:
    """The Dask cluster at an address; None where none is given.

    Raises
    ------
    InvalidScenario : Dask is not installed, or its workers have several threads
    InvalidInput : nobody answers at this address, or no worker comes
    """
    if not address:
        yield None
        return
    try:
        from distributed import Client
        from distributed.comm.addressing import parse_address, parse_host_port
    except ImportError:
        raise InvalidScenario(
            ["--dask: Dask is not installed; install it with: pip install 'agentsim[cluster]'"]
        ) from None
    try:
        parse_host_port(parse_address(address)[1])
    except ValueError as error:
        raise InvalidScenario([f"--dask: {error}; an address is needed, as in tcp://host:8786"]) from None
    try:
        client = Client(address, timeout=WAIT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InvalidInput(
            f"--dask: no Dask scheduler answers at {address} ({error}); start one with: dask scheduler"
        ) from None
    try:
        client.wait_for_workers(1, timeout=NO_WORKER_S)
        threads = client.nthreads()
        if any(number > 1 for number in threads.values()):
            raise InvalidScenario(
                [
                    "--dask: a worker has several threads, but a run needs a process of its own; start the "
                    "workers with: dask worker ADDRESS --nworkers auto --nthreads 1"
                ]
            )
        yield Cluster(client.get_executor(pure=False), len(threads))
    except TimeoutError:
        raise InvalidInput(
            f"--dask: the scheduler at {address} has no worker; start one with: dask worker {address} "
            "--nworkers auto --nthreads 1"
        ) from None
    finally:
        client.close()
