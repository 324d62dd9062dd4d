"""Small road files, written by the tests: a ring of zones with spokes to plain nodes in the middle."""

from pathlib import Path

import numpy as np


def ring(zones: int = 8, radius: float = 1000.0) -> tuple[list[tuple[int, int, float]], np.ndarray]:
    """Links (from, to, minutes; nodes from 1) and coordinates; the last two nodes are no zones."""
    angle = 2.0 * np.pi * np.arange(zones) / zones
    place = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    place = np.vstack([place, [[-0.2 * radius, 0.0], [0.2 * radius, 0.0]]])
    links = [(k + 1, (k + 1) % zones + 1, 4.0) for k in range(zones)]
    links += [(k + 1, zones + 1 if place[k, 0] < 0 else zones + 2, 3.0) for k in range(zones)]
    links += [(zones + 1, zones + 2, 1.5)]
    return links + [(b, a, minutes) for a, b, minutes in links], place


def write_tntp(folder: Path, zones: int = 8, trips: float = 60.0) -> dict[str, Path]:
    """``net``, ``trips`` and ``nodes`` in TNTP; every pair of zones has *trips* vehicles."""
    links, place = ring(zones)
    rows = [f"\t{a}\t{b}\t900\t{0.5 * m:g}\t{m:g}\t0.15\t4\t30\t0\t1\t;" for a, b, m in links]
    head = f"<NUMBER OF ZONES> {zones}\n<NUMBER OF NODES> {zones + 2}\n<FIRST THRU NODE> 1\n"
    net = head + f"<NUMBER OF LINKS> {len(links)}\n<END OF METADATA>\n\n~ \tlinks\t;\n" + "\n".join(rows)
    table = f"<NUMBER OF ZONES> {zones}\n<TOTAL OD FLOW> 1\n<END OF METADATA>\n"
    for origin in range(1, zones + 1):
        pairs = " ".join(f"{to} : {trips};" for to in range(1, zones + 1) if to != origin)
        table += f"Origin {origin}\n{pairs}\n"
    nodes = "Node\tX\tY\t;\n" + "".join(f"{k + 1}\t{x:.1f}\t{y:.1f}\t;\n" for k, (x, y) in enumerate(place))
    files = {"net": net, "trips": table, "nodes": nodes}
    paths = {role: folder / f"ring_{role}.tntp" for role in files}
    for role, text in files.items():
        paths[role].write_text(text, encoding="utf-8")
    return paths


def write_gmns(folder: Path, zones: int = 8, demand: bool = True) -> Path:
    """The same ring as a GMNS folder."""
    links, place = ring(zones)
    folder.mkdir()
    nodes = [f"{k + 1},{x:.1f},{y:.1f},{k + 1 if k < zones else ''}" for k, (x, y) in enumerate(place)]
    (folder / "node.csv").write_text("node_id,x_coord,y_coord,zone_id\n" + "\n".join(nodes) + "\n")
    rows = [f"{i},{a},{b},{0.5 * m:g},30,450,2,true" for i, (a, b, m) in enumerate(links, start=1)]
    head = "link_id,from_node_id,to_node_id,length,free_speed,capacity,lanes,directed\n"
    (folder / "link.csv").write_text(head + "\n".join(rows) + "\n")
    (folder / "config.csv").write_text("long_length,speed\nmi,mph\n")
    if demand:
        pairs = [f"{a},{b},60" for a in range(1, zones + 1) for b in range(1, zones + 1) if a != b]
        (folder / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n" + "\n".join(pairs) + "\n")
    return folder
