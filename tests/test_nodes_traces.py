"""Scripted traces: each goes as told, with the golden output beside it, and each planted fault is caught.

`python -m tests.test_nodes_traces` writes the golden files anew, after a deliberate change.
"""

import re
from pathlib import Path

import pytest

from ledger.errors import OperatorError
from nodes.simulator.planted import PLANTED
from nodes.simulator.trace_player import PlayResult, play, play_file
from tests.project import ROOT

FOLDER = ROOT / "nodes" / "traces"
TRACES = sorted(FOLDER.glob("*.txt"))
REGENERATE = "after a deliberate change: python -m tests.test_nodes_traces"
STOPS_AT = {
    "final-after-skip": "rule-3-final",
    "quorum-2f+1": "rule-quorum",
    "send-before-durable": "durability",
    "vote-without-skips": "rule-2-vote",
    "no-rule-6": "rule-6-resend",
}
"""The trace of the rule that each planted fault breaks."""
LEADS_TO = {
    "final-after-skip": "planted-final-after-skip",
    "quorum-2f+1": "planted-quorum",
    "send-before-durable": "planted-send-before-durable",
    "vote-without-skips": "planted-vote-without-skips",
    "no-rule-6": "planted-no-rule-6",
}
"""The trace that shows the harm of each planted fault."""


def output(result: PlayResult) -> str:
    """What the command prints."""
    return "\n".join(result.lines) + "\n"


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_trace_goes_as_told(path: Path) -> None:
    result = play_file(path)
    assert result.ok, output(result)
    assert output(result) == path.with_suffix(".golden").read_text("utf-8"), REGENERATE


def test_every_golden_file_has_its_trace() -> None:
    assert sorted(FOLDER.glob("*.golden")) == [path.with_suffix(".golden") for path in TRACES]


def test_readme_names_every_trace() -> None:
    named = set(re.findall(r"`([a-z0-9-]+)`", (FOLDER / "README.md").read_text("utf-8")))
    assert {path.stem for path in TRACES} <= named


def test_traces_are_short() -> None:
    commands = {path.stem: len([x for x in path.read_text("utf-8").splitlines() if x and x[0] != "#"]) for path in TRACES}
    assert {name: count for name, count in commands.items() if count > 32} == {}


@pytest.mark.parametrize("fault", PLANTED)
def test_the_trace_of_its_rule_stops_at_a_planted_fault(fault: str) -> None:
    assert not play_file(FOLDER / f"{STOPS_AT[fault]}.txt", fault).ok


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_does_harm_and_the_real_engine_does_not(fault: str) -> None:
    path = FOLDER / f"{LEADS_TO[fault]}.txt"
    lines = path.read_text("utf-8").splitlines()
    planted = [line for line in lines if line.startswith(f"with planted {fault} at ")]
    assert len(planted) == 1
    assert play_file(path).ok
    real = play("\n".join(line for line in lines if line not in planted), path.name)
    assert not real.ok
    assert not any("BROKEN" in line for line in real.lines), output(real)


def test_a_failed_expectation_names_file_and_line() -> None:
    result = play("submit 1 at east\n\nexpect north sent vote 1/1  # too early\nfire view at east", "story.txt")
    assert not result.ok
    assert result.lines[-1] == "story.txt:3: north: expected sent vote 1/1; it sent nothing."


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("deliver vote from east", "Nothing under way"),
        ("fire view at north", "No timer view"),
        ("restart north", "runs already"),
        ("submit 1 at south expiring in 0s", "expire"),
        ("expect broken Agreement", "none did"),
        ("expect north not view 1", "it is in view 1"),
        ("lie vote 1/1 Z from west to north", "No node holds block Z"),
    ],
)
def test_what_does_not_go_as_told_ends_the_trace(line: str, says: str) -> None:
    result = play(f"with traitor scripted at west\nwait 1s\n{line}\nwait 1s", "story.txt")
    assert not result.ok
    assert result.lines[-1].startswith("story.txt:3: ")
    assert says in result.lines[-1]


@pytest.mark.parametrize(
    "line",
    [
        "dance",
        "deliver",
        "deliver postcards",
        "deliver vote from center",
        "submit one at north",
        "wait long",
        "expect north happy",
        "expect view 1",
        "crash all but",
        "lie vote 1/1 A from north to south",
        "with planted nothing at all",
        "with traitor nobody at west",
        "network north north",
    ],
)
def test_a_line_that_is_no_command_names_file_and_line(line: str) -> None:
    with pytest.raises(OperatorError, match=r"story\.txt:2: "):
        play(f"# a story\n{line}", "story.txt")


def test_the_cast_is_chosen_before_the_play() -> None:
    with pytest.raises(OperatorError, match=r"story\.txt:2: The nodes run already"):
        play("wait 1s\nwith traitor scripted at west", "story.txt")


def test_a_broken_invariant_that_nobody_expected_fails() -> None:
    text = (FOLDER / "planted-final-after-skip.txt").read_text("utf-8")
    without = text[: text.index("expect broken")]
    assert not play(without, "story.txt").ok
    result = play(without + "expect north view 2\n", "story.txt")
    assert "signed Skip and Final" in result.lines[-1]


def test_a_file_that_cannot_be_read() -> None:
    with pytest.raises(OperatorError, match="cannot be read"):
        play_file(FOLDER / "no-such-trace.txt")


if __name__ == "__main__":
    for trace in TRACES:
        trace.with_suffix(".golden").write_text(output(play_file(trace)), "utf-8")
