"""A table with a header above and one on the left: who may read what, which identifier occurs where, counts by rule."""

from collections.abc import Sequence
from html import escape

YES, NO = "●", "–"
"""What stands for may and may not."""


def matrix(corner: str, header: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], *, are_numbers: bool = False) -> str:
    """An HTML table; `are_numbers` sets the cells to the right."""
    side = ' class="n"' if are_numbers else ""
    above = "".join(f'<th{side} scope="col">{escape(name)}</th>' for name in header)
    lines = (f'<tr><th scope="row">{escape(label)}</th>{_cells(cells, side)}</tr>' for label, cells in rows)
    return f"<table><thead><tr><th>{escape(corner)}</th>{above}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _cells(cells: Sequence[str], side: str) -> str:
    return "".join(f"<td{side}>{escape(cell)}</td>" for cell in cells)
