"""An export as people read it: one row for each transaction, with who did what and what came of it. No node is asked.

python -m nodes.lab.export_rows FILE
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ledger.audit.exported import parse_exported_block
from ledger.encoding import decode_object
from ledger.errors import InputError, JsonValue


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One transaction of an export; nothing of it is verified by being here."""

    height: int
    time: str
    signers: str
    contract: str
    operation: str
    arguments: str
    outcome: str
    """`committed`, or the code of the refusal."""

    def to_json(self) -> JsonValue:
        """All fields."""
        return asdict(self)


def read_rows(lines: Iterable[bytes]) -> list[ExportRow]:
    """Everything that can be read, from the second line on; raises MalformedError for a line that is no block."""
    rows = []
    for number, line in enumerate(lines):
        if number == 0:
            continue
        block = parse_exported_block(line)
        time = datetime.fromtimestamp(block.header.time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
        for transaction, receipt in zip(block.transactions, block.receipts, strict=True):
            outcome = decode_object(receipt.raw)
            rows.append(
                ExportRow(
                    height=block.header.height,
                    time=time,
                    signers=", ".join(transaction.signers),
                    contract=transaction.contract,
                    operation=transaction.operation,
                    arguments=_words(transaction.arguments),
                    outcome=str(outcome["code"] if outcome["outcome"] == "rejected" else outcome["outcome"]),
                )
            )
    return rows


def _words(arguments: JsonValue) -> str:
    assert isinstance(arguments, dict)
    return ", ".join(f"{name} {_word(value)}" for name, value in sorted(arguments.items()))


def _word(value: JsonValue) -> str:
    """A sealed digest is shortened: it is not read to its end."""
    if isinstance(value, dict) and value.keys() == {"sealed"}:
        return f"sealed {str(value['sealed'])[:8]}…"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def main(arguments: list[str]) -> int:
    """Prints the rows of one file."""
    if len(arguments) != 1:
        print("python -m nodes.lab.export_rows FILE", file=sys.stderr)
        return 2
    try:
        rows = read_rows(Path(arguments[0]).read_bytes().splitlines())
    except (OSError, InputError) as error:
        print(f"{arguments[0]} cannot be read: {error}", file=sys.stderr)
        return 1
    for row in rows:
        print(f"{row.height:>4}  {row.time}  {row.signers:<30}  {row.operation:<8} {row.outcome:<22} {row.arguments}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
