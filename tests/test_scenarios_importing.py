"""Files of users: every wrong row is named with file, line, field and reason, all at once, and shown inert."""

import io
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field
from rich.console import Console

from scenarios.importing.faults import REASONS, Fault, Faults, InputFaults, inert, raise_faults, show_faults
from scenarios.importing.json_file import read_json, read_json_items
from scenarios.importing.table import (
    COLUMNS_MAX,
    Amount,
    Day,
    Instant,
    Label,
    Name,
    Row,
    Whole,
    read_csv,
    require_known,
    require_unique,
)

HEADER = "number,name,amount,day"


class Line(Row):
    number: Label
    name: Name
    amount: Annotated[Amount, Field(gt=0)]
    day: Day
    kind: Literal["open", "sealed"] = "open"


class Note(Row):
    text: str


class Moment(Row):
    at: Instant
    count: Whole


def read(tmp_path: Path, content: str | bytes) -> tuple[list[tuple[int, Line]], list[tuple[int, str, str, str]]]:
    rows, faults = read_all(tmp_path, content)
    return rows, [(fault.line, fault.field, fault.reason, fault.value) for fault in faults]


def read_all(tmp_path: Path, content: str | bytes) -> tuple[list[tuple[int, Line]], Faults]:
    path = tmp_path / "lines.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    faults = Faults()
    return read_csv(path, Line, faults), faults


def test_sound_rows_with_their_lines(tmp_path: Path) -> None:
    text = f'\ufeff{HEADER},kind\r\nA-1,北辰 Gears,1234.5,2026-04-03,sealed\r\n\r\nA-2,"Li, Ltd",7,2024-02-29,\r\n'
    rows, faults = read(tmp_path, text)
    assert faults == []
    assert rows == [
        (2, Line(number="A-1", name="北辰 Gears", amount="1234.5", day="2026-04-03", kind="sealed")),  # type: ignore[arg-type]
        (4, Line(number="A-2", name="Li, Ltd", amount="7", day="2024-02-29")),  # type: ignore[arg-type]
    ]
    assert (rows[0][1].amount, rows[0][1].day) == (123_450, 1_775_174_400_000)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (0, "", "empty-file", "")),
        (b"\xef\xbb\xbf\n\n", (0, "", "empty-file", "")),
        (HEADER.encode(), (0, "", "no-rows", "")),
        (f"{HEADER}\nA,b,1,2026-04-03\n".encode("utf-16"), (0, "", "utf-16", "")),
        (f"{HEADER}\nA,b,1,2026-04-03\n".encode("utf-16-be"), (0, "", "utf-16", "")),
        (b"number,name,amount,amount,day,extra\nA,b,1,1,2026-04-03,x\n", (1, "amount", "doubled-column", "amount")),
        (b"number,name,sum,day\n", (1, "sum", "unknown-column", "sum")),
        (b"number,name,day\nA,b,2026-04-03\n", (1, "amount", "missing-column", "amount")),
    ],
)
def test_a_file_that_is_wrong_as_a_whole(content: bytes, expected: tuple[int, str, str, str], tmp_path: Path) -> None:
    rows, faults = read(tmp_path, content)
    assert rows == []
    assert expected in faults


@pytest.mark.parametrize("sign", [";", "\t", "；"])
def test_another_separator_is_one_fault(tmp_path: Path, sign: str) -> None:
    text = f"\ufeff{HEADER}\r\nA,b,1,2026-04-03\r\n".replace(",", sign)
    assert read(tmp_path, text) == ([], [(1, "", "other-separator", inert(HEADER.replace(",", sign)))])


def test_rows_of_empty_cells_are_skipped_as_blank_lines_are(tmp_path: Path) -> None:
    rows, faults = read(tmp_path, f"{HEADER}\nA,b,1,2026-04-03\n,,,\n,,,,,\nB,b,x,2026-04-03\n")
    assert (len(rows), faults) == (1, [(5, "amount", "not-a-number", "x")])


