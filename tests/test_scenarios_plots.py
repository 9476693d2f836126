"""Every kind of plot: to scale, within its picture, its text inert, the same numbers in words for those who do not see it."""

import re
from xml.etree import ElementTree

import pytest

from scenarios.plots.bars import Bar, Group, Stage, columns, funnel, grouped_bars, histogram, stacked_bars
from scenarios.plots.drawing import LABEL, SERIES, ticks
from scenarios.plots.graphs import Flow, Node, Place, sankey, tree
from scenarios.plots.lines import Lane, Line, Moment, Span, curve, timeline
from scenarios.plots.tables import heat_map, matrix

SVG = "{http://www.w3.org/2000/svg}"
EVIL = '<img onerror=alert(1)>\u202e&"'
GROUPS = [Group(f"{place} {EVIL}", (Bar(10 * place, EVIL), Bar(5, "5"))) for place in range(1, 5)]
KINDS = {
    "grouped_bars": grouped_bars(GROUPS, [EVIL, "b"], EVIL),
    "stacked_bars": stacked_bars(GROUPS, [EVIL, "b"], EVIL),
    "tree": tree([Node((EVIL, "x"), "#fff", (Node((EVIL,), "#fff", (Node(("leaf",), "#fff"),)),))], EVIL),
    "columns": columns(GROUPS, [EVIL, "b"], EVIL, write=lambda value: f"{value} {EVIL}", limit=(40, EVIL)),
    "histogram": histogram([1, 2, 3, 30], [2, 4, 10], EVIL, write=lambda value: f"{value}{EVIL}"),
    "curve": curve([Line(EVIL, ((0, 5), (10, 0)))], EVIL, x_ticks=[(0, EVIL), (10, "10")], x_name=EVIL),
    "heat_map": heat_map([(EVIL, [1, None, 0, 7])], [EVIL, "b", "c", "d"], EVIL),
    "timeline": timeline([Lane(EVIL, (Span(0, 4, EVIL),), (Moment(2, EVIL),))], [(0, EVIL), (4, "4")], EVIL, [EVIL]),
    "funnel": funnel([Stage(EVIL, 10, EVIL), Stage("b", 4, "4")], EVIL),
    "sankey": sankey([Flow("a", "b", 10, EVIL)], {"a": Place(EVIL, "#fff", EVIL), "b": Place("b", "#000")}, EVIL),
}


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def boxes(svg: str) -> list[tuple[int, int, int, int, str]]:
    found = [element.attrib for element in parsed(svg).iter(f"{SVG}rect")]
    return [(int(b["x"]), int(b["y"]), int(b["width"]), int(b["height"]), b["fill"]) for b in found]


@pytest.mark.parametrize("kind", KINDS)
def test_text_is_inert_and_the_picture_has_a_name_and_words(kind: str) -> None:
    root = parsed(KINDS[kind])
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "title", "desc", "rect", "text", "line", "path"}
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == EVIL
    assert root.findtext(f"{SVG}title") == EVIL
    assert kind == "tree" or root.findtext(f"{SVG}desc")
    assert re.search(r"url\(|href|style=|\.[0-9]{3}", KINDS[kind]) is None


@pytest.mark.parametrize("kind", KINDS)
def test_everything_lies_within_the_picture(kind: str) -> None:
    width, height = map(int, parsed(KINDS[kind]).attrib["viewBox"].split()[2:])
    for x, y, w, h, _ in boxes(KINDS[kind]):
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    for element in parsed(KINDS[kind]).iter(f"{SVG}text"):
        assert 0 <= int(element.attrib["x"]) <= width
        assert 0 <= int(element.attrib["y"]) <= height


@pytest.mark.parametrize(
    "svg",
    [
        grouped_bars([], [], "t"), stacked_bars([], [], "t"), tree([], "t"), columns([], [], "t"), histogram([], [1, 2], "t"),
        curve([], "t"), curve([Line("a", ())], "t"), heat_map([], [], "t"), timeline([], [], "t"), funnel([], "t"),
        sankey([], {}, "t"), columns([Group("a", (Bar(0, "0"), None))], ["x", "y"], "t"), funnel([Stage("a", 0, "0")], "t"),
    ],
)  # fmt: skip
def test_nothing_to_show_is_a_picture_too(svg: str) -> None:
    assert parsed(svg).tag == f"{SVG}svg"


def test_the_words_of_a_heat_map_do_not_add_up_shares() -> None:
    drawn = heat_map([("noon", [90, None, 80])], ["a", "b", "c"], "t", write=lambda value: f"{value} %")
    assert parsed(drawn).findtext(f"{SVG}desc") == "noon: 80 % – 90 %"


def test_ticks_are_round_and_reach_the_top() -> None:
    assert ticks(0) == (0, 1)
    assert ticks(7) == (0, 2, 4, 6, 8)
    assert ticks(100) == (0, 20, 40, 60, 80, 100)
    assert ticks(1_234_567)[-1] == 1_500_000
    assert all(ticks(most)[-1] >= most for most in range(1, 500))


def test_columns_are_stacked_to_scale_below_the_limit() -> None:
    groups = [Group("a", (Bar(30, "30"), Bar(10, "10"))), Group("b", (Bar(20, "20"), None))]
    svg = columns(groups, ["x", "y"], "t", limit=(50, "l"))
    drawn = [b for b in boxes(svg) if b[3] != 12]
    assert len(drawn) == 3
    (_, y1, _, h1, _), (_, y2, _, h2, _), (_, _, _, h3, _) = drawn
    assert y2 + h2 == y1
    assert abs(h1 - 3 * h2) <= 3
    assert abs(2 * h1 - 3 * h3) <= 3
    limit = next(e for e in parsed(svg).iter(f"{SVG}line") if e.attrib.get("stroke-dasharray"))
    assert int(limit.attrib["y1"]) < y2


