"""Plots as SVG and tables, written by hand. Whole numbers in; text is inert; they work in grey and in print.

bars     grouped_bars, stacked_bars, columns, histogram, funnel
lines    curve, timeline
tables   heat_map, matrix
graphs   sankey, tree
"""

from scenarios.plots.bars import Bar, Group, Stage, columns, funnel, grouped_bars, histogram, stacked_bars
from scenarios.plots.drawing import LABEL
from scenarios.plots.graphs import Flow, Node, Place, sankey, tree
from scenarios.plots.lines import Lane, Line, Moment, Span, curve, timeline
from scenarios.plots.tables import NO, YES, heat_map, matrix

__all__ = [
    "LABEL", "NO", "YES", "Bar", "Flow", "Group", "Lane", "Line", "Moment", "Node", "Place", "Span", "Stage", "columns", "curve",
    "funnel", "grouped_bars", "heat_map", "histogram", "matrix", "sankey", "stacked_bars", "timeline", "tree",
]  # fmt: skip