def test_what_would_be_right_is_said(tmp_path: Path) -> None:
    _, faults = read_all(tmp_path, f"{HEADER},kind\n北辰,b,1,2026-04-03,shut\n")
    assert {fault.words.en for fault in faults} == {
        "Not of the form that is asked for: ^[A-Za-z0-9_.:#-]{1,64}$",
        "Not one of the allowed words: 'open', 'sealed'",
    }
    assert [fault.words.zh.partition("：")[2] for fault in faults if fault.field == "kind"] == ["'open', 'sealed'"]


@pytest.mark.parametrize("columns", [COLUMNS_MAX, 1_000_000])
def test_a_header_of_too_many_columns_is_one_fault(tmp_path: Path, columns: int) -> None:
    assert read(tmp_path, b"number," * columns) == ([], [(1, "", "too-long", str(columns + 1))])


def test_a_file_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    faults = Faults()
    assert read_csv(tmp_path / "nothing.csv", Line, faults) == []
    assert read_csv(tmp_path, Line, faults) == []
    assert [fault.reason for fault in faults] == ["no-file", "unreadable"]


def test_a_file_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.importing.table.FILE_BYTES_MAX", 100)
    assert read(tmp_path, f"{HEADER}\n{'A,b,1,2026-04-03' * 10}\n")[1] == [(0, "", "file-too-large", "")]


