"""Every check is alive: each is switched off in turn in the real code, and the test named beside it must fail.

`tests/checks.py` says what a check is and how one is switched off; `tests/checks.toml` names for each the test that notices
its absence, and for most rules of the trades it is the row of a rule table (`tests/trade_rules.py`). One alone:
`pytest tests/test_checks.py -k NAME`.
"""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.checks import checks_in, find_checks, lines_of_check, markers, sources, switched
from tests.forked import ForkingRunner
from tests.project import PACKAGES, ROOT
from tests.trade_rules import table_of_checks

TABLE = table_of_checks(tomllib.loads((ROOT / "tests" / "checks.toml").read_text())["checks"])
ROWS = sorted(TABLE, key=lambda name: (TABLE[name].partition("::")[0], name))
"""Those of one file of tests together: a process that runs them loads each file once."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="each check is tried in a forked process")


def is_noticed(name: str, runner: ForkingRunner, test: str) -> tuple[bool, str]:
    """Whether the test fails, as a test and not in its set-up, while the check is switched off; and its output."""
    outcome = runner.run(test, without=name)
    return outcome.code == 1 and re.search("^FAILED ", outcome.output, re.MULTILINE) is not None, outcome.output


@pytest.fixture(scope="module")
def runner() -> Iterator[ForkingRunner]:
    """Runs tests of the project."""
    with closing(ForkingRunner(ROOT)) as started:
        yield started


def test_the_table_names_every_check_once() -> None:
    names = [check.name for check in find_checks(ROOT)]
    assert sorted(name for name in set(names) if names.count(name) > 1) == [], "one name, two checks"
    assert sorted(set(names) - TABLE.keys()) == [], "checks without a test in tests/checks.toml"
    assert sorted(TABLE.keys() - set(names)) == [], "rows of tests/checks.toml without a check"


def test_no_rule_goes_unmarked() -> None:
    found = [f"{path.relative_to(ROOT)}:{line}" for path in sources(ROOT) for line in _unmarked_rules(path.read_bytes())]
    assert found == [], "each of these refuses by a rule: give it a marker and a test"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["if x:", "    raise VerificationError('a', 'b')"], [2]),
        (["if x:  # check: a", "    raise VerificationError('a', 'b')"], []),
        (["if x:  # check: a", "    pass", "else:", "    context.refuse('a')"], [4]),
        (["if x:", "    return", "context.refuse('a')"], [3]),
        (["context.refuse('a')  # check: a"], []),
        (["try:", "    f()", "except InputError as error:", "    context.refuse(error.code)"], []),
    ],
)
def test_a_rule_without_a_marker_is_found(lines: list[str], found: list[int]) -> None:
    assert _unmarked_rules("\n".join(lines).encode()) == found


@pytest.mark.parametrize("name", ROWS)
def test_a_disabled_check_is_noticed(name: str, runner: ForkingRunner) -> None:
    noticed, output = is_noticed(name, runner, TABLE[name])
    assert noticed, f"without `{name}` the test {TABLE[name]} does not fail:\n{output}"


@pytest.mark.parametrize("file", sorted({test.partition("::")[0] for test in TABLE.values()}))
def test_with_every_check_the_named_tests_pass(file: str, runner: ForkingRunner) -> None:
    outcome = runner.run(*sorted({test for test in TABLE.values() if test.startswith(f"{file}::")}))
    assert outcome.code == 0, outcome.output


SAMPLE = '''
def pay(amount, limit):
    """Größer? No."""
    if amount < 0:  # check: sample-negative
        raise ValueError("negative")
    elif (
        amount > limit
    ):  # check: sample-limit
        raise ValueError("limit")
    verify(amount)  # check: sample-call
    context.require(amount != 3, "sample-code", amount=amount)
    return amount


class context:
    @staticmethod
    def require(condition, code, **details):
        if not condition:
            raise ValueError(code)


def verify(amount):
    if amount == 7:
        raise ValueError("seven")
'''
SAMPLE_TEST = """
import subprocess
import sys

import pytest
from ledger.sample import pay


@pytest.mark.parametrize("amount", [-1, 11, 7, 3])
def test_refused(amount):
    with pytest.raises(ValueError):
        pay(amount, 10)


def test_refused_in_another_process():
    for amount in [-1, 11, 7, 3]:
        program = f"from ledger.sample import pay; pay({amount}, 10)"
        assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 1


