"""A day of a water network in WNTR's own simulator, which solves the hydraulics in Python and SciPy."""

import warnings
from collections.abc import Callable
from types import SimpleNamespace

from exchange import Answer, solve_with


def make(given: SimpleNamespace) -> Callable[[], Answer]:
    warnings.simplefilter("ignore")
    import wntr

    model = wntr.network.WaterNetworkModel(str(given.inp_file))
    model.options.time.duration = (int(given.hours) - 1) * 3600
    model.options.time.hydraulic_timestep = model.options.time.report_timestep = 3600
    junctions = [str(name) for name in given.junction_id]

    def solve() -> Answer:
        pressure = wntr.sim.WNTRSimulator(model).run_sim().node["pressure"]
        return {"pressure_m": pressure.loc[:, junctions].to_numpy()}

    return solve


if __name__ == "__main__":
    solve_with(make, repeats=2)
