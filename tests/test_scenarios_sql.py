"""The questions in SQL of the trades' READMEs: asked of the ledger that the story leaves, they have the answers printed there."""

import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from ledger.audit.exported import parse_export_head, parse_exported_block
from ledger.contract.contract import ContractSet
from nodes.analysis.follow_database import follow_database
from nodes.analysis.table_export import write_database
from nodes.analysis.tables import TableRows, add_rows
from nodes.commands.tables import descriptions
from scenarios.catalogue import find_scenario
from tests.postgres import Postgres, running_postgres
from tests.project import ROOT
from tests.scenario_stage import played_on_a_chain

QUESTIONS = {"supply_chain_finance": 1, "shipping": 1, "energy": 1, "government": 1, "economy": 2}
"""How many by folder."""
NAMES = {"supply_chain_finance": "supply-chain-finance", "economy": "all"}
QUESTION = re.compile(r"^```sql\n(?P<sql>.*?)^```\n\n(?P<answer>(?:\|[^\n]*\n)+)", re.DOTALL | re.MULTILINE)
Asked = tuple[str, list[list[str]]]


@cache
def questions(folder: str) -> list[Asked]:
    """SQL and the printed answer, names of columns first."""
    text = (ROOT / "scenarios" / folder / "README.md").read_text(encoding="utf-8")
    found = QUESTION.finditer(text.partition("## Asked in SQL\n")[2])
    lines = [(one["sql"], one["answer"].splitlines()) for one in found]
    return [(sql, [_cells(line) for line in (rows[0], *rows[2:])]) for sql, rows in lines]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _shown(cursor: Any) -> list[list[str]]:
    rows = [["" if value is None else str(value) for value in row] for row in cursor.fetchall()]
    return [[column[0] for column in cursor.description], *rows]


def ledger_of(folder: str) -> tuple[tuple[bytes, ...], list[Any]]:
    """The export of the played story, and the descriptions of its contracts."""
    name = NAMES.get(folder, folder)
    return played_on_a_chain(name).export, descriptions(ContractSet(find_scenario(name).contracts))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as postgres:
        yield postgres


@pytest.mark.parametrize("folder", QUESTIONS)
def test_the_answers_in_the_readme_are_those_of_the_ledger(folder: str, tmp_path: Path) -> None:
    lines, contracts = ledger_of(folder)
    write_database(lines, contracts, tmp_path / "ledger.duckdb", lambda _: None)
    assert len(questions(folder)) == QUESTIONS[folder]
    with closing(duckdb.connect(str(tmp_path / "ledger.duckdb"), read_only=True)) as database:
        for sql, answer in questions(folder):
            assert len(answer) > 1
            assert _shown(database.execute(sql)) == answer


@pytest.mark.parametrize("folder", QUESTIONS)
def test_a_followed_postgresql_answers_the_same(folder: str, postgres: Postgres) -> None:
    lines, contracts = ledger_of(folder)
    address = postgres.create_database(folder)
    blocks = [parse_exported_block(line) for line in lines[1:]]
    rows: TableRows = {}
    for block in blocks:
        add_rows(rows, block)
    with follow_database(address, "ledger", parse_export_head(lines[0])) as followed:
        followed.write(rows, 1, blocks[-1].header)
        followed.make_views(contracts)
    with psycopg.connect(address) as connection:
        connection.execute("SET search_path TO ledger")
        for sql, answer in questions(folder):
            assert _shown(connection.execute(sql)) == answer
