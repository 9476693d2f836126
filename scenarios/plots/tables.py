"""Tables of cells: a heat map, darker where there is more, and a matrix with a header above and one on the left."""

from collections.abc import Sequence
from html import escape

from scenarios.plots.drawing import FAINT, WIDTH, Canvas, Write, plain

YES, NO = "●", "–"
"""What stands in a matrix for may and may not."""
SHADES = ("#f3f6f8", "#dcebe8", "#b9dad4", "#8cc3ba", "#5aa89d", "#2f8b80", "#146f66", "#0a4f49")
"""From nothing much to most: a ladder of lightness, which grey paper keeps."""
LEFT, TOP = 70, 34


def heat_map(
    rows: Sequence[tuple[str, Sequence[int | None]]],
    columns: Sequence[str],
    title: str,
    *,
    write: Write = plain,
    row_height: int = 14,
    every_row: int = 1,
) -> str:
    """One cell a value, in eight shades from 0 to the largest; None stays white with a stroke through it.

    Long columns of cells (a year of days) are drawn as one shape a shade, so that the picture stays small. Of the labels of
    columns only as many are written as there is room for, of those of rows every `every_row`th.
    """
    most = max((value for _, cells in rows for value in cells if value is not None), default=0) or 1
    wide = (WIDTH - LEFT - 8) * 100 // max(1, len(columns))
    shapes: dict[int, list[str]] = {}
    canvas, marks = Canvas(), Canvas()
    _scale(canvas, most, write)
    for number, (name, cells) in enumerate(rows):
        y = TOP + number * row_height
        if number % every_row == 0:
            marks.note(LEFT - 8, y + row_height // 2 + 4, name, "end")
        for shade, first, beyond in _runs([_shade(value, most) for value in cells]):
            x, end = LEFT + first * wide // 100, LEFT + beyond * wide // 100
            if shade is None:
                marks.rule(x, y + row_height // 2, end, y + row_height // 2, FAINT, dash="1 3")
            else:
                shapes.setdefault(shade, []).append(f"M{x} {y}H{end}V{y + row_height}H{x}Z")
    bottom = TOP + len(rows) * row_height
    skip = max(1, -(-len(columns) * 52 // (WIDTH - LEFT)))
    for number in range(0, len(columns), skip):
        x = LEFT + (2 * number + 1) * wide // 200
        marks.note(x, bottom + 15, columns[number])
    for shade, ways in sorted(shapes.items()):
        canvas.path("".join(ways), "", fill=SHADES[shade])
    canvas.put_on(marks)
    shown = ((label, [value for value in cells if value is not None]) for label, cells in rows)
    said = (f"{label}: {write(min(values))} – {write(max(values))}" for label, values in shown if values)
    return canvas.svg(bottom + 26, title, described=said)


def _shade(value: int | None, most: int) -> int | None:
    """Only 0 has the lightest shade; the rest is shared evenly."""
    if value is None:
        return None
    return 0 if value <= 0 else 1 + (value - 1) * (len(SHADES) - 1) // most


def _runs(shades: Sequence[int | None]) -> list[tuple[int | None, int, int]]:
    """(shade, first, beyond) of cells in a row that look alike."""
    found: list[tuple[int | None, int, int]] = []
    for place, shade in enumerate(shades):
        if found and found[-1][0] == shade:
            found[-1] = (shade, found[-1][1], place + 1)
        else:
            found.append((shade, place, place + 1))
    return found


def _scale(canvas: Canvas, most: int, write: Write) -> None:
    for place, shade in enumerate(SHADES):
        canvas.box(LEFT + 22 * place, 6, 22, 12, shade)
    canvas.text(LEFT - 8, 16, write(0), anchor="end", size=11)
    canvas.text(LEFT + 22 * len(SHADES) + 6, 16, write(most), size=11)


def matrix(corner: str, header: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], *, are_numbers: bool = False) -> str:
    """An HTML table; `are_numbers` sets the cells to the right."""
    side = ' class="n"' if are_numbers else ""
    above = "".join(f'<th{side} scope="col">{escape(name)}</th>' for name in header)
    lines = (f'<tr><th scope="row">{escape(label)}</th>{_cells(cells, side)}</tr>' for label, cells in rows)
    return f"<table><thead><tr><th>{escape(corner)}</th>{above}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _cells(cells: Sequence[str], side: str) -> str:
    return "".join(f"<td{side}>{escape(cell)}</td>" for cell in cells)
