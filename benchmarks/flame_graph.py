"""A flame graph from call stacks: one SVG file that a browser opens by itself.

A box is a function, as wide as the time that it and what it called took; boxes on it are what it called. A
click widens a box to the full width, a click on the lowest box shows all again. The search field marks boxes
whose name contains a text and says what share they take together.
"""

from dataclasses import dataclass, field
from html import escape
from zlib import crc32

WIDTH, ROW, MARGIN, TOP = 1200, 17, 10, 46  # pixels
LETTER = 6.6  # pixels, of the font used
LEAST = 0.0005  # boxes narrower than this share are left out

STYLE = """
text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: #111; pointer-events: none }
.head { font-size: 14px } .note { fill: #555 }
rect { stroke: #fff; stroke-width: .5; cursor: pointer } rect:hover { stroke: #000 }
.found rect { fill: #d81b9c !important } .dim { opacity: .45 }
"""

SCRIPT = """
const boxes = [...document.querySelectorAll('g.box')], W = INNER, X0 = MARGIN, LETTER = WIDE;
for (const g of boxes) { g.x = +g.dataset.x; g.w = +g.dataset.w; g.d = +g.dataset.d; }
function show(x, w, depth) {
  for (const g of boxes) {
    const over = g.d < depth && g.x <= x + 1e-9 && g.x + g.w >= x + w - 1e-9;
    const a = over ? 0 : (g.x - x) / w, b = over ? 1 : g.w / w, inside = a > -1e-9 && a + b < 1 + 1e-9;
    const hidden = !over && (!inside || g.d < depth);
    g.style.display = hidden ? 'none' : '';
    if (hidden) continue;
    g.classList.toggle('dim', over && w < 1);
    const rect = g.querySelector('rect'), text = g.querySelector('text');
    rect.setAttribute('x', X0 + a * W); rect.setAttribute('width', Math.max(b * W, .3));
    text.setAttribute('x', X0 + a * W + 3);
    const room = Math.floor((b * W - 6) / LETTER), name = g.dataset.n;
    text.textContent = room < 3 ? '' : name.length <= room ? name : name.slice(0, room - 1) + '\\u2026';
  }
}
function search(what) {
  let share = 0, end = -1;
  for (const g of boxes) {
    const hit = what && g.dataset.n.toLowerCase().includes(what.toLowerCase());
    g.classList.toggle('found', !!hit);
  }
  const hits = boxes.filter(g => g.classList.contains('found')).sort((p, q) => p.x - q.x || q.w - p.w);
  for (const g of hits) if (g.x >= end - 1e-9) { share += g.w; end = g.x + g.w; }
  document.getElementById('found').textContent = what ? (100 * share).toFixed(1) + ' % match' : '';
}
for (const g of boxes) g.addEventListener('click', () => show(g.x, g.w, g.d));
document.getElementById('search').addEventListener('input', event => search(event.target.value));
show(0, 1, 0);
"""


@dataclass
class Box:
    """A function in the place where it was called: seconds of it and of what it called."""

    name: str
    room: str = ""
    seconds: float = 0.0
    inside: dict[str, "Box"] = field(default_factory=dict)


def tree(stacks: dict[str, float]) -> Box:
    """Stacks put together from the root; the last name of a stack, in brackets, is the room it is charged to.

    >>> root = tree({"run;step;[society]": 1.0, "run;serve;[networks]": 3.0})
    >>> root.seconds, [(box.name, box.seconds) for box in root.inside["run"].inside.values()]
    (4.0, [('step', 1.0), ('serve', 3.0)])
    """
    root = Box("all")
    for stack, seconds in stacks.items():
        *names, room = stack.split(";")
        box = root
        box.seconds += seconds
        for name in names:
            box = box.inside.setdefault(name, Box(name))
            box.seconds += seconds
        box.room = room.strip("[]")
    return root


def colour(name: str, room: str) -> str:
    """Solvers are blue, compiled kernels green; every folder has a warm colour of its own."""
    if room.startswith("engine"):
        return "#7fb2e5"
    if name.startswith("kernel "):
        return "#8fca9a"
    folder = name.rpartition(" ")[2].rpartition("/")[0]
    return f"hsl({crc32(folder.encode()) % 60}, 75%, {68 + crc32(name.encode()) % 9}%)"


def svg(stacks: dict[str, float], title: str, us_per_second: float) -> str:
    """The picture; *us_per_second* turns a stack's seconds into the microseconds that the boxes tell."""
    root, boxes, deepest = tree(stacks), list[str](), 0

    def draw(box: Box, begin: float, depth: int) -> None:
        nonlocal deepest
        share = box.seconds / root.seconds
        if share < LEAST:
            return
        deepest = max(deepest, depth)
        name, us = escape(box.name, quote=True), box.seconds * us_per_second
        fill = colour(box.name, box.room if not box.inside else "")
        boxes.append(
            f'<g class="box" data-x="{begin:.6f}" data-w="{share:.6f}" data-d="{depth}" data-n="{name}">'
            f"<title>{name}: {us:,.1f} us, {100 * share:.1f} %</title>"
            f'<rect y="@{depth}@" height="{ROW}" fill="{fill}"/><text y="@{depth}+@"></text></g>'
        )
        for one in sorted(box.inside.values(), key=lambda one: -one.seconds):
            draw(one, begin, depth + 1)
            begin += one.seconds / root.seconds

    draw(root, 0.0, 0)
    height = TOP + (deepest + 1) * ROW + MARGIN
    text = "\n".join(boxes)
    for depth in range(deepest + 1):
        y = height - MARGIN - (depth + 1) * ROW
        text = text.replace(f'"@{depth}@"', f'"{y}"').replace(f'"@{depth}+@"', f'"{y + 12}"')
    numbers = {"INNER": WIDTH - 2 * MARGIN, "MARGIN": MARGIN, "WIDE": LETTER}
    script = SCRIPT
    for name, number in numbers.items():
        script = script.replace(f"= {name}", f"= {number}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="100%">\n'
        f"<style>{STYLE}</style>\n"
        f'<text class="head" x="{MARGIN}" y="19">{escape(title)}</text>\n'
        f'<text class="note" x="{MARGIN}" y="36">width: CPU time; blue: solvers; green: compiled kernels; '
        "click a box to widen it, the lowest one for all</text>\n"
        f'<foreignObject x="{WIDTH - 320}" y="8" width="310" height="30">'
        '<input xmlns="http://www.w3.org/1999/xhtml" id="search" placeholder="search" size="22"/>'
        '<span xmlns="http://www.w3.org/1999/xhtml" id="found" '
        'style="font: 12px sans-serif; margin-left: 8px"></span></foreignObject>\n'
        f"{text}\n<script><![CDATA[{script}]]></script>\n</svg>\n"
    )
