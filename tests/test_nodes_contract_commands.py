"""`tallystick contract new`, `check` and `install`: from the first line to the running network."""

import bdb
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import Any

import pytest

from ledger.contract.source_rules.loader import LoadedContract
from ledger.contract.source_rules.statements import FORBIDDEN_NAMES
from ledger.contract.test_kit import check_contract
from ledger.errors import OperatorError
from ledger.governance import Governance
from ledger.primitives import Digest
from nodes.contract_author.check import check
from nodes.contract_author.install import Installation
from nodes.contract_author.located import locate, place
from nodes.contract_author.report import report, report_lines
from nodes.contract_author.template import begin_contract
from nodes.lab.control import LabControl
from nodes.network.directory import read_network
from nodes.network.in_process import InProcessNetwork
from nodes.network.local import LocalNetwork
from nodes.node.files import NODE_FILE, NodeFile, read_file
from tests.commands import PROGRAM, answer, fails, run, succeeds
from tests.network_support import make_network, running_network, running_processes, wait_until

SECONDS_MAX = 60


@pytest.fixture(autouse=True)
def path_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """And an installation tries no random transactions, in interpreters of their own: `check` has, and one test installs so."""
    monkeypatch.setattr("nodes.commands.authoring.EXAMPLES", 0)
    before = list(sys.path)
    yield
    sys.path[:] = before


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old} is in the template"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")
    return path


def begun(directory: Path, changes: Mapping[str, str] = MappingProxyType({})) -> Path:
    """The template, in which each of these texts is another."""
    path = begin_contract("boxes", directory)[0]
    for old, new in changes.items():
        changed(path, old, new)
    return path


def checked(contract: str | Path, *more: str) -> Any:
    """What `contract check` says to programs, of a sound contract or of another."""
    return json.loads(run("contract", "check", contract, "--json", *more).stdout)


def said(contract: Path, *more: str) -> str:
    """What `contract check` says to people."""
    return run("contract", "check", contract, *more).output


BREAKPOINT = {"        # READ": "        breakpoint()"}

# new


def test_new_writes_a_contract_that_is_sound_and_tests_that_pass(tmp_path: Path) -> None:
    assert "contract check" in succeeds("contract", "new", "warehouse_receipt", "--dir", tmp_path)
    text = (tmp_path / "warehouse_receipt.py").read_text(encoding="utf-8")
    assert 30 <= len(text.splitlines()) <= 45
    assert 'name = "warehouse-receipt"' in text
    assert "class WarehouseReceipt(Contract)" in text
    tested = subprocess.run([sys.executable, "-m", "pytest", "-q", str(tmp_path)], cwd=tmp_path, capture_output=True, check=False)
    assert b"3 passed" in tested.stdout, tested.stdout.decode()
    told = checked(tmp_path / "warehouse_receipt.py", "--examples", "50")
    assert (told["sound"], told["faults"], told["advice"]) == (True, [], [])


NO_MODULE_NAMES = ("Warehouse", "1st", "class", "仓单", "a-b", "a_", "../a", "")
NAMES_OF_OTHER_MODULES = ("json", "random", "pydantic", "ledger", "governance")


@pytest.mark.parametrize("name", [*NO_MODULE_NAMES, *NAMES_OF_OTHER_MODULES])
def test_what_is_no_module_name_or_that_of_another_module_is_refused(tmp_path: Path, name: str) -> None:
    assert "bad-contract-name" in run("contract", "new", "--dir", tmp_path, "--", name).output
    assert list(tmp_path.iterdir()) == []