def test_bars_are_drawn_to_scale_and_nothing_is_nothing() -> None:
    groups = [Group("a <b>", (Bar(100, "100"), Bar(50, "50"))), Group("c", (Bar(25, "25"), None))]
    svg = grouped_bars(groups, ["x", "y"], "t")
    widths = [width for x, _, width, height, _ in boxes(svg) if (x, height) == (LABEL, 14)]
    assert abs(widths[0] - 2 * widths[1]) <= 2
    assert abs(widths[0] - 4 * widths[2]) <= 4
    assert widths[3] == 0
    assert {"a <b>", "c", "100", "–", "x", "y"} <= {element.text for element in parsed(svg).iter(f"{SVG}text")}


def test_stacked_bars_add_up() -> None:
    svg = stacked_bars([Group("a", (Bar(30, "30"), Bar(70, "70"), Bar(0, "0")))], ["x", "y", "z"], "t")
    (x1, _, w1, _, _), (x2, _, w2, _, _) = [b for b in boxes(svg) if b[3] == 26]
    assert x1 + w1 == x2
    assert w2 > 2 * w1


def test_boxes_of_a_tree_do_not_overlap() -> None:
    leaf = Node(("leaf", "x"), "#fff")
    drawn = boxes(tree([Node(("root",), "#fff", (leaf, Node(("inner", "y", "z"), "#fff", (leaf, leaf)))), leaf], "t"))
    assert len(drawn) == 6
    for place, (x, y, w, h, _) in enumerate(drawn):
        assert all(x + w <= ox or ox + ow <= x or y + h <= oy or oy + oh <= y for ox, oy, ow, oh, _ in drawn[place + 1 :])


def test_a_histogram_counts_each_value_once_by_lower_edge() -> None:
    described = parsed(histogram([0, 1, 2, 2, 4, 9, 10, 99], [1, 2, 4, 10], "t")).findtext(f"{SVG}desc") or ""
    assert [int(part.rsplit(" ", 1)[1]) for part in described.split("; ")] == [1, 1, 2, 2, 2]
    inner = parsed(histogram([3], [1, 2, 4], "t")).findtext(f"{SVG}desc")
    assert inner is not None
    assert "<" not in inner


def test_a_curve_of_a_year_of_hours_stays_small_and_keeps_its_peaks() -> None:
    points = tuple((hour, 999 if hour == 4_321 else hour % 24) for hour in range(8_760))
    svg = curve([Line("a", points)], "t")
    assert len(svg) < 30_000
    way = next(e.attrib["d"] for e in parsed(svg).iter(f"{SVG}path"))
    heights = [int(pair.split()[1]) for pair in way[1:].split("L")]
    assert min(heights) < 50


def test_a_stepped_curve_holds_its_value() -> None:
    way = next(e.attrib["d"] for e in parsed(curve([Line("a", ((0, 1), (5, 2)))], "t", is_stepped=True)).iter(f"{SVG}path"))
    assert re.fullmatch(r"M\d+ \d+H\d+V\d+", way)


def test_a_heat_map_of_a_year_stays_small_and_shades_by_value() -> None:
    rows = [(f"{hour:02}", [hour * day for day in range(365)]) for hour in range(24)]
    svg = heat_map(rows, [f"{day}" for day in range(365)], "t")
    assert len(svg) < 120_000
    small = heat_map([("a", [0, 1, 100, None])], list("abcd"), "t")
    fills = [e.attrib["fill"] for e in parsed(small).iter(f"{SVG}path")]
    assert len(fills) == 3
    assert len(set(fills)) == 3


def test_ribbons_leave_and_arrive_without_overlap() -> None:
    flows = [Flow("root", "a", 60), Flow("root", "b", 40), Flow("a", "c", 25), Flow("a", "d", 35)]
    places = {name: Place(name, "#ccc") for name in ("root", "a", "b", "c", "d")}
    heights = {b[:2]: b[3] for b in boxes(sankey(flows, places, "t"))}
    left = [height for (x, _), height in sorted(heights.items())]
    assert abs(left[0] - left[1] - left[2]) <= 2
    with pytest.raises(AssertionError, match="circle"):
        sankey([Flow("a", "b", 1), Flow("b", "a", 1)], places, "t")


def test_a_funnel_is_to_scale() -> None:
    first, second = [b for b in boxes(funnel([Stage("a", 200, "200"), Stage("b", 50, "50")], "t")) if b[4] == SERIES[0]]
    assert abs(first[2] - 4 * second[2]) <= 4


def test_a_timeline_is_to_scale_and_far_moments_write_to_the_left() -> None:
    svg = timeline([Lane("a", (Span(0, 10, "x"), Span(10, 30, "y", 1)), (Moment(100, "late"),))], [(0, "0"), (100, "100")], "t")
    (x1, _, w1, _, _), (x2, _, w2, _, _) = [b for b in boxes(svg) if b[3] == 18]
    assert x1 + w1 == x2
    assert abs(w2 - 2 * w1) <= 2
    late = next(e for e in parsed(svg).iter(f"{SVG}text") if e.text == "late")
    assert late.attrib["text-anchor"] == "end"


def test_a_matrix_is_a_table_with_escaped_cells() -> None:
    table = matrix("who", [EVIL, "b"], [(EVIL, ["1", EVIL])], are_numbers=True)
    assert "<img" not in table
    assert table.count("<td") == 2
    assert table.count('scope="col"') == 2
