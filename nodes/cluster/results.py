"""The verdicts of a campaign on disk: one line a seed as soon as it is judged, so that a campaign resumes after any end.

`verdicts.jsonl` is a head line, which says what is played, and a line for each seed. Only the command writes it, whole lines
in one write; what a kill tore off is dropped. `verdicts.parquet` is made of it when every seed that was asked for is judged.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path

import duckdb
from pydantic import TypeAdapter

from ledger.encoding import encode_unchecked
from ledger.errors import OperatorError
from nodes.cluster.source import source_digest
from nodes.key_files import whole_file, writing
from nodes.simulator.campaign import Settings
from nodes.simulator.run import RunVerdict
from nodes.simulator.weather import FaultCounts
from nodes.storage.lock import held

VERDICTS = "verdicts.jsonl"
TABLE = "verdicts.parquet"
LOCK = "lock"
VERDICT = TypeAdapter(RunVerdict)
COLUMNS = {
    "seed": "BIGINT", "validators": "INTEGER", "traitor": "VARCHAR", "failure": "VARCHAR", "height": "INTEGER",
    "last_block": "VARCHAR", "transactions": "INTEGER", "virtual_ms": "BIGINT", "views_to_commit": "INTEGER",
    "faults": "STRUCT(" + ", ".join(f'"{field.name}" BIGINT' for field in fields(FaultCounts)) + ")",
    "betrayals": "MAP(VARCHAR, BIGINT)", "convicted": "VARCHAR[]", "forked_at": "INTEGER", "cpu_ms": "BIGINT",
}  # fmt: skip


class Results:
    """A folder with the verdicts of one campaign; `close` lets the next command in."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Begins a campaign there, or goes on with it; raises OperatorError if it is another one, damaged or in use."""
        self.path = folder / VERDICTS
        self.seeds: set[int] = set()
        """Seeds that are judged."""
        head = encode_unchecked({"campaign": {**asdict(settings), "source": source_digest(), "version": version("tallystick")}})
        with ExitStack() as opened:
            with writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
            in_use = OperatorError("campaign-in-use", f"Another command writes the campaign in {folder}.")
            opened.enter_context(held(folder / LOCK, in_use))
            with writing(self.path):
                self._file = opened.enter_context(self.path.open("ab"))
                self._drop_torn_line()
                if self._file.tell() == 0:
                    self._write(head + b"\n")
            self._verify_head(head)
            for number, (verdict, _) in enumerate(self.read(), 2):
                if verdict.seed in self.seeds:
                    raise OperatorError("campaign-damaged", f"{self.path}: line {number} judges seed {verdict.seed} again.")
                self.seeds.add(verdict.seed)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Ends writing."""
        self._opened.close()

    def read(self) -> Iterator[tuple[RunVerdict, int]]:
        """Each verdict with milliseconds of processor time, in the order in which they came; raises OperatorError."""
        with self.path.open("rb") as file:
            next(file)
            for number, line in enumerate(file, 2):
                try:
                    value = json.loads(line)
                    cpu_ms = int(value.pop("cpu_ms"))
                    yield VERDICT.validate_python(value), cpu_ms
                except (ValueError, KeyError, TypeError, AttributeError) as error:
                    raise OperatorError("campaign-damaged", f"{self.path}: line {number} is no verdict.") from error

    def add(self, verdict: RunVerdict, cpu_ms: int) -> None:
        """Writes the verdict on a seed that is not judged yet; raises OperatorError `cannot-write`."""
        assert verdict.seed not in self.seeds
        self.seeds.add(verdict.seed)
        with writing(self.path):
            self._write(encode_unchecked({**asdict(verdict), "cpu_ms": cpu_ms}) + b"\n")

    def write_table(self) -> Path:
        """All verdicts by seed as Parquet, with the head among the file's own metadata."""
        target = self.path.with_name(TABLE)
        with whole_file(target) as partial, duckdb.connect() as database, self.path.open() as file:
            head = next(file).strip()
            columns = ", ".join(f"{name}: {_text(kind)}" for name, kind in COLUMNS.items())
            lines = f"read_json({_text(self.path)}, format = 'newline_delimited', columns = {{{columns}}})"
            rows = f"SELECT * FROM {lines} WHERE seed IS NOT NULL ORDER BY seed"  # noqa: S608  each text is quoted
            try:
                database.execute(f"COPY ({rows}) TO {_text(partial)} (FORMAT parquet, KV_METADATA {{campaign: {_text(head)}}})")
            except duckdb.Error as error:
                raise OperatorError("cannot-write", f"{target} cannot be written: {error}") from error
        return target

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()

    def _drop_torn_line(self) -> None:
        whole = self.path.read_bytes()
        os.truncate(self.path, whole.rfind(b"\n") + 1)
        self._file.seek(0, os.SEEK_END)

    def _verify_head(self, expected: bytes) -> None:
        with self.path.open("rb") as file:
            head = next(file).strip()
        try:
            found, wanted = json.loads(head)["campaign"], json.loads(expected)["campaign"]
            differing = sorted(name for name in wanted if found.get(name) != wanted[name])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OperatorError("campaign-damaged", f"{self.path}: the first line is not the head of a campaign.") from error
        if differing:  # check: campaign-differs
            name = differing[0]
            said = f"{name} {json.dumps(found.get(name))} instead of {json.dumps(wanted[name])}"
            raise OperatorError("campaign-differs", f"{self.path} holds another campaign, with {said}. Name another folder.")


def _text(value: object) -> str:
    """As SQL spells a text."""
    return "'" + str(value).replace("'", "''") + "'"
