"""Campaigns: what a seed plays, verdicts that outlast any end, and workers that die."""

import json
import os
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ledger.errors import OperatorError
from nodes.cluster import source
from nodes.cluster.results import TABLE, VERDICTS, Results
from nodes.commands.workers import in_order, workers
from nodes.simulator.campaign import Settings
from nodes.simulator.cost import CASES
from nodes.simulator.run import Run, Treason
from nodes.simulator.weather import CHAOS
from nodes.traitors.kinds import TRAITORS
from tests.commands import PROGRAM, fails, run, succeeds
from tests.network_support import wait_until
from tests.support import refusal

MIX = ("--heights", "2", "--nodes", "4..5", "--traitor", "all")
SEEDS = range(1, 13)
CAMPAIGN = ("simulate", "--seeds", f"{SEEDS[0]}..{SEEDS[-1]}", *MIX)


def kept(folder: Path) -> list[dict[str, Any]]:
    """The verdicts in a folder in order of their seeds, without the time that each took; each seed must be there once."""
    _, *lines = (folder / VERDICTS).read_bytes().splitlines()
    verdicts = sorted(map(json.loads, lines), key=lambda verdict: verdict["seed"])
    assert len({verdict["seed"] for verdict in verdicts}) == len(verdicts)
    return [{name: value for name, value in verdict.items() if name != "cpu_ms"} for verdict in verdicts]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole campaign."""
    folder = tmp_path_factory.mktemp("campaign") / "whole"
    succeeds(*CAMPAIGN, "--results", folder)
    return folder


# What a seed plays


def test_each_pair_of_validators_and_kind_comes_as_often_as_stated() -> None:
    settings = Settings.parse(10, "4..13", "all")
    numbers, kinds = settings.numbers, [None, *TRAITORS]
    assert Counter(numbers) == {4: 11, 5: 7, 6: 5, 7: 3, 8: 3, 9: 2, 10: 2, 11: 1, 12: 1, 13: 1}
    assert max(numbers[:9]) >= 9, "large numbers are spread over a round"
    for first in (1, 77_777):
        played = Counter(settings.of(seed) for seed in range(first, first + len(kinds) * len(numbers)))
        assert {(n, None if treason is None else treason.kind) for n, treason in played} == {
            (n, kind) for n in range(4, 14) for kind in kinds
        }
        assert all(times == numbers.count(n) for (n, _), times in played.items())


def test_a_seed_of_a_mix_is_replayed_by_its_own_command() -> None:
    settings = Settings.parse(3, "4..6", "all")
    seed = next(seed for seed in range(100) if settings.of(seed) == (5, Treason("twin")))
    assert settings.again(seed) == f"tallystick simulate --seed {seed} --heights 3 --nodes 5 --traitor twin"
    alone = json.loads(succeeds(*settings.again(seed).split()[1:], "--json"))
    mixed = json.loads(
        succeeds("simulate", "--seed", str(seed), "--heights", "3", "--nodes", "4..6", "--traitor", "all", "--json")
    )
    assert alone == mixed
    assert (alone["validators"], alone["traitor"]) == (5, "twin")


@pytest.mark.parametrize(
    ("nodes", "traitor", "code"),
    [
        ("four", None, "bad-validators"), ("4..", None, "bad-validators"), ("3", None, "bad-validators"),
        ("13..4", None, "bad-validators"), ("4..101", None, "bad-validators"), ("4", "liar", "unknown-traitor"),
        ("4..7", "twin:3", "bad-traitors"), ("4..7", "all:1", "unknown-traitor"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(nodes: str, traitor: str | None, code: str) -> None:
    assert refusal(OperatorError, Settings.parse, 10, nodes, traitor).code == code


def test_traitors_crash_and_start_again() -> None:
    run = Run(3, 8, CHAOS, keep_log=True, treason=Treason("equivocator"))
    verdict = run.play()
    assert verdict.failure is None, verdict
    assert verdict.faults.traitor_crash > 0
    (traitor,) = run.simulation.traitors
    kinds = [r["kind"] for r in map(json.loads, run.simulation.log or ()) if r["node"] == traitor]
    assert "start" in kinds[kinds.index("crash") :]
    assert "betrayal" in kinds[kinds.index("crash") :]


def test_an_error_of_the_simulated_code_is_a_failure_of_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def play(run: Run) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(Run, "play", play)
    verdict, _ = Settings.parse(3, "4", "twin").judge(7)
    assert (verdict.seed, verdict.validators, verdict.traitor) == (7, 4, "twin")
    assert verdict.failure == "The run ended in KeyError: 'lost'"


# Verdicts on disk


def test_verdicts_are_kept_as_lines_and_as_a_table(whole: Path) -> None:
    assert [verdict["seed"] for verdict in kept(whole)] == list(SEEDS)
    with duckdb.connect() as database:
        table = database.execute(f"SELECT * EXCLUDE cpu_ms FROM '{whole / TABLE}'")
        names = [column[0] for column in table.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in table.fetchall()]
    assert rows == [{name: value for name, value in verdict.items() if name != "log_digest"} for verdict in kept(whole)]


def test_processes_show_what_one_process_shows(whole: Path, tmp_path: Path) -> None:
    succeeds(*CAMPAIGN, "--results", tmp_path, "--jobs", "2")
    assert kept(tmp_path) == kept(whole)


def test_without_a_folder_the_order_is_that_of_the_seeds(whole: Path) -> None:
    shown = [json.loads(line) for line in succeeds(*CAMPAIGN, "--jobs", "2", "--json").splitlines()]
    assert shown == kept(whole)
    assert list(in_order(iter([(3, "c"), (1, "a"), (2, "b")]), [1, 2, 3])) == [(1, "a"), (2, "b"), (3, "c")]


HARMS: dict[str, Callable[[bytes], bytes]] = {
    "its last line torn off": lambda data: data[:-40],
    "every second line lost": lambda data: b"".join([data.splitlines(keepends=True)[0], *data.splitlines(keepends=True)[1::2]]),
    "no whole head": lambda data: data[:20],
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_campaign_resumes(whole: Path, tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    path = tmp_path / VERDICTS
    path.write_bytes(harm((whole / VERDICTS).read_bytes()))
    before = path.read_bytes().rpartition(b"\n")[0]
    succeeds(*CAMPAIGN, "--results", tmp_path)
    assert kept(tmp_path) == kept(whole)
    assert path.read_bytes().startswith(before), "what was judged is not played again"


def test_more_seeds_are_more_of_the_same_campaign(whole: Path, tmp_path: Path) -> None:
    shutil.copy(whole / VERDICTS, tmp_path)
    shown = succeeds("simulate", "--seeds", "5..14", *MIX, "--results", tmp_path)
    assert shown.startswith("10 seeds, 0 failed")
    assert [verdict["seed"] for verdict in kept(tmp_path)] == list(range(1, 15))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--heights", "3", "--nodes", "4..5", "--traitor", "all"), "heights 2 instead of 3"),
        (("--heights", "2", "--nodes", "4..6", "--traitor", "all"), "validators [4, 5] instead of [4, 6]"),
        (("--heights", "2", "--nodes", "4..5"), 'traitor "all" instead of null'),
    ],
)
def test_another_campaign_is_refused(whole: Path, options: tuple[str, ...], words: str) -> None:
    before = (whole / VERDICTS).read_bytes()
    refused = fails(2, words, "simulate", "--seeds", "1..20", *options, "--results", whole)
    assert "[campaign-differs]" in refused.stderr
    assert (whole / VERDICTS).read_bytes() == before


def test_another_source_is_refused(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.cluster.results.source_digest", lambda: "0" * 64)
    fails(2, 'instead of "0000', *CAMPAIGN, "--results", whole)


def test_the_source_is_that_of_ledger_and_nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = source.source_digest.__wrapped__()
    for part in source.PARTS:
        shutil.copytree(source.ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(source, "ROOT", tmp_path)
    assert source.source_digest.__wrapped__() == here
    (tmp_path / "nodes" / "README.md").write_text("Another sentence.")
    assert source.source_digest.__wrapped__() == here
    rules = tmp_path / "nodes" / "consensus" / "rules.py"
    rules.write_text(rules.read_text() + "\n")
    assert source.source_digest.__wrapped__() != here


@pytest.mark.parametrize(
    "lines",
    [(b"nonsense",), (b"[]",), (b'{"seed":1}',), (b'{"cpu_ms":1}',), ("again",)],
    ids=["no JSON", "no object", "no verdict", "no seed", "a seed twice"],
)
def test_a_damaged_file_is_named(whole: Path, tmp_path: Path, lines: tuple[Any, ...]) -> None:
    path = tmp_path / VERDICTS
    before = (whole / VERDICTS).read_bytes()
    added = before.splitlines()[1] if lines == ("again",) else lines[0]
    path.write_bytes(before + added + b"\n")
    refused = fails(2, f"line {len(SEEDS) + 2}", *CAMPAIGN, "--results", tmp_path)
    assert "[campaign-damaged]" in refused.stderr
    path.write_bytes(b"nonsense\n")
    fails(2, "not the head of a campaign", *CAMPAIGN, "--results", tmp_path)


def test_a_second_command_is_refused(whole: Path) -> None:
    with closing(Results(whole, Settings.parse(2, "4..5", "all"))):
        fails(2, "[campaign-in-use]", *CAMPAIGN, "--results", whole)
    succeeds(*CAMPAIGN, "--results", whole)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder" / "lock").mkdir(parents=True)
    fails(2, "[storage-failed]", *CAMPAIGN, "--results", tmp_path / "folder")
    (tmp_path / "file").touch()
    fails(2, "[cannot-write]", *CAMPAIGN, "--results", tmp_path / "file")


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ("--seed 3 --results here", "--results: It does not go with --seed"),
        ("--seeds 1..2 --log here", "--log: It does not go with --seeds"),
        ("--seeds 1..2 --seed 3", "--seed: It does not go with --seeds"),
        ("--cost --traitor twin", "--traitor: It does not go with --cost"),
        ("--play here --heights 3", "--heights: It does not go with --play"),
        ("--exhaustive --heights 3", "--heights: It does not go with --exhaustive"),
        ("--delay 5", "--delay: It says something only with --cost."),
        ("--data here", "--data: It says something only with --scenario of a trade."),
        ("--scheduler tcp://host:1", "--scheduler: It says something only with --exhaustive or --cost or --seeds."),
        ("--scenario energy --seeds 1..2", "--seeds: It does not go with --scenario"),
    ],
)
def test_an_option_that_would_say_nothing_is_refused(arguments: str, refusal: str) -> None:
    fails(2, f"Invalid value for {refusal}", "simulate", *arguments.split())


def test_an_exploration_has_one_number_of_validators() -> None:
    fails(2, "[bad-validators]", "simulate", "--exhaustive", "--nodes", "4..5")


def verdict_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") - 1 if path.exists() else 0


@pytest.mark.usefixtures("no_process_left")
@pytest.mark.parametrize(("number", "jobs"), [(signal.SIGKILL, "1"), (signal.SIGKILL, "2"), (signal.SIGINT, "2")])
def test_a_campaign_survives_its_command(whole: Path, tmp_path: Path, number: int, jobs: str) -> None:
    arguments = [*PROGRAM, *CAMPAIGN, "--results", str(tmp_path), "--jobs", jobs]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    wait_until(lambda: verdict_lines(tmp_path / VERDICTS) >= 2 or process.poll() is not None, "two verdicts")
    assert process.poll() is None, process.communicate()
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does
    else:
        process.send_signal(number)
    _, said = process.communicate()
    if number == signal.SIGINT:
        assert process.returncode == 1
        assert "the same command goes on" in said
        assert "Traceback" not in said
    before = kept(tmp_path)
    assert 2 <= len(before) < len(SEEDS)
    succeeds(*CAMPAIGN, "--results", tmp_path)
    assert kept(tmp_path) == kept(whole)


# Workers


def doubled(number: int) -> int:
    return 2 * number


def deadly(tombs: Path, killers: frozenset[int], number: int) -> int:
    """Kills the process that plays one of these; writes down each death."""
    if number in killers:
        with (tombs / str(number)).open("a") as tomb:
            tomb.write("died\n")
        os.kill(os.getpid(), signal.SIGKILL)
    return doubled(number)


def once_deadly(tomb: Path, number: int) -> int:
    """Kills the first process that plays 5."""
    if number == 5 and not tomb.exists():
        tomb.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return doubled(number)


def played(each: Iterable[tuple[int, int | None]]) -> dict[int, int | None]:
    """What was shown of each item; each must be there once."""
    found = list(each)
    assert len(found) == len(dict(found))
    return dict(found)


@pytest.mark.usefixtures("no_process_left")
def test_a_pool_outlives_its_processes_and_names_who_killed_them(tmp_path: Path) -> None:
    with closing(workers(2, None)) as pool:
        shown = played(pool.each(partial(once_deadly, tmp_path / "once"), range(20), batch=3))
        assert shown == {number: 2 * number for number in range(20)}
        shown = played(pool.each(partial(deadly, tmp_path, frozenset({7, 13})), range(20), batch=3))
    assert shown == {number: None if number in (7, 13) else 2 * number for number in range(20)}
    assert (tmp_path / "7").read_text().count("died") >= 3


class Killed:
    """Workers of whom each dies of every third item."""

    def each(self, play: Callable[[int], Any], items: Iterable[int], batch: int = 1) -> Iterator[tuple[int, Any]]:
        for item in items:
            yield item, None if item % 3 == 0 else play(item)

    def close(self) -> None:
        pass


def test_a_seed_that_kills_is_a_failure_and_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.commands.simulate.workers", lambda jobs, scheduler: Killed())
    result = run(*CAMPAIGN, "--results", tmp_path)
    assert result.exit_code == 1
    assert "12 seeds, 4 failed" in result.stdout
    assert "replay it: tallystick simulate --seed 3 --heights 2 --nodes" in result.stdout
    failures = {verdict["seed"]: verdict["failure"] for verdict in kept(tmp_path)}
    assert [seed for seed, failure in failures.items() if failure and "died" in failure] == [3, 6, 9, 12]


def test_an_exploration_is_shared_out_by_first_moves() -> None:
    alone, shared = (succeeds("simulate", "--exhaustive", "--views", "1", "--jobs", jobs) for jobs in ("1", "2"))
    assert [line for line in shared.splitlines() if "complete" in line] == alone.splitlines()[::2]
    assert "states 396, frontier 0" in alone
    assert "states 481 in 4 parts, frontier 0" in shared


def test_costs_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.commands.simulate.CASES", (CASES[1], CASES[0]))
    shared = succeeds("simulate", "--cost", "--jobs", "2")
    assert shared == succeeds("simulate", "--cost")
    assert shared.count("| near |") == 2