def test_blind():
    assert pay(5, 10) == 5


@pytest.fixture
def broken():
    pay(5, 10)
    pytest.fail("in the set-up")


def test_broken(broken):
    pass
"""


@pytest.fixture(scope="module")
def sample_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkingRunner]:
    """Runs tests of a project of one file with four checks."""
    folder = tmp_path_factory.mktemp("sample")
    for package in PACKAGES:
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    (folder / "ledger" / "sample.py").write_text(SAMPLE)
    (folder / "test_sample.py").write_text(SAMPLE_TEST)
    (folder / "test_unreadable.py").write_text("(")
    with closing(ForkingRunner(folder)) as started:
        yield started


@pytest.mark.parametrize("test", ["test_refused", "test_refused_in_another_process"])
@pytest.mark.parametrize("name", ["sample-negative", "sample-limit", "sample-call", "sample.pay.sample-code"])
def test_a_check_switched_off_is_noticed_by_a_test_that_looks(sample_runner: ForkingRunner, name: str, test: str) -> None:
    assert sample_runner.run(f"test_sample.py::{test}").code == 0
    assert is_noticed(name, sample_runner, f"test_sample.py::{test}")[0]


@pytest.mark.parametrize(
    "test",
    ["sample.py::test_blind", "sample.py::test_broken", "sample.py::test_absent", "absent.py::test", "unreadable.py::test"],
)
def test_a_blind_broken_or_absent_test_does_not_count(sample_runner: ForkingRunner, test: str) -> None:
    assert not is_noticed("sample-negative", sample_runner, f"test_{test}")[0]


def test_a_check_that_is_not_there_is_missed_by_nobody(sample_runner: ForkingRunner) -> None:
    assert not is_noticed("sample-other", sample_runner, "test_sample.py::test_refused")[0]


def test_who_forks_ends_when_nobody_reads_its_answers(tmp_path: Path) -> None:
    (tmp_path / "test_sample.py").write_text("def test(): pass")
    with closing(ForkingRunner(tmp_path)) as left:
        assert left.process.stdin is not None
        assert left.process.stdout is not None
        left.process.stdout.close()
        left.process.stdin.write('["", "test_sample.py::test"]\n')
        left.process.stdin.flush()
        try:
            left.process.wait(30)
        finally:
            left.process.kill()


def test_each_check_is_switched_by_its_name_and_nothing_else_changes() -> None:
    source = SAMPLE
    for old, new in {
        "amount < 0": "amount < 0 and 'sample-negative' not in disabled_checks",
        "amount > limit\n": "amount > limit and 'sample-limit' not in disabled_checks\n",
        "    verify(amount)  #": "    'sample-call' not in disabled_checks and verify(amount)  #",
        "    context.require(": "    'sample.pay.sample-code' not in disabled_checks and context.require(",
    }.items():
        assert source.count(old) == 1
        source = source.replace(old, new)
    assert ast.unparse(switched(SAMPLE.encode(), Path("ledger/sample.py"))) == ast.unparse(ast.parse(source))


@pytest.mark.parametrize("line", ["x = 1  # check: sample-nothing", "while x:  # check: sample-loop\n    x = 0"])
def test_a_marker_beside_no_check_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=r"odd\.py:2: no check beside this marker"):
        checks_in(f"x = 0\n{line}\n".encode(), Path("odd.py"))


def _unmarked_rules(source: bytes) -> list[int]:
    """The lines that refuse as a policy, a contract or a verifier does, not for a shape or a setting, and have no marker.

    The marker stands beside the refusal or the `if` around it. An error that is passed on was marked where it was raised.
    """
    tree, marked = ast.parse(source), {*markers(source)}
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.If) and marked & {*lines_of_check(node)}]
    bodies += [node.body for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    covered = {id(part) for body in bodies for statement in body for part in ast.walk(statement)}
    rules = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and _refuses(node) and id(node) not in covered]
    return [rule.lineno for rule in rules if not marked & {*lines_of_check(rule)}]


def _refuses(statement: ast.stmt) -> bool:
    match statement:
        case ast.Raise(ast.Call(ast.Name("RefusedError" | "VerificationError"))):
            return True
        case ast.Expr(ast.Call(ast.Attribute(ast.Name("context"), "refuse"))):
            return True
    return False
