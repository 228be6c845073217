"""Draws what the tables of docs/benchmarks.md say, into docs/plots."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.questions import ROOT

FOLDER = ROOT / "docs/plots"
# A cell with a median, the least and the most.
SPREAD = re.compile(r"([\d.]+) \(([\d.]+)-([\d.]+)\)")
# The same figures make the same file.
mpl.rcParams["svg.hashsalt"] = "boring-saas"
BARS, INK, PAPER = "#2f6fde", "#1c1917", "#fafaf9"  # read in a dark page as well


class Plot(NamedTuple):
    """A column of the first table below a heading; `log` where one bar dwarfs the others."""

    name: str
    heading: str
    column: str
    log: bool = False


PLOTS = (
    Plot("webhooks", "Taking in webhooks", "requests a second"),
    Plot("reads", "Reading with a token", "requests a second"),
    Plot("streams", "Streams", "all, s", log=True),
)


def draw(page: str) -> list[Path]:
    """Draw the plot of each table that the page has; answers their files."""
    sections = {part.partition("\n")[0]: part for part in page.split("\n## ")[1:]}
    return [
        bars(plot, column(sections[plot.heading], plot.column))
        for plot in PLOTS
        if plot.heading in sections
    ]


def column(section: str, name: str) -> dict[str, list[float]]:
    """The median, the least and the most of each row of the first table."""
    lines = [line for line in section.splitlines() if line.startswith("|")]
    titles = cells(lines[0])
    found: dict[str, list[float]] = {}
    for line in lines[2:]:
        row = cells(line)
        if len(row) != len(titles) or not (spread := SPREAD.fullmatch(row[titles.index(name)])):
            break  # the next table
        found[row[0]] = [float(each) for each in spread.groups()]
    return found


def cells(line: str) -> Sequence[str]:
    """What stands between the bars of a line."""
    return [cell.strip() for cell in line.strip("|").split("|")]


def bars(plot: Plot, rows: dict[str, list[float]]) -> Path:
    """A bar for each row, from the top, with its extremes."""
    figure = Figure(figsize=(7.2, 0.5 + 0.42 * len(rows)), layout="constrained", facecolor=PAPER)
    axes = figure.add_subplot(facecolor=PAPER)
    names, figures = list(rows), list(rows.values())
    medians = [median for median, _, _ in figures]
    reach = [[median - least for median, least, _ in figures],
             [most - median for median, _, most in figures]]  # fmt: skip
    axes.barh(names, medians, xerr=reach, color=BARS, ecolor=INK, capsize=3, height=0.6)
    axes.invert_yaxis()
    axes.set_xlabel(plot.column, color=INK)
    if plot.log:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel(f"{plot.column} (each step ten times as long)", color=INK)
    axes.tick_params(colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{plot.name}.svg"
    figure.savefig(path, metadata={"Date": None, "Creator": None}, facecolor=PAPER)
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(map(str.rstrip, text.splitlines())) + "\n", encoding="utf-8")
    return path
