"""The page of the benchmarks and its plots, from their results: ``make bench-report``.

``docs/benchmarks.md`` and the plots have nothing but what is in ``docs/benchmarks/results.json``; a
test holds that. What does not win is in the tables too.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks.measuring import Data, Spread
from tests.benchmarks.plots import bars, lines, number

ROOT: Final = Path(__file__).resolve().parents[2]
RESULTS: Final = ROOT / "docs" / "benchmarks" / "results.json"
PAGE: Final = Path(__file__).with_name("page.md")
"""The words, with a mark where each benchmark's figures go."""

_MARK: Final = re.compile(r"\{\{(\w+)\}\}")
_MISSING: Final = "Not measured."
OURS: Final = "ours"
BASELINE: Final = "bare boto3"

Plots = dict[str, str]
Section = tuple[str, Plots]


def write_report(results: Path) -> None:
    """Write the page and the plots beside the results."""
    folder = results.parent
    page, plots = report(json.loads(results.read_text()))
    (folder.parent / f"{folder.name}.md").write_text(page)
    for name, plot in plots.items():
        (folder / name).write_text(plot)


def report(results: Mapping[str, Data]) -> Section:
    """Return the page, and the plots by their file's names."""
    plots = Plots()

    def section(found: re.Match[str]) -> str:
        name, content, drawn = found[1], _MISSING, Plots()
        result = results.get(OF_ANOTHER.get(name, name))
        if result is not None:
            content, drawn = SECTIONS[name](result["data"])
            content = "\n".join([content, *map(_picture, drawn.items()), _about(result)])
        plots.update(drawn)
        return content.rstrip("\n")

    return _MARK.sub(section, PAGE.read_text()), plots


def _about(result: Data) -> str:
    about = result["machine"]
    return (
        f"*Measured on {result['date']} at commit {result['commit']}, "
        f"in {result['minutes']} minutes: "
        f"{about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB, {about['kernel']}, "
        f"Python {about['python']}.*\n"
    )


def _cold_start(data: Data) -> Section:
    seconds = _milliseconds(data["seconds"])
    content = _comparison(seconds, "ms")
    plots = {"cold-start.svg": bars("Cold start to the first response", "ms", seconds, OURS)}
    if "peak_mb" in data:
        processor = _milliseconds(data["cpu_seconds"])
        content += "\nThe processor's time in it:\n\n" + _comparison(processor, "CPU ms")
        peaks, packages = data["peak_mb"], data["packages_mb"]
        heads = ["MB", *(f"memory, {kind}" for kind in peaks), "packages"]
        rows = [
            [
                _marked(name),
                *(number(found[name]["median"]) for found in peaks.values()),
                _packages_of(name, packages),
            ]
            for name in _sorted(peaks["GET"])
        ]
        content += "\n" + _table(heads, rows)
        sizes = {
            "packages": {name: _exactly(size) for name, size in packages.items()},
            "memory after a GET": peaks["GET"],
        }
        plots["size.svg"] = bars("Packages with bytecode, and peak memory", "MB", sizes, OURS)
    return content, plots


def _packages_of(name: str, packages: Mapping[str, float]) -> str:
    sizes = {key.partition(", ")[2]: packages[key] for key in packages if key.startswith(OURS)}
    if name != OURS:
        return number(packages[name])
    return ", ".join(f"{number(size)} ({app})" for app, size in sizes.items())


def _images(data: Data) -> Section:
    images: Mapping[str, Mapping[str, float]] = data.get("images_mb", {})
    parts = dict.fromkeys(part for app in images.values() for part in app)
    rows = [
        [
            part.replace(" ", "&nbsp;&nbsp;", 1) if part.startswith(" ") else part,
            *(number(app[part]) if part in app else "" for app in images.values()),
        ]
        for part in parts
    ]
    return _table(["MB", *images], rows), {}


def _warm_overhead(data: Data) -> Section:
    found = data["microseconds"]
    plot = bars("A warm request, DynamoDB left out", "µs", found, OURS)
    return _comparison(found, "µs"), {"warm-overhead.svg": plot}


def _event_store(data: Data) -> Section:
    rates, loads = data["appends_a_second"], data["load_ms"]
    names = list(next(iter(rates.values())))
    heads = ["", *names, "ratio"]
    content = "Appends a second (more is better):\n\n"
    content += _table(heads, [_versus(mode, found) for mode, found in rates.items()])
    if slowest := data.get("slowest_ms"):
        content += "\nMilliseconds of the slowest append of a round (less is better):\n\n"
        content += _table(heads, [_versus(mode, found) for mode, found in slowest.items()])
    content += "\nMilliseconds to load a stream (less is better):\n\n"
    content += _table(
        heads,
        [
            _versus("1 event" if length == "1" else f"{int(length):,} events", found)
            for length, found in loads.items()
        ],
    )
    series = {
        name: {int(length): found[name]["median"] for length, found in loads.items()}
        for name in names
    }
    plots = {
        "appends.svg": bars("Appends to SQLite", "a second (more is better)", rates, OURS),
        "load.svg": lines("Loading a stream", "events of the stream", "ms", series),
    }
    return content, plots


def _sqlite_writers(data: Data) -> Section:
    return _latencies("appends", data), {}


def _local_server(data: Data) -> Section:
    return _latencies("responses", data), {}