def test_new_never_writes_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "test_boxes.py").write_text("mine")
    fails(1, "file-exists", "contract", "new", "boxes", "--dir", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["test_boxes.py"]


# check


BREACHES = {
    "import": ("        # WRITE", "        import time", "imports time"),
    "float-literal": ("        # WRITE", "        number = number[1.5]", "1.5 is a float"),
    "division": ("        # WRITE", "        number = number / 2", "`/` gives a float"),
    "power": ("        # WRITE", "        number = 2**number", "`**`"),
    "name": ("        # WRITE", "        print(number)", "must not"),
    "dunder": ("        # WRITE", "        number.__class__", "reaches behind"),
    "set-order": ("        # WRITE", "        number = set(number)", "order of its own"),
    "import-name": ("        # WRITE", "        from dataclasses import sys", "dataclasses.sys"),
    "set-type": ("        # WRITE", "        list(map(set, [number]))", "`set`"),
    "address": ("        # WRITE", "        number = f'{context}'", "`context` shows as an address"),
    "format": ("        # WRITE", "        number = number.format(to)", "locale"),
    "identity": ("        # WRITE", "        assert number is not 'A'", "`is`"),
    "broad-except": ("        # WRITE", "        try: pass\n        except Exception: pass", "`Exception` also catches"),
    "finally": ("        # WRITE", "        try: pass\n        finally: return", "swallows"),
    "error-words": ("        # WRITE", "        try: pass\n        except ValueError as bad: str(bad)", "`bad`"),
    "kept-state": ("        # WRITE", "        Boxes.last = number", "changes `Boxes`"),
    "kept-iterator": ("    refusals = {", "    ends = iter('AB')\n    refusals = {", "`ends` is used up"),
    "mutable-default": ("        # WRITE", "        note = lambda x, seen=[]: None", "default of `lambda`"),
    "recursion": ("        # WRITE", "        self.issue(context, number, to)", "issue → issue"),
    "global": ("        # WRITE", "        global total", "nothing but its state"),
    "async": ("        # WRITE", "        async def wait(): pass", "waits for nothing"),
    "undeclared-refusal": ('"already-issued", number', '"already-there", number', "not declared"),
    "refusal-details": (', "already-issued", number=number', ', "already-issued"', "need number"),
    "syntax": ("def issue(", "def issue", "not Python"),
    "made": ('zh="{number} 已存在。"', 'zh="{nummer} 已存在。"', "name different details"),
}


@pytest.mark.parametrize("rule", sorted(BREACHES))
def test_each_rule_is_told_with_its_place_and_what_to_do(tmp_path: Path, rule: str) -> None:
    old, new, words = BREACHES[rule]
    path = begun(tmp_path, {old: new if old != "        # WRITE" else f"{new}\n        # WRITE"})
    result = run("contract", "check", path)
    assert result.exit_code == 1
    fault = checked(path)["faults"][0]
    assert (fault["rule"], fault["file"]) == (rule, "boxes.py")
    assert f"boxes.py:{fault['line']}  {rule}: {fault['words']}" in result.output
    assert words in fault["words"] or words == "must not"
    line = path.read_text(encoding="utf-8").splitlines()[fault["line"] - 1].strip()
    if rule not in ("made", "syntax"):
        assert fault["text"] == line
    if rule not in ("made", "syntax", "recursion"):
        assert any(part.strip() == line or part.strip() in line for part in new.splitlines())
    assert f"what to do: {fault['do']}" in result.output
    assert "怎么办：" in said(path, "--lang", "zh")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    path = begun(tmp_path, {"        # WRITE": "        print(1.5)\n        # WRITE"})
    assert [fault["rule"] for fault in checked(path)["faults"]] == ["name", "float-literal", "name", "float-literal"]


def test_a_class_is_named_where_there_are_several(tmp_path: Path) -> None:
    path = begun(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + '\n\nclass Other(Contract):\n    """Other."""\n\n    name = "other"\n')
    fails(2, "Boxes, Other; add :CLASS", "contract", "check", path, "--examples", "0")
    assert checked(f"{path}:Boxes", "--examples", "0")["contract"] == "boxes"


@pytest.mark.parametrize("where", ["no-module", "no_such_module:Boxes"])
def test_what_is_not_there_is_not_found(where: str) -> None:
    fails(2, "contract-not-found", "contract", "check", where)


def test_a_file_that_is_not_there_is_named() -> None:
    assert "contract-not-found" in fails(2, "There is no file nothing.py", "contract", "check", "nothing.py").stderr


def test_a_file_named_like_another_module_is_refused(tmp_path: Path) -> None:
    path = begun(tmp_path)
    path.rename(tmp_path / "json.py")
    assert "bad-contract-name" in said(tmp_path / "json.py")


def test_a_check_tells_what_a_contract_reads() -> None:
    told = checked("tests.reading_contracts:Loans", "--examples", "5")
    assert told["reads"]["licences.licences.grade"] == "integer"
    words = said(Path("tests/reading_contracts.py:Loans"), "--examples", "1")
    assert "It reads of other contracts: licences.licences.grade, " in words
    assert "No record of licences.licences, membership.organizations was there when it was played" in words


def test_an_installed_module_is_checked_by_its_name() -> None:
    told = checked("nodes.sample_contract:Asset", "--examples", "20")
    assert (told["contract"], told["sound"]) == ("asset", True)
    assert [(row["kind"], row["words"].partition(":")[0]) for row in told["advice"]] == [
        ("open-operation", "issue"),
        ("unknown-member", "issue(to)"),
        ("unknown-member", "transfer(to)"),
        ("open-operation", "bump"),
    ]


PLANTED = '''    @operation(signed_by=AnyOf(Role("member")))
    def split(self, context: Context, number: Identifier, parts: int) -> None:
        """Splits a thing."""
        thing = self.things[number]
        self.things[f"{number}-{100 // parts}"] = thing
'''
SHOWN_EN = """An operation fails instead of refusing.
  The shortest way there, found by trying:
  1. east.member signs issue(number="A", to="east.member") → committed
  2. east.member signs split(number="A", parts=0)
     expected: it takes effect, or refuses with a declared code
     came:     ZeroDivisionError: integer division or modulo by zero
     at:       boxes.py:48  self.things[f"{number}-{100 // parts}"] = thing
  what to do: Check it before: context.require(CONDITION, CODE, …), or give the argument a narrower type (Positive, NonNegative).
"""
SHOWN_ZH = """操作出错，而不是拒绝。
  试出来的最短路径：
  1. east.member 签署 issue(number="A", to="east.member") → 已写入账本
  2. east.member 签署 split(number="A", parts=0)
     应当：生效，或以已声明的代码拒绝
     实际：ZeroDivisionError: integer division or modulo by zero
     位置：boxes.py:48  self.things[f"{number}-{100 // parts}"] = thing
  怎么办：先作检查：context.require(条件, 代码, …)，或给参数更窄的类型（Positive、NonNegative）。
"""


def test_a_planted_fault_is_shown_as_the_shortest_way_to_it_in_words_and_to_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nodes.contract_author.play.check_contract", partial(check_contract, steps_max=12))  # of 20: 17 s
    path = begun(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "\n" + PLANTED, encoding="utf-8")
    found = check(locate(str(path)))
    assert "\n".join(report_lines(found, "en", 0)) + "\n" == SHOWN_EN
    assert "\n".join(report_lines(found, "zh", 0)) + "\n" == SHOWN_ZH
    shown = report(found, "en")["counterexample"]
    assert (shown["property"], shown["line"], [step["code"] for step in shown["steps"]]) == ("ends", 48, ["ok", ""])


@pytest.mark.usefixtures("unshrunk")
def test_what_outlives_an_operation_is_found(tmp_path: Path) -> None:
    """Through a call of a function, which the rules do not follow."""
    noted = {'context.emit("issued", number': 'note(SEEN, number)\n        context.emit("issued", count=len(SEEN), number'}
    path = begun(tmp_path, OUTLIVES | noted)
    told = checked(path, "--examples", "20")
    assert told["counterexample"]["property"] == "repeatable"
    assert [(fault["rule"], fault["text"]) for fault in told["faults"]] == [("kept", "SEEN: list[str] = []")]


@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("kept", ["SEEN", "self.seen", "note"])
def test_what_is_kept_is_found_where_no_receipt_shows_it(tmp_path: Path, kept: str) -> None:
    keeping = "mark(note)" if kept == "note" else f"note({kept}, number)"
    seen = {"    refusals = {": "    seen: list[str] = []\n    refusals = {"}
    path = begun(tmp_path, OUTLIVES | seen | {"        # WRITE": f"        {keeping}\n        # WRITE"})
    result = run("contract", "check", path, "--examples", "20")
    name = "Boxes.seen" if kept == "self.seen" else kept
    assert (result.exit_code, f"kept: playing it has changed {name}" in result.output) == (1, True), result.output
    assert "执行之后" in said(path, "--lang", "zh", "--examples", "20")


def test_what_another_interpreter_orders_otherwise_is_found(tmp_path: Path) -> None:
    path = begun(tmp_path, ORDERS)
    told = checked(path, "--examples", "20")
    assert not told["sound"]
    found = told["counterexample"]
    assert (found["property"], [step["operation"] for step in found["steps"]]) == ("interpreters", ["issue"])
    one, other = (json.loads(receipt) for receipt in found["came"].split(" ≠ "))
    assert one["events"][0]["data"]["first"] != other["events"][0]["data"]["first"]
    again = check(locate(str(path)), examples=20)
    assert next(report_lines(again, "en", 0)).startswith("In another interpreter")
    assert next(report_lines(again, "zh", 0)).startswith("在另一个解释器中")


NOTING = """SEEN: list[str] = []


def note(rows: list[str], number: str) -> None:
    rows.append(number)


def mark(function: Callable[..., None]) -> None:
    function.marked = True


"""
ORDERING = """def names(table: dict[str, int]) -> object:
    return table.keys()


def first_of(*words: str) -> str:
    return next(iter(names(dict.fromkeys([*words, "c", "d"], 1)) - names({})))


"""
OUTLIVES = {
    "class Boxes(Contract):": f"{NOTING}class Boxes(Contract):",
    "from ledger": "from collections.abc import Callable\n\nfrom ledger",
}
ORDERS = {
    "class Boxes(Contract):": f"{ORDERING}class Boxes(Contract):",
    'context.emit("issued", number': 'context.emit("issued", first=first_of(number, to), number',
}
KNOWN = '        context.require(context.member(to) is not None, "not-a-member", member=to)\n'
ADVICE = {
    "unused-refusal": (
        '"not-holder": Refusal(',
        '"never": Refusal(en="Never.", zh="绝不。"),\n        "not-holder": Refusal(',
        "never",
    ),
    "open-operation": ('AnyOf(Role("member"))', "Anyone()", "issue"),
    "member-for-name": ("holder=thing.holder)", "holder=context.signers[0])", "context.signers[0]"),
    "unknown-member": (KNOWN, "", "issue(to)"),
    "no-operation": ("    @operation(signed_by=Anyone())\n", "", "transfer"),
    "no-collection": ("class Boxes", 'class Lost(Record):\n    """Lost."""\n\n\nclass Boxes', "Lost"),
    "write-only": ("        # WRITE", "        self.seen[number] = Thing(holder=to)\n        # WRITE", "seen"),
    "sealed-for-nobody": ("    holder: MemberId\n", "    holder: MemberId\n    goods: Sealed[str] | None = None\n", "Thing"),
}


@pytest.mark.parametrize("kind", sorted(ADVICE))
def test_what_is_seldom_meant_is_pointed_at(tmp_path: Path, kind: str) -> None:
    old, new, subject = ADVICE[kind]
    seen = {"things = Collection(Thing)\n": "things = Collection(Thing)\n    seen = Collection(Thing)\n"}
    path = begun(tmp_path, {old: new} | seen | {"Record, Refusal": "Record, Refusal, Sealed"})
    rows = checked(path, "--examples", "0")["advice"]
    assert (kind, True) in [(row["kind"], subject in row["words"]) for row in rows]
    assert subject in said(path, "--lang", "zh", "--examples", "0")


def test_a_file_beside_it_that_is_called_like_a_module_of_python_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token.py").write_text("raise ImportError", encoding="utf-8")
    path = begun(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert checked(path, "--examples", "5")["sound"]


MISTAKES = {
    "a signer as a key": (
        "        # WRITE\n        self.things[number] = Thing",
        "        self.things[context.signers[0]] = Thing",
    ),
    "a signer in a record": ("Thing(holder=to)", "Thing(holder=context.signers[0])"),
    "a signer who is asked for": ("context.signed_by(thing.holder)", "context.signed_by(context.signers[0])"),
    "a signer who is looked up": ("context.member(to)", "context.member(context.signers[0])"),
}


@pytest.mark.usefixtures("unshrunk")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_member_where_its_name_belongs_is_told_with_what_to_write(tmp_path: Path, mistake: str) -> None:
    old, new = MISTAKES[mistake]
    words = said(begun(tmp_path, {old: new}), "--examples", "40")
    assert "got a Member; write .member behind it" in words
    assert "what to do: Write the name in its place" in words
    assert "context.signers[0] is a whole Member" in words
    assert "context.signers[0].member" in words


# a breakpoint


def test_a_breakpoint_is_no_thing_for_nodes(tmp_path: Path) -> None:
    assert "breakpoint" in FORBIDDEN_NAMES
    path = begun(tmp_path, BREAKPOINT)
    assert "would stop a node" in said(path)
    with pytest.raises(OperatorError, match="`breakpoint` is not for contracts: it would stop a node"):
        place(locate(f"{path}:Boxes"), tmp_path / "network")


def debugged(tmp_path: Path, command: list[str]) -> str:
    """What a debugger shows that is driven through a pipe: where it stands, an argument, and its end."""
    done = subprocess.run(
        command, input=b"p number\nwhere\nquit\n", cwd=tmp_path, capture_output=True, timeout=SECONDS_MAX, check=False
    )
    return (done.stdout + done.stderr).decode()


def test_a_breakpoint_stops_in_a_check_that_is_debugged(tmp_path: Path) -> None:
    path = begun(tmp_path, BREAKPOINT)
    shown = debugged(tmp_path, [*PROGRAM, "contract", "check", path.name, "--debug"])
    assert "no node loads this contract" in shown
    assert "boxes.py(37)transfer()" in shown
    assert "(Pdb) '" in shown
    assert "stopped" in shown


def test_a_breakpoint_stops_in_pytest(tmp_path: Path) -> None:
    begun(tmp_path, BREAKPOINT)
    shown = debugged(tmp_path, [sys.executable, "-m", "pytest", "-q", "-k", "holder", "test_boxes.py"])
    assert "boxes.py(37)transfer()" in shown
    assert "(Pdb) 'A-1'" in shown


class Debugger(bdb.Bdb):
    """An editor's debugger: stops at a line in every thread, and lets go on."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, int, str]] = []

    def user_line(self, frame: FrameType) -> None:
        """It stands at a line."""
        if self.break_here(frame):
            self.seen.append((Path(frame.f_code.co_filename).name, frame.f_lineno, frame.f_locals["number"]))
        self.set_continue()


def test_an_editors_breakpoint_stops_inside_a_node(lab: InProcessNetwork, tmp_path: Path) -> None:
    """As with a debugger that starts `nodes.network.in_process DIRECTORY`; the nodes then go on."""
    installed = install(lab.directory, begun(tmp_path))
    copy = lab.directory.resolve() / "contracts" / f"{installed['module'].partition(':')[0]}.py"
    debugger = Debugger()
    assert debugger.set_break(str(copy), 29) is None
    loop_thread = next(thread for thread in threading.enumerate() if thread.name == "nodes")
    assert loop_thread.is_alive()
    debugger.reset()
    lab._loop.call_soon_threadsafe(sys.settrace, debugger.trace_dispatch)  # type: ignore[union-attr]  # a debugger's own way in
    try:
        assert submit(lab, "boxes", "issue", "B-1")["status"] == "committed"
    finally:
        lab._loop.call_soon_threadsafe(sys.settrace, None)  # type: ignore[union-attr]
    assert debugger.seen
    assert set(debugger.seen) == {(copy.name, 29, "B-1")}
    assert submit(lab, "boxes", "issue", "B-2")["status"] == "committed"


# install


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[InProcessNetwork]:
    with running_network(tmp_path / "network", 4) as network, LabControl(network):
        yield network


@pytest.fixture
def small_lab(tmp_path: Path) -> Iterator[InProcessNetwork]:
    """Of one node: enough to be refused by."""
    with running_network(tmp_path / "network") as network, LabControl(network):
        yield network


def install(directory: Path, contract: Path, *more: str) -> Any:
    """The steps of an installation, and what it brought."""
    return answer("contract", "install", contract, "--dir", directory, *more, "--json")


def fails_to_install(exit_code: int, words: str, directory: Path, contract: Path, *more: str) -> None:
    fails(exit_code, words, "contract", "install", contract, "--dir", directory, *more)


def submit(network: LocalNetwork, contract: str, operation: str, number: str) -> Any:
    arguments = json.dumps({"number": number, "to": "north.member1"})
    result = run("submit", contract, operation, arguments, "--as", "north.member1", "--dir", network.directory, "--json")
    return json.loads(result.stdout) if result.exit_code in (0, 1) and result.stdout else result.output


def kinds(told: Any) -> list[str]:
    return [step["step"] for step in told["steps"]]


def test_a_contract_is_installed_on_a_running_network_and_used(lab: InProcessNetwork, tmp_path: Path) -> None:
    path = begun(tmp_path)
    told = install(lab.directory, path)
    assert kinds(told) == ["node-restarted"] * 4 + ["proposed"] + ["approved"] * 2 + ["reported"] * 4 + ["acts"]
    outcome = submit(lab, "boxes", "issue", "B-1")
    assert (outcome["status"], outcome["events"][0]["data"]) == ("committed", {"holder": "north.member1", "number": "B-1"})
    assert submit(lab, "boxes", "issue", "B-1")["code"] == "already-issued"
    for member in lab.members:
        with lab.client(node=member) as client:
            described = client.get("/v1/contracts/boxes")
            assert (described["is_installed"], described["digest"]) == (True, told["digest"])
            assert [operation["name"] for operation in described["operations"]] == ["issue", "transfer"]
    again = install(lab.directory, path)
    assert kinds(again) == ["node-has-it"] * 4 + ["acts"]


def test_a_second_version_takes_the_place_of_the_first(lab: InProcessNetwork, tmp_path: Path) -> None:
    path = begun(tmp_path)
    first = install(lab.directory, path)
    submit(lab, "boxes", "issue", "B-1")
    changed(path, "number=number, holder=to)\n\n", "number=number, holder=to, by=context.signers[0].member)\n\n")
    second = install(lab.directory, path)
    assert first["digest"] != second["digest"]
    assert submit(lab, "boxes", "issue", "B-2")["events"][0]["data"]["by"] == "north.member1"
    assert submit(lab, "boxes", "issue", "B-1")["code"] == "already-issued"
    lab.restart("north.validator")
    assert submit(lab, "boxes", "issue", "B-3")["status"] == "committed"
    changed(path, ", by=context.signers[0].member)", ")")
    third = install(lab.directory, path)
    assert third["digest"] == first["digest"]
    proposed = next(step["more"] for step in third["steps"] if step["step"] == "proposed")
    assert proposed.partition(",")[0].endswith("-2"), "the first proposal's number is taken"


def test_a_group_divides_the_roles_and_a_node_without_it_does_not_vote(lab: InProcessNetwork, tmp_path: Path) -> None:
    path = begun(tmp_path)
    proposed = install(lab.directory, path, "--propose-only")
    assert kinds(proposed) == ["proposed", "wait-approval"]
    number = proposed["steps"][1]["who"]
    early = install(lab.directory, path, "--only-node", "north.validator")
    assert kinds(early) == ["node-restarted", "not-approved"]
    approved = {"east", "north", "south", "west"} - {proposed["steps"][0]["who"].partition(".")[0]}
    for organization in sorted(approved)[:2]:
        answer("governance", "approve", number, "--as", f"{organization}.admin", "--dir", lab.directory, "--json")
    names = ("north.validator", "south.validator", "west.validator")
    words = [install(lab.directory, path, "--only-node", name) for name in names]
    assert [kinds(told)[-1] for told in words] == ["wait-reports", "wait-reports", "does-not-vote"]
    assert words[2]["steps"][-1]["who"] == "east.validator"
    assert submit(lab, "boxes", "issue", "B-1")["status"] == "committed"
    with lab.client(node="east.validator") as client:
        diverged = wait_until(lambda: client.get("/v1/consensus")["diverged"], "it has seen the block that it cannot judge")
        assert diverged["code"] == "contract-not-installed"
    last = install(lab.directory, path, "--only-node", "east.validator")
    assert kinds(last) == ["node-restarted", "reported", "acts"]
    assert submit(lab, "boxes", "issue", "B-2")["status"] == "committed"


def test_an_installation_approves_no_other_proposal_that_bears_its_number(lab: InProcessNetwork, tmp_path: Path) -> None:
    path, elsewhere = begun(tmp_path), tmp_path / "elsewhere"
    make_network(elsewhere)
    number = f"boxes-{install(elsewhere, path)['digest'][:8]}"
    other = json.dumps({"kind": "set-parameter", "name": "delay_ms", "value": 777})
    answer("governance", "propose", number, other, "--as", "south.admin", "--dir", lab.directory, "--json")
    told = install(lab.directory, path)
    proposed = next(step["more"] for step in told["steps"] if step["step"] == "proposed")
    assert (kinds(told)[-1], proposed.partition(",")[0]) == ("acts", f"{number}-2")
    with lab.client() as client:
        left = client.read(Governance.proposals, number)
        assert left is not None
        assert (left.status, left.approvals) == ("open", ("south",))


def test_a_contract_with_a_fault_is_not_installed(lab: InProcessNetwork, tmp_path: Path) -> None:
    path = begun(tmp_path, BREAKPOINT)
    result = run("contract", "install", path, "--dir", lab.directory)
    assert (result.exit_code, "would stop a node" in result.stdout) == (1, True)
    assert not (lab.directory / "contracts").exists()


def test_nodes_that_stand_still_are_told_and_have_it_when_they_start(tmp_path: Path) -> None:
    directory, path = tmp_path / "network", begun(tmp_path)
    make_network(directory)
    assert kinds(install(directory, path)) == ["node-written", "stands-still"]
    with InProcessNetwork(directory) as network:
        told = install(directory, path)
        assert kinds(told) == ["node-has-it", "proposed", "reported", "acts"]
        assert submit(network, "boxes", "issue", "B-1")["status"] == "committed"


def test_without_a_control_the_nodes_are_to_be_started_again(tmp_path: Path) -> None:
    directory, path = tmp_path / "network", begun(tmp_path)
    with running_network(directory, is_lab=False):
        fails_to_install(2, "restart-needed", directory, path)
    with InProcessNetwork(directory):
        assert kinds(install(directory, path))[-1] == "acts"


def test_a_node_that_is_not_there_is_named(small_lab: InProcessNetwork, tmp_path: Path) -> None:
    fails_to_install(2, "north.nobody is no node", small_lab.directory, begun(tmp_path), "--only-node", "north.nobody")


def test_without_a_running_node_nobody_can_vote(small_lab: InProcessNetwork, tmp_path: Path) -> None:
    small_lab.halt(small_lab.members[0])
    fails_to_install(2, "No node of this lab runs", small_lab.directory, begun(tmp_path))


def test_without_an_admins_key_nobody_proposes(small_lab: InProcessNetwork, tmp_path: Path) -> None:
    (small_lab.directory / "keys" / "north.admin.key").unlink()
    fails_to_install(2, "holds no admin's key", small_lab.directory, begun(tmp_path))


def test_what_the_ledger_refuses_ends_the_installation(small_lab: InProcessNetwork) -> None:
    placed = LoadedContract(Governance, "boxes:Boxes", Digest("aa" * 32))
    with pytest.raises(OperatorError, match="is a contract of the system"):
        list(Installation(small_lab.directory, placed, is_proposed_only=True).steps())


READER = '''"""Praise of assets."""

from ledger.contract import Absent, Anyone, Collection, Context, Contract, Identifier, MemberId, Record, RecordView
from ledger.contract import Refusal, operation


class HoldingView(RecordView):
    """Who holds an asset."""

    holder: MemberId


class Praise(Record):
    """Who was praised."""

    holder: MemberId


class Praises(Contract):
    """Praises whoever holds an asset."""

    name = "praises"
    reads = {"asset.assets": HoldingView}
    praises = Collection(Praise)
    refusals = {"nothing": Refusal(en="No asset {number}: {why}.", zh="没有资产 {number}：{why}。")}

    @operation(signed_by=Anyone())
    def issue(self, context: Context, number: Identifier, to: MemberId) -> None:
        """Praises."""
        held = context.read(HoldingView, number)
        if isinstance(held, Absent):
            context.refuse("nothing", number=number, why=held)
        self.praises[number] = Praise(holder=held.holder)
'''


def test_a_contract_that_reads_is_installed_once_the_other_states_its_fields(small_lab: InProcessNetwork, tmp_path: Path) -> None:
    path = tmp_path / "praises.py"
    path.write_text(READER, encoding="utf-8")
    fails_to_install(2, "not-shown", small_lab.directory, path)
    for contract in (Path("nodes.sample_contract:Asset"), path):
        assert kinds(install(small_lab.directory, contract))[-1] == "acts"
    refused = submit(small_lab, "praises", "issue", "A-1")
    assert (refused["code"], refused["details"]["why"]) == ("nothing", "no-record")
    submit(small_lab, "asset", "issue", "A-1")
    assert submit(small_lab, "praises", "issue", "A-1")["status"] == "committed"


def test_a_copy_that_was_changed_by_hand_is_not_written_over(tmp_path: Path) -> None:
    found = locate(f"{begun(tmp_path)}:Boxes")
    place(found, tmp_path)
    copy = next((tmp_path / "contracts").iterdir())
    copy.write_text("changed")
    with pytest.raises(OperatorError, match="was changed by hand"):
        place(found, tmp_path)


def test_a_package_is_copied_with_what_it_imports_of_itself(tmp_path: Path) -> None:
    package = tmp_path / "goods"
    begun(package)
    (package / "__init__.py").write_text('"""Goods."""\n')
    (package / "limits.py").write_text('"""Limits."""\n\nMOST = 3\n')
    (package / "unused.py").write_text('"""Unused."""\n')
    changed(package / "boxes.py", "\n\n\nclass Thing", "\nfrom goods.limits import MOST\n\n\nclass Thing")
    changed(
        package / "boxes.py",
        '"""Makes a new thing."""',
        '"""Makes a new thing."""\n        context.require(len(number) <= MOST, "not-holder", holder=to)',
    )
    placed = place(locate(f"{package / 'boxes.py'}:Boxes"), tmp_path / "network")
    top = placed.module.partition(".")[0]
    assert placed.module == f"{top}.boxes:Boxes"
    assert sorted(path.name for path in (tmp_path / "network" / "contracts" / top).iterdir()) == [
        "__init__.py",
        "boxes.py",
        "limits.py",
    ]
    assert f"from {top}.limits import MOST" in (tmp_path / "network" / "contracts" / top / "boxes.py").read_text(encoding="utf-8")


def test_an_installed_module_is_named_and_not_copied(tmp_path: Path) -> None:
    placed = place(locate("nodes.sample_contract:Asset"), tmp_path)
    assert (placed.contract.name, placed.module, list(tmp_path.iterdir())) == ("asset", "nodes.sample_contract:Asset", [])


@pytest.mark.skipif(os.name == "nt", reason="no signal ends a network in the background there")
def test_it_goes_on_a_network_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.commands.authoring.EXAMPLES", 5)
    directory, path = tmp_path / "network", begun(tmp_path)
    with running_processes(directory, 4) as network, LabControl(network):
        before = {member: network.process_id(member) for member in network.members}
        told = install(directory, path)
        assert kinds(told)[-1] == "acts"
        assert submit(network, "boxes", "issue", "B-1")["status"] == "committed"
        assert before != {member: network.process_id(member) for member in network.members}
        with network.client() as client:
            version = client.read(Governance.versions, "boxes")
            assert version is not None
            assert len(version.installed_by) == 4
        files = [read_file(directory / node.directory / NODE_FILE, NodeFile) for node in read_network(directory).nodes]
        assert {file.contracts for file in files} == {(told["module"],)}
