"""A map of a place: districts, mains, roads, buses and sites."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from agentsim.place.build import Built
from agentsim.report.figures import DISTRICT_COLOURS

RASTER = 220  # points across the map
# Mark, size and name of the kinds of sites that are shown; depots and shelters stand with the hospitals.
SITES: dict[str, tuple[str, int, str]] = {
    "power_station": ("*", 11, "power station"),
    "treatment_works": ("P", 8, "source, treatment works"),
    "pumping_station": ("d", 7, "pumping station"),
    "control_room": ("8", 9, "control rooms"),
    "hospital": ("H", 7, "hospital, shelter, depots"),
    "port": ("v", 8, "port"),
    "sea_side": ("X", 8, "sea side"),
    "refinery": ("^", 8, "refinery"),
    "gateway": (">", 8, "gateway by land"),
}


def place_map(built: Built) -> Figure:
    """The map as a figure [km]; district names never cover each other."""
    place, network = built.place, built.network
    x, y = (axis * built.land.scale_m / 1000.0 for axis in (network.node_x, network.node_y))
    width, height = max(float(np.ptp(x)), 0.5), max(float(np.ptp(y)), 0.5)
    inches = np.clip(8.0 * height / width, 4.0, 10.0)
    figure = Figure(figsize=(11.0, float(inches) + 1.0), layout="constrained")
    axes = figure.subplots()
    _areas(axes, built, x, y)
    _mains(axes, built, x, y)
    _roads(axes, built)
    grid = place.grid
    assert grid.bus_x_km is not None
    assert grid.bus_y_km is not None
    axes.plot(grid.bus_x_km, grid.bus_y_km, "s", ms=4, mfc="#F0E442", mec="black", mew=0.6, zorder=5)
    kinds = [kind for kind in SITES if any(site.kind == kind for site in place.sites)]
    for kind in kinds:
        mark, size, _ = SITES[kind]
        at = [(site.x_km, site.y_km) for site in place.sites if site.kind == kind]
        axes.plot(*zip(*at, strict=True), mark, ms=size, mfc="white", mec="black", mew=0.9, zorder=6)
    axes.set_aspect("equal")
    axes.set_xlabel("km")
    axes.set_ylabel("km")
    axes.set_title(place.title, fontsize=11)
    figure.legend(handles=_key(built, kinds), loc="outside right upper", fontsize=8, frameon=False)
    _names(figure, axes, built)
    return figure


def _colour(district: int) -> str:
    return DISTRICT_COLOURS[district % len(DISTRICT_COLOURS)]


def _areas(axes: Axes, built: Built, x: np.ndarray, y: np.ndarray) -> None:
    """Each point in the colour of the district of its nearest junction, as far as mains are near."""
    place = built.place
    step = max(np.ptp(x), np.ptp(y), 0.5) / RASTER
    junctions = np.column_stack([place.water.junction_x_km, place.water.junction_y_km])
    reach = max(12 * step, 1.0 * _spacing(junctions))
    margin = reach + 2 * step
    across = np.arange(x.min() - margin, x.max() + margin, step)
    up = np.arange(y.min() - margin, y.max() + margin, step)
    picture = np.ones((len(up), len(across), 4))
    paint = np.array([_rgb(_colour(d)) for d in range(len(place.districts))])
    for row, level in enumerate(up):
        squared = (across[:, None] - junctions[None, :, 0]) ** 2 + (level - junctions[None, :, 1]) ** 2
        nearest = np.argmin(squared, axis=1)
        picture[row, :, :3] = paint[place.water.junction_district[nearest]]
        near = squared[np.arange(len(across)), nearest] <= reach**2
        picture[row, :, 3] = np.where(near, 0.28, 0.0)
    axes.imshow(
        picture, origin="lower", extent=(across[0], across[-1], up[0], up[-1]), interpolation="nearest"
    )


def _rgb(colour: str) -> list[float]:
    return [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]


def _spacing(points: np.ndarray) -> float:
    """Nine tenths of (at most 400) points have another one within this distance."""
    some = points[:: max(1, len(points) // 400)]
    squared = ((some[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    squared[squared == 0] = np.inf
    return float(np.sqrt(np.quantile(squared.min(axis=1), 0.9)))


def _mains(axes: Axes, built: Built, x: np.ndarray, y: np.ndarray) -> None:
    network = built.network
    wide = network.link_diameter_mm / max(float(network.link_diameter_mm.max()), 1.0)
    for a, b, w in zip(network.link_from, network.link_to, wide, strict=True):
        axes.plot([x[a], x[b]], [y[a], y[b]], color="#0072B2", lw=0.4 + 1.8 * w, alpha=0.7, zorder=2)


def _roads(axes: Axes, built: Built) -> None:
    place, land = built.place, built.land
    x = place.zone_x_km if land.road_x_km is None else land.road_x_km
    y = place.zone_y_km if land.road_y_km is None else land.road_y_km
    ends = np.unique(np.sort(np.column_stack([place.roads.link_from, place.roads.link_to]), axis=1), axis=0)
    for a, b in ends.tolist():
        axes.plot([x[a], x[b]], [y[a], y[b]], color="#7F7F7F", lw=1.0, ls=(0, (4, 2)), zorder=3)


def _key(built: Built, kinds: list[str]) -> list[Any]:
    areas: list[Any] = [
        Patch(color=_colour(d), alpha=0.4, label=name) for d, name in enumerate(built.place.districts.name)
    ]
    lines = [
        Line2D([], [], color="#0072B2", lw=2, label="water mains, by width"),
        Line2D([], [], color="#7F7F7F", lw=1, ls="--", label="roads"),
        Line2D([], [], marker="s", mfc="#F0E442", mec="black", lw=0, ms=4, label="bus of the grid"),
    ]
    marks = [
        Line2D(
            [],
            [],
            marker=SITES[kind][0],
            mfc="white",
            mec="black",
            lw=0,
            ms=SITES[kind][1],
            label=SITES[kind][2],
        )
        for kind in kinds
    ]
    return areas + lines + marks


def _names(figure: Figure, axes: Axes, built: Built) -> list[Text]:
    """District names near their middles, moved until none covers another or, if it can be, a mark."""
    figure.draw_without_rendering()
    towns, names = built.place.districts, list[Text]()
    placed: list[Any] = []
    grid = built.place.grid
    marks = [(site.x_km, site.y_km) for site in built.place.sites if site.kind in SITES]
    marks += list(zip(grid.bus_x_km, grid.bus_y_km, strict=True))  # type: ignore[arg-type]
    marked = axes.transData.transform(np.array(marks))
    across, up = axes.get_xlim(), axes.get_ylim()
    stepx, stepy = (across[1] - across[0]) / 60, (up[1] - up[0]) / 40
    ring = sorted(
        ((i, j) for i in range(-8, 9) for j in range(-8, 9)), key=lambda s: (s[0] ** 2 + s[1] ** 2, s)
    )
    for name, x, y in zip(towns.name, towns.x_km.tolist(), towns.y_km.tolist(), strict=True):
        label = axes.text(x, y, name, ha="center", va="center", fontsize=9, weight="bold", zorder=8)
        label.set_bbox({"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.0})
        boxes: list[Any] = []
        for i, j in ring:
            label.set_position((x + i * stepx, y + j * stepy))
            box = label.get_window_extent().expanded(1.05, 1.25)
            if not any(box.overlaps(other) for other in placed):
                covered = int(box.padded(5.0).count_contains(marked))
                boxes.append((covered, len(boxes), box, label.get_position()))
                if not covered:
                    break
        if boxes:
            _, _, box, at = min(boxes, key=lambda tried: tried[:2])
            label.set_position(at)
        placed.append(box)
        names.append(label)
    return names