def _latencies(what: str, data: Data) -> str:
    heads = ["", f"{what} a second", "median, ms", "99 % within, ms", "slowest, ms"]
    columns = ("a_second", "median_ms", "p99_ms", "max_ms")
    rows = [[name, *(number(found[key]) for key in columns)] for name, found in data.items()]
    return _table(heads, rows)


def _versus(name: str, found: Mapping[str, Spread]) -> list[str]:
    first, *others = found.values()
    ratio = first["median"] / others[0]["median"]
    return [name, *(_cell(spread) for spread in found.values()), f"{ratio:.2f}"]


def _growth(data: Data) -> Section:
    content, plots = "", Plots()
    for store, title in (("sqlite", "SQLite"), ("dynamodb", "DynamoDB Local")):
        reads: Mapping[str, Data] = data[store]
        sizes = list(next(iter(reads.values()))["ms"])
        with_units = "units" in next(iter(reads.values()))
        units_of = [f"units, {int(size):,}" for size in sizes] if with_units else []
        heads = [title, *(f"{int(size):,} books" for size in sizes), "growth", *units_of]
        rows = [
            [
                name,
                *(_cell(read["ms"][size]) for size in sizes),
                f"{read['ms'][sizes[-1]]['median'] / read['ms'][sizes[0]]['median']:.2f}",
                *(number(units) for units in read.get("units", {}).values()),
            ]
            for name, read in reads.items()
        ]
        content += _table(heads, rows) + "\n"
        series = {
            name: {int(size): spread["median"] for size, spread in read["ms"].items()}
            for name, read in reads.items()
        }
        plot = lines(f"Reads from {title}", "books in the catalogue", "ms", series)
        plots[f"growth-{store}.svg"] = plot
    files = "; ".join(
        f"{int(size):,} books {number(mb)} MB" for size, mb in data["sqlite_file_mb"].items()
    )
    return f"{content}The read model's file in SQLite: {files}.\n", plots


def _projection(data: Data) -> Section:
    rates, sizes = data["events_a_second"], data["file_mb"]
    rows = [[name, _cell(spread)] for name, spread in rates.items()]
    content = _table([f"{data['books']:,} books", "events a second"], rows)
    content += (
        f"\nThe file, with the log: {number(sizes['before'])} MB before a rebuild and "
        f"{number(sizes['after'])} MB after it.\n"
    )
    return content, {}


def _capacity(data: Data) -> Section:
    heads = ["operation", "requests", "read units", "write units", "dollars per million"]
    rows = [
        [
            row["name"],
            " + ".join(row["requests"]),
            f"{row['reads']:g}",
            f"{row['writes']:g}",
            f"{row['dollars']:.2f}",
        ]
        for row in data["rows"]
    ]
    kept = f"\n{data['bytes_kept']:,} bytes are kept of the book in the read model.\n"
    return _table(heads, rows) + kept, {}


SECTIONS: Final[Mapping[str, Callable[[Data], Section]]] = {
    "cold_start": _cold_start,
    "images": _images,
    "warm_overhead": _warm_overhead,
    "local_server": _local_server,
    "event_store": _event_store,
    "sqlite_writers": _sqlite_writers,
    "growth": _growth,
    "projection": _projection,
    "capacity": _capacity,
}
OF_ANOTHER: Final = {"images": "cold_start"}
"""A section of another benchmark's results."""


def _comparison(found: Mapping[str, Mapping[str, Spread]], unit: str) -> str:
    """Return a table of functions with their ratios to the baseline, and what ours is behind."""
    heads, rows = [""], []
    for kind in found:
        heads += [f"{kind}, {unit}", "ratio"]
    for name in _sorted(next(iter(found.values()))):
        row = [_marked(name)]
        for spreads in found.values():
            ratio = spreads[name]["median"] / spreads[BASELINE]["median"]
            row += [_cell(spreads[name]), f"{ratio:.2f}"]
        rows.append(row)
    behind = [
        f"{kind}: {', '.join(faster) or 'nothing'}"
        for kind, spreads in found.items()
        for faster in [
            [n for n in _sorted(spreads) if spreads[n]["median"] < spreads[OURS]["median"]]
        ]
    ]
    return _table(heads, rows) + f"\nAhead of ours: {'; '.join(behind)}.\n"


def _sorted(spreads: Mapping[str, Spread]) -> list[str]:
    return sorted(spreads, key=lambda name: spreads[name]["median"])


def _marked(name: str) -> str:
    return f"**{name}**" if name in {OURS, BASELINE} else name


def _cell(spread: Spread) -> str:
    low, high = number(spread["low"]), number(spread["high"])
    return f"{number(spread['median'])} ({low}–{high})"


def _milliseconds(seconds: Mapping[str, Mapping[str, Spread]]) -> dict[str, dict[str, Spread]]:
    return {
        kind: {
            name: {key: 1000 * spread[key] for key in ("median", "low", "high")}
            for name, spread in found.items()
        }
        for kind, found in seconds.items()
    }


def _exactly(value: float) -> Spread:
    return {"median": value, "low": value, "high": value}


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    marks = ["---", *("---:" for _ in heads[1:])]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, marks, *rows))


def _picture(plot: tuple[str, str]) -> str:
    name, drawn = plot
    return f"![{_title_of(drawn)}](benchmarks/{name})\n"


def _title_of(plot: str) -> str:
    return plot.partition("<title>")[2].partition("</title>")[0]


if __name__ == "__main__":
    write_report(RESULTS)
