"""Plots as SVG, of nothing but text and shapes: readable in a light and in a dark page."""

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Final
from xml.sax.saxutils import escape

from tests.benchmarks.measuring import Spread

WIDTH: Final = 760
COLOURS: Final = ("c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7")

_STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 }
  .page { fill: #ffffff } .axis { stroke: #d0d7de } .range { stroke: #24292f; stroke-width: 1.5 }
  .c0 { fill: #0969da; stroke: #0969da } .c1 { fill: #bf5b04; stroke: #bf5b04 }
  .c2 { fill: #1a7f37; stroke: #1a7f37 } .c3 { fill: #8250df; stroke: #8250df }
  .c4 { fill: #cf222e; stroke: #cf222e } .c5 { fill: #57606a; stroke: #57606a }
  .c6 { fill: #9a6700; stroke: #9a6700 } .c7 { fill: #0f766e; stroke: #0f766e }
  .other { fill: #afb8c1 }
  polyline[class] { fill: none; stroke-width: 2 } text[class] { stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .page { fill: #0d1117 } .axis { stroke: #3d444d }
    .range { stroke: #e6edf3 } .other { fill: #6e7681 }
    .c0 { fill: #58a6ff; stroke: #58a6ff } .c1 { fill: #f0883e; stroke: #f0883e }
    .c2 { fill: #3fb950; stroke: #3fb950 } .c3 { fill: #bc8cff; stroke: #bc8cff }
    .c4 { fill: #ff7b72; stroke: #ff7b72 } .c5 { fill: #8b949e; stroke: #8b949e }
    .c6 { fill: #d29922; stroke: #d29922 } .c7 { fill: #2dd4bf; stroke: #2dd4bf }
  }
"""


def number(value: float) -> str:
    """Return ``value`` for people: three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 else f"{value:.1g}"


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, Spread]], ours: str) -> str:
    """Return a plot of horizontal bars, a group below the other; a thin line is the quartiles."""
    left, row, top = 235, 22, 40
    largest = max(spread["high"] for group in groups.values() for spread in group.values())
    scale = (WIDTH - left - 70) / largest
    parts, y = [], top
    for name, group in groups.items():
        parts.append(_text(12, y + 15, name, "title"))
        y += row
        for label, spread in sorted(group.items(), key=lambda item: item[1]["median"]):
            width, middle = spread["median"] * scale, y + row / 2
            kind = "c0" if label.startswith(ours) else "other"
            low, high = left + spread["low"] * scale, left + spread["high"] * scale
            parts += [
                _text(left - 8, y + 15, label, anchor="end"),
                f'<rect class="{kind}" x="{left}" y="{y + 3}" width="{width:.1f}" height="16"/>',
                _range(low, high, middle),
                _text(max(high, left + width) + 6, y + 15, number(spread["median"])),
            ]
            y += row
        y += 8
    return _plot(f"{title}, {unit}", y, parts)


def lines(title: str, across: str, unit: str, series: Mapping[str, Mapping[int, float]]) -> str:
    """Return a plot of lines, both axes logarithmic."""
    left, top, height, right = 70, 50, 280, 200
    across_all = sorted({x for points in series.values() for x in points})
    values = [y for points in series.values() for y in points.values()]
    low, high = _decade(min(values), math.floor), _decade(max(values), math.ceil)
    high = max(high, low + 1)
    first, last = math.log10(across_all[0]), math.log10(across_all[-1])

    def at_x(x: float) -> float:
        share = (math.log10(x) - first) / ((last - first) or 1)
        return left + share * (WIDTH - left - right)

    def at_y(y: float) -> float:
        return top + height - (math.log10(y) - low) / (high - low) * height

    parts = []
    for power in range(low, high + 1):
        y = at_y(10.0**power)
        parts += [
            f'<line class="axis" x1="{left}" x2="{WIDTH - right}" y1="{y:.1f}" y2="{y:.1f}"/>',
            _text(left - 8, y + 4, f"{10.0**power:g}", anchor="end"),
        ]
    parts += [_text(at_x(x), top + height + 20, f"{x:,g}", anchor="middle") for x in across_all]
    parts.append(_text((left + WIDTH - right) / 2, top + height + 42, across, anchor="middle"))
    labels = _apart([(at_y(points[max(points)]), name) for name, points in series.items()])
    for colour, (name, points) in zip(cycle(COLOURS), series.items(), strict=False):
        places = [(at_x(x), at_y(y)) for x, y in sorted(points.items())]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline class="{colour}" points="{path}"/>')
        parts += [f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places]
        parts.append(_text(places[-1][0] + 10, labels[name] + 4, name, colour))
    return _plot(f"{title}, {unit}", top + height + 56, parts)


def _decade(value: float, rounded: object) -> int:
    assert callable(rounded)
    return int(rounded(math.log10(value)))


def _apart(labels: Sequence[tuple[float, str]]) -> dict[str, float]:
    """Return the height of each label: beside its line, or below the label above it."""
    placed: dict[str, float] = {}
    lowest = -math.inf
    for y, name in sorted(labels):
        lowest = placed[name] = max(y, lowest + 15)
    return placed


def _range(low: float, high: float, y: float) -> str:
    return f'<line class="range" x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    chosen = f' class="{kind}"' if kind else ""
    at = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f"<text{chosen} {at}>{escape(text)}</text>"


def _plot(title: str, height: float, parts: Sequence[str]) -> str:
    size = f'width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}"'
    lines_of = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height:.0f}" rx="6"/>',
        _text(12, 24, title, "title"),
        *parts,
        "</svg>",
    ]
    return "\n".join(lines_of) + "\n"
