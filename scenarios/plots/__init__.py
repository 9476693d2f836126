"""Plots as SVG and tables, written by hand, a kind a file. Whole numbers in; text is inert; they work in grey and in print.

grouped_bars, stacked_bars   bars.py       sankey             sankey.py      curve    curve.py
columns, histogram           columns.py    heat_map           heat_map.py    matrix   matrix.py
tree                         tree.py       timeline           timeline.py    funnel   funnel.py
"""

from scenarios.plots.bars import Bar, Group, grouped_bars, stacked_bars
from scenarios.plots.columns import columns, histogram
from scenarios.plots.curve import Line, curve
from scenarios.plots.drawing import LABEL
from scenarios.plots.funnel import Stage, funnel
from scenarios.plots.heat_map import heat_map
from scenarios.plots.matrix import NO, YES, matrix
from scenarios.plots.sankey import Flow, Place, sankey
from scenarios.plots.timeline import Lane, Moment, Span, timeline
from scenarios.plots.tree import Node, tree

__all__ = [
    "LABEL",
    "NO",
    "YES",
    "Bar",
    "Flow",
    "Group",
    "Lane",
    "Line",
    "Moment",
    "Node",
    "Place",
    "Span",
    "Stage",
    "columns",
    "curve",
    "funnel",
    "grouped_bars",
    "heat_map",
    "histogram",
    "matrix",
    "sankey",
    "stacked_bars",
    "timeline",
    "tree",
]