BAD_CELLS: dict[str, tuple[str, str, str, str]] = {
    "impossible date": ("A,b,1,2026-02-30", "day", "impossible-date", "2026-02-30"),
    "leap day of a common year": ("A,b,1,2026-02-29", "day", "impossible-date", "2026-02-29"),
    "American date": ("A,b,1,04/03/2026", "day", "bad-date", "04/03/2026"),
    "date of another age": ("A,b,1,0026-04-03", "day", "out-of-range", "0026-04-03"),
    "exponent": ("A,b,1e3,2026-04-03", "amount", "not-a-number", "1e3"),
    "not a number": ("A,b,NaN,2026-04-03", "amount", "not-a-number", "NaN"),
    "infinity": ("A,b,Infinity,2026-04-03", "amount", "not-a-number", "Infinity"),
    "negative": ("A,b,-5,2026-04-03", "amount", "negative", "-5"),
    "three decimals": ("A,b,1.005,2026-04-03", "amount", "too-many-decimals", "1.005"),
    "nothing": ("A,b,0.00,2026-04-03", "amount", "out-of-range", "0.00"),
    "more than an integer holds": ("A,b,99999999999999999,2026-04-03", "amount", "out-of-range", "99999999999999999"),
    "thousands": ('A,b,"1,000.00",2026-04-03', "amount", "not-a-number", "1,000.00"),
    "unit in the cell": ("A,b,100 CNY,2026-04-03", "amount", "not-a-number", "100 CNY"),
    "underscore": ("A,b,1_000,2026-04-03", "amount", "not-a-number", "1_000"),
    "full-width digits": ("A,b,１２,2026-04-03", "amount", "not-a-number", "１２"),
    "Arabic digits": ("A,b,١٢,2026-04-03", "amount", "not-a-number", "١٢"),
    "space before a number": ("A,b, 1,2026-04-03", "amount", "not-a-number", " 1"),
    "empty cell": ("A,,1,2026-04-03", "name", "empty", ""),
    "formula": ("A,=HYPERLINK(1),1,2026-04-03", "name", "formula-like", "=HYPERLINK(1)"),
    "formula in full width": ("A,＝1+1,1,2026-04-03", "name", "formula-like", "＝1+1"),
    "formula in an identifier": ("-A,b,1,2026-04-03", "number", "formula-like", "-A"),
    "spaces": ("A,b ,1,2026-04-03", "name", "not-trimmed", "b "),
    "markup in an identifier": (
        "<img onerror=alert(1)>,b,1,2026-04-03", "number", "bad-form", "<img onerror=alert(1)>",
    ),
    "right-to-left mark": ("A,b\u202egpj,1,2026-04-03", "name", "hidden-character", "b\\u{202e}gpj"),
    "zero width": ("A,b\u200bc,1,2026-04-03", "name", "hidden-character", "b\\u{200b}c"),
    "NUL": ("A,b\x00c,1,2026-04-03", "name", "control-character", "b\\u{0000}c"),
    "escape sequence": ("A,b\x1b[31mc,1,2026-04-03", "name", "control-character", "b\\u{001b}[31mc"),
    "newline in quotes": ('A,"b\nc",1,2026-04-03', "name", "control-character", "b\\u{000a}c"),
    "100 KB": (f"A,{'x' * 100_000},1,2026-04-03", "name", "too-long", "x" * 59 + "…"),
    "longer than a name": (f"A,{'x' * 121},1,2026-04-03", "name", "too-long", "x" * 59 + "…"),
    "more than the parser holds": (f"A,{'x' * 140_000},1,2026-04-03", "", "too-long", ""),
    "a cell too many": ("A,b,1,2026-04-03,x", "", "cell-count", "5 / 4"),
    "a cell too few": ("A,b,1", "", "cell-count", "3 / 4"),
    "text after a quotation": ('A,"b"c,1,2026-04-03', "", "bad-quoting", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_CELLS)
def test_a_wrong_cell_is_named_and_its_neighbours_are_read(name: str, tmp_path: Path) -> None:
    row, field, reason, value = BAD_CELLS[name]
    rows, faults = read(tmp_path, f"{HEADER}\nS-1,good,1,2026-04-03\n{row}\nS-2,good,1,2026-04-03\n")
    assert faults == [(3, field, reason, value)]
    assert [found.number for _, found in rows] == ["S-1", "S-2"]


@pytest.mark.parametrize(("encoding", "shown"), [("latin-1", "caf\\x{e9}"), ("gbk", "\\x{b1}\\x{b1}\\x{b3}\\x{bd}")])
def test_another_encoding_is_named_by_line(encoding: str, shown: str, tmp_path: Path) -> None:
    name = "café" if encoding == "latin-1" else "北辰"
    text = f"{HEADER}\nA,b,1,2026-04-03\nB,{name},1,2026-04-03\nC,{name},1,2026-04-03\n"
    rows, faults = read(tmp_path, text.encode(encoding))
    assert faults == [(line, "name", "not-utf8", shown) for line in (3, 4)]
    assert len(rows) == 1


def test_an_open_quotation_mark_swallows_the_rest_and_is_named_where_it_began(tmp_path: Path) -> None:
    rows, faults = read(tmp_path, f'{HEADER}\nA,b,1,2026-04-03\nB,"b,1,2026-04-03\nC,b,1,2026-04-03\n')
    assert faults == [(3, "", "bad-quoting", "")]
    assert len(rows) == 1


def test_lines_are_those_of_an_editor_after_quoted_newlines(tmp_path: Path) -> None:
    _, faults = read(tmp_path, f'{HEADER}\nA,"b\n\n",1,2026-04-03\nB,b,x,2026-04-03\n')
    assert [(line, reason) for line, _, reason, _ in faults] == [(2, "control-character"), (5, "not-a-number")]


def test_markup_in_a_name_stands_as_it_is(tmp_path: Path) -> None:
    rows, faults = read(tmp_path, f"{HEADER}\nA,<img onerror=alert(1)>,1,2026-04-03\n")
    assert faults == []
    assert rows[0][1].name == "<img onerror=alert(1)>"


def test_no_cell_is_longer_than_a_thousand_characters_whatever_its_type(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text(f"text\n{'x' * 1_000}\n{'x' * 1_001}\n", encoding="utf-8")
    faults = Faults()
    assert len(read_csv(path, Note, faults)) == 1
    assert [(fault.line, fault.reason) for fault in faults] == [(3, "too-long")]


def test_every_fault_of_a_row_is_named(tmp_path: Path) -> None:
    _, faults = read(tmp_path, f"{HEADER},kind\n<b>,=x,1e3,2026-02-30,secret\n")
    assert {(field, reason) for _, field, reason, _ in faults} == {
        ("number", "bad-form"), ("name", "formula-like"), ("amount", "not-a-number"), ("day", "impossible-date"),
        ("kind", "not-one-of"),
    }  # fmt: skip


def test_a_hundred_thousand_faults_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    _, faults = read_all(tmp_path, "number,name,amount,day\n" + "A,b\n" * 100_000)
    assert len(faults) == 200
    assert faults.total == 100_000
    with pytest.raises(InputFaults, match="100000 faults") as caught:
        raise_faults(faults)
    assert caught.value.code == "bad-files"
    assert caught.value.count == 100_000
    assert len(caught.value.faults) == 200


def test_a_fault_is_raised_and_none_is_not() -> None:
    raise_faults([])
    raise_faults(Faults())
    with pytest.raises(InputFaults, match=r"lines\.csv:2 name formula-like"):
        raise_faults([Fault("lines.csv", 2, "name", "formula-like", "", REASONS["formula-like"])])


def test_rows_together(tmp_path: Path) -> None:
    rows, faults = read_all(tmp_path, f"{HEADER}\nA,b,1,2026-04-03\nB,b,1,2026-04-03\nA,c,1,2026-04-03\n")
    require_unique(rows, "number", faults, "lines.csv")
    require_known(rows, "name", {"b"}, faults, "lines.csv")
    assert [(fault.line, fault.field, fault.reason, fault.value) for fault in faults] == [
        (4, "number", "doubled", "A (= 2)"), (4, "name", "unknown-reference", "c"),
    ]  # fmt: skip


def test_names_of_a_file_that_could_not_be_read_are_not_missed_row_by_row(tmp_path: Path) -> None:
    rows, faults = read_all(tmp_path, f"{HEADER}\nA,b,1,2026-04-03\n")
    require_known(rows, "name", set(), faults, "lines.csv")
    assert faults == []


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("2026-04-03T09:00:00+08:00", 1_775_178_000_000, ""),
        ("2026-04-03T01:00:00.250Z", 1_775_178_000_250, ""),
        ("2026-04-03T09:00:00", 0, "no-time-zone"),
        ("2026-04-03 09:00:00+08:00", 0, "bad-instant"),
        ("2026-04-03T24:00:00Z", 0, "impossible-date"),
        ("2026-02-30T09:00:00Z", 0, "impossible-date"),
        ("2026-04-03T09:00:00+99:00", 0, "impossible-date"),
        ("0001-01-01T00:00:00+08:00", 0, "impossible-date"),
        ("9999-01-01T00:00:00Z", 0, "out-of-range"),
        ("1775178000000", 0, "bad-instant"),
    ],
)
def test_instants(text: str, at: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "moments.csv"
    path.write_text(f"at,count\n{text},3\n", encoding="utf-8")
    faults = Faults()
    rows = read_csv(path, Moment, faults)
    assert [fault.reason for fault in faults] == ([reason] if reason else [])
    assert [row.at for _, row in rows] == ([] if reason else [at])


def test_inert_shows_what_is_hidden_and_is_short() -> None:
    assert inert("a\u202eb\x07\u200d\ufeff") == "a\\u{202e}b\\u{0007}\\u{200d}\\u{feff}"
    assert inert("汉" * 100) == "汉" * 59 + "…"
    assert inert("x" * 60) == "x" * 60
    assert len(inert("\u202e" * 100_000)) == 60


@pytest.mark.parametrize("language", ["en", "zh"])
def test_faults_are_shown_in_a_terminal_as_text(language: Literal["en", "zh"]) -> None:
    out = io.StringIO()
    fault = Fault("a.csv", 3, "name", "formula-like", "[red]=x[/red]", REASONS["formula-like"])
    show_faults(Console(file=out, width=120, color_system=None), [fault], language, count=1234)
    shown = out.getvalue()
    assert "a.csv:3" in shown
    assert "[red]=x[/red]" in shown
    assert "[formula-like]" in shown
    assert "1,234" in shown
    assert REASONS["formula-like"].text(language) in shown


def items(tmp_path: Path, text: str | bytes, under: str = "") -> tuple[list[tuple[int, str, object]], list[tuple[int, str]]]:
    path = tmp_path / "events.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    faults = Faults()
    found = read_json_items(path, faults, under)
    return list(found), [(fault.line, fault.reason) for fault in faults]


def test_items_of_a_list_have_lines_and_decimals_stay_text(tmp_path: Path) -> None:
    found, faults = items(tmp_path, '[\n {"a": 1.50},\n\n {"a": [true, null, "汉"]}\n]\n')
    assert found == [(2, "$[0]", {"a": "1.50"}), (4, "$[1]", {"a": [True, None, "汉"]})]
    assert faults == []
    assert items(tmp_path, '\n{"a": 1}') == ([(2, "$", {"a": 1})], [])
    assert items(tmp_path, "[]") == ([], [])


UNDER_EVENTS = """{"next": {"events": [0]},
 "text": "\\u005b, {",
 "ev\\u0065nts" : [
  {"a": 1},

  {"a":
    [2]}, 3
 ],
 "rest": []}"""


def test_items_of_a_list_within_an_object_have_their_own_lines(tmp_path: Path) -> None:
    found = [(4, "$.events[0]", {"a": 1}), (6, "$.events[1]", {"a": [2]}), (7, "$.events[2]", 3)]
    assert items(tmp_path, UNDER_EVENTS, "events") == (found, [])
    inside, _ = items(tmp_path, f"[{UNDER_EVENTS},\n{UNDER_EVENTS}]", "events")
    assert [(line, path) for line, path, _ in inside] == [
        *((line, path.replace("$", "$[0]")) for line, path, _ in found),
        *((line + 9, path.replace("$", "$[1]")) for line, path, _ in found),
    ]
    for text in ('{"events": []}', '{"events": 1}', '{"other": [1]}', "[[1]]"):
        assert items(tmp_path, text, "events") == items(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[{"a": 1},\n{"a": }]', (2, "not-json")),
        ('[{"a": 1},\n]', (2, "not-json")),
        ('[{"a": 1}\n', (2, "not-json")),
        ('[{"a": 1}] x', (1, "not-json")),
        ('{"a": 1} x', (1, "not-json")),
        ('[{"a": 1, "a": 2}]', (1, "doubled-name")),
        ('[1,\n{"a": NaN}]', (2, "not-a-number")),
        ("[" * 100_000, (1, "too-deep")),
        ("[" * 70 + "]" * 70, (1, "too-deep")),
        ("[9007199254740993]", (1, "out-of-range")),
        ("[" + "9" * 5_000 + "]", (1, "out-of-range")),
        ('["\\ud800"]', (1, "not-utf8")),
        (b'["\xff"]', (1, "not-utf8")),
        ("", (0, "empty-file")),
    ],
)
def test_json_that_cannot_be_read(text: str | bytes, fault: tuple[int, str], tmp_path: Path) -> None:
    assert items(tmp_path, text)[1] == [fault]


def test_json_of_one_value(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(' {"a": [1]} ', encoding="utf-8")
    faults = Faults()
    assert read_json(path, faults) == {"a": [1]}
    path.write_text("{} []", encoding="utf-8")
    assert read_json(path, faults) is None
    assert [fault.reason for fault in faults] == ["not-json"]


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(words.en.endswith(".") and words.zh.endswith("。") for words in REASONS.values())
