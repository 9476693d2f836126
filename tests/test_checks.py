"""Every check is alive: each is disabled in turn in a copy of the real code, and the test named beside it must fail.

A check is an `if` whose line ends with the comment `# check: NAME`, a call that refuses by raising, marked in the same
way, or a `context.require(…)` of a contract, which needs no comment: it goes by its file, operation and code, as in
`sample_contract.transfer.not-holder`. `tests/checks.toml` names for each the test that notices its absence. The condition
of the `if` is still evaluated but no longer obeyed; a call is not made. One alone: `pytest tests/test_checks.py -k NAME`.
"""

import ast
import io
import os
import re
import tokenize
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import pytest

from tests.forked import ForkingRunner
from tests.project import PACKAGES, ROOT, copy_project

MARKER = re.compile(r"# check: ([a-z0-9]+(?:-[a-z0-9]+)*)$")
TABLE: dict[str, str] = tomllib.loads((ROOT / "tests" / "checks.toml").read_text())["checks"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the copies are run in forked processes")


@dataclass(frozen=True)
class Check:
    """One marked place in a file."""

    name: str
    path: Path
    """Relative to the root of the project."""
    start: int
    end: int
    """What is replaced, in bytes from the start of the file."""
    is_call: bool

    def disabled(self, source: bytes) -> bytes:
        """The file without this check."""
        old = source[self.start : self.end]
        return source[: self.start] + (b"pass" if self.is_call else b"(" + old + b") and False") + source[self.end :]


def find_checks(root: Path) -> list[Check]:
    """Every check under the packages, in order of path and place; a marker beside no check is an error."""
    paths = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return [check for path in paths for check in _in_file(path.read_bytes(), path.relative_to(root))]


def is_noticed(check: Check, root: Path, runner: ForkingRunner, test: str) -> tuple[bool, str]:
    """Whether the test fails, as a test and not in its set-up, while the check is disabled under `root`; and its output."""
    path = root / check.path
    source, status = path.read_bytes(), path.stat()
    path.write_bytes(check.disabled(source))
    try:
        outcome = runner.run(test)
    finally:
        path.write_bytes(source)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    return outcome.code == 1 and re.search("^FAILED ", outcome.output, re.MULTILINE) is not None, outcome.output


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, in which checks are disabled one at a time."""
    folder = tmp_path_factory.mktemp("copy")
    copy_project(folder)
    return folder


@pytest.fixture(scope="module")
def checks(copy: Path) -> dict[str, Check]:
    """The checks of the copy by name."""
    return {check.name: check for check in find_checks(copy)}


@pytest.fixture(scope="module")
def runner(copy: Path) -> Iterator[ForkingRunner]:
    """Runs tests of the copy."""
    with closing(ForkingRunner(copy)) as started:
        yield started


def test_the_table_names_every_check_once() -> None:
    names = [check.name for check in find_checks(ROOT)]
    assert sorted(name for name in set(names) if names.count(name) > 1) == [], "one name, two checks"
    assert sorted(set(names) - TABLE.keys()) == [], "checks without a test in tests/checks.toml"
    assert sorted(TABLE.keys() - set(names)) == [], "rows of tests/checks.toml without a check"


def test_no_rule_goes_unmarked() -> None:
    found = []
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        source = path.read_bytes()
        marked = _markers(source).keys()
        rules = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.If) and _is_rule(node)]
        found += [f"{path.relative_to(ROOT)}:{rule.lineno}" for rule in rules if not marked & set(_lines_of_check(rule))]
    assert found == [], "each of these refuses by a rule: give it a marker and a test"


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_disabled_check_is_noticed(name: str, copy: Path, checks: dict[str, Check], runner: ForkingRunner) -> None:
    noticed, output = is_noticed(checks[name], copy, runner, TABLE[name])
    assert noticed, f"{checks[name].path}: without `{name}` the test {TABLE[name]} does not fail:\n{output}"


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
import pytest
from ledger.sample import pay


@pytest.mark.parametrize("amount", [-1, 11, 7, 3])
def test_refused(amount):
    with pytest.raises(ValueError):
        pay(amount, 10)


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
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of one file with four checks."""
    folder = tmp_path_factory.mktemp("sample")
    for package in (*PACKAGES, "tests"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    (folder / "ledger" / "sample.py").write_text(SAMPLE)
    (folder / "tests" / "test_sample.py").write_text(SAMPLE_TEST)
    return folder


@pytest.fixture(scope="module")
def sample_runner(sample: Path) -> Iterator[ForkingRunner]:
    """Runs tests of the sample."""
    with closing(ForkingRunner(sample)) as started:
        yield started


@pytest.mark.parametrize("name", ["sample-negative", "sample-limit", "sample-call", "sample.pay.sample-code"])
def test_disabling_is_noticed_by_a_test_that_looks(sample: Path, sample_runner: ForkingRunner, name: str) -> None:
    check = next(check for check in find_checks(sample) if check.name == name)
    assert is_noticed(check, sample, sample_runner, "tests/test_sample.py::test_refused")[0]


@pytest.mark.parametrize("test", ["test_blind", "test_broken", "test_absent"])
def test_a_blind_broken_or_absent_test_does_not_count(sample: Path, sample_runner: ForkingRunner, test: str) -> None:
    assert not is_noticed(find_checks(sample)[0], sample, sample_runner, f"tests/test_sample.py::{test}")[0]


def test_disabling_changes_one_place_and_nothing_else(sample: Path) -> None:
    source = SAMPLE.encode()
    negative, limit, call, required = (check.disabled(source).decode() for check in find_checks(sample))
    assert negative == SAMPLE.replace("amount < 0", "(amount < 0) and False")
    assert limit == SAMPLE.replace("amount > limit", "(amount > limit) and False")
    assert call == SAMPLE.replace("verify(amount)  #", "pass  #")
    assert required == SAMPLE.replace('context.require(amount != 3, "sample-code", amount=amount)', "pass")


@pytest.mark.parametrize("line", ["x = 1  # check: sample-nothing", "while x:  # check: sample-loop\n    x = 0"])
def test_a_marker_beside_no_check_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=r"odd\.py:2: no check beside this marker"):
        list(_in_file(f"x = 0\n{line}\n".encode(), Path("odd.py")))


def _in_file(source: bytes, path: Path) -> Iterator[Check]:
    statements = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    lines = {line: node for node in statements for line in _lines_of_check(node)}
    named: dict[ast.stmt, str] = {}
    for line, name in _markers(source).items():
        if line not in lines:
            raise ValueError(f"{path}:{line}: no check beside this marker")
        named[lines[line]] = name
    starts = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
    for node, name in sorted({**_requirements(statements, path), **named}.items(), key=lambda item: item[0].lineno):
        target = node.test if isinstance(node, ast.If) else node
        end = starts[(target.end_lineno or 0) - 1] + (target.end_col_offset or 0)
        yield Check(name, path, starts[target.lineno - 1] + target.col_offset, end, target is node)


def _markers(source: bytes) -> dict[int, str]:
    """Name of the check marked on a line."""
    if b"# check:" not in source:
        return {}
    comments = (token for token in tokenize.tokenize(io.BytesIO(source).readline) if token.type == tokenize.COMMENT)
    return {token.start[0]: found[1] for token in comments if (found := MARKER.search(token.string))}


def _requirements(statements: list[ast.stmt], path: Path) -> dict[ast.stmt, str]:
    """Each `context.require(…)` with its name; a second one of the same code in one function ends in `#2`."""
    named: dict[ast.stmt, str] = {}
    for function in statements:
        if isinstance(function, ast.FunctionDef):
            stem = ".".join((*path.with_suffix("").parts[1:], function.name.strip("_")))
            for statement in ast.walk(function):
                match statement:
                    case ast.Expr(ast.Call(ast.Attribute(attr="require"), [_, ast.Constant(str(code)), *_])):
                        name = f"{stem}.{code}"
                        earlier = sum(other == name or other.startswith(f"{name}#") for other in named.values())
                        named[statement] = f"{name}#{earlier + 1}" if earlier else name
    return named


def _lines_of_check(node: ast.stmt) -> range:
    """Lines on which a marker belongs to this node: the head of an `if`, or a call made for its refusal."""
    if isinstance(node, ast.If):
        return range(node.lineno, max(node.body[0].lineno, node.lineno + 1))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return range(0)


def _is_rule(node: ast.If) -> bool:
    """Whether the `if` refuses as a policy, a contract or a verifier does, and not for a shape or a setting."""
    match node.body[-1]:
        case ast.Raise(ast.Call(ast.Name("RefusedError" | "VerificationError"))):
            return True
        case ast.Expr(ast.Call(ast.Attribute(attr="refuse"))):
            return True
    return False
