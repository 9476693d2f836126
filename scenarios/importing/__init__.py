"""Files that users bring: read strictly, every wrong row named at once, nothing of them ever run or interpreted.

faults   what is wrong, where, in words of both languages; shown with hidden characters spelled out
fields   types of cells: names, days, instants, decimal amounts as whole numbers
table    CSV into rows of a pydantic model, with line numbers
json     JSON with line numbers, decimals kept as text
printer  the table of faults in a terminal
"""

from scenarios.importing.faults import REASONS, Fault, Faults, InputFaults, describe, inert, raise_faults
from scenarios.importing.fields import (
    Amount,
    Day,
    Instant,
    Label,
    Name,
    Row,
    Whole,
    parse_day,
    parse_decimal,
    parse_instant,
)
from scenarios.importing.json_file import DecimalText, read_json, read_json_items
from scenarios.importing.printer import show_faults
from scenarios.importing.table import read_csv, require_known, require_unique

__all__ = [
    "REASONS",
    "Amount",
    "Day",
    "DecimalText",
    "Fault",
    "Faults",
    "InputFaults",
    "Instant",
    "Label",
    "Name",
    "Row",
    "Whole",
    "describe",
    "inert",
    "parse_day",
    "parse_decimal",
    "parse_instant",
    "raise_faults",
    "read_csv",
    "read_json",
    "read_json_items",
    "require_known",
    "require_unique",
    "show_faults",
]
