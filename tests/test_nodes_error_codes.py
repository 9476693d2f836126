"""Every code that the source raises stands in the registry with both languages, and nothing else does."""

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from ledger.contract import refusal
from nodes.http.answers import FILE, LANGUAGES, error_codes, meanings
from tests.project import PACKAGES, ROOT

COMPUTED: dict[tuple[str, str], tuple[str, ...]] = {
    ("ledger/proof_paths.py", "code"): ("wrong-consistency", "wrong-history"),
    ("ledger/transaction.py", "f'bad-{field}'"): ("bad-contract", "bad-operation"),
    ("nodes/http/answers.py", "code"): (
        "bad-document", "bad-faults", "bad-join", "http-error", "method-not-allowed", "no-such-path",
    ),
    ("nodes/storage/sqlite.py", "code"): ("database-damaged", "database-in-use", "disk-full", "storage-failed"),
    ("scenarios/government/presentation_checks.py", "code"): (
        "binding-audience", "binding-hash", "binding-incomplete", "binding-malformed", "binding-missing", "binding-nonce",
        "binding-time", "binding-type", "claim-twice", "credential-expired", "credential-not-begun", "digest-twice",
        "disclosure-not-referenced", "licence-not-valid", "other-fields", "other-key", "other-licence", "reserved-name",
        "wrong-algorithm", "wrong-disclosure",
    ),
    ("ledger/certificate.py", "_NUMBERS"): ("bad-number",),
    ("ledger/certificate.py", "_SIGNATURES"): ("bad-signature",),
    ("ledger/verify/verdict.py", "self.code"): ("broken-export", "broken-file"),
    ("nodes/key_files.py", "code"): ("missing-file", "missing-key"),
}  # fmt: skip
"""Codes that are no literal where the error is made: by file and expression."""
PASSED_ON = {
    ("ledger/certificate.py", "CERTIFICATE"),
    ("ledger/codec.py", "self.code"),
    ("nodes/links/batches.py", "CERTIFICATE"),
    ("nodes/links/batches.py", "STATEMENT"),
    ("ledger/codec.py", "self._code_of(first['loc'], first['type'])"),
    ("ledger/disclosure.py", "OPENINGS"),
    ("ledger/contract/contract.py", "code"),
    ("nodes/http/answers.py", "error.code"),
    ("nodes/app/state_routes.py", "error.code"),
    ("nodes/client/asynchronous.py", "error.code"),
    ("nodes/client/outcome.py", "code"),
    ("nodes/client/outcome.py", "outcome.code"),
    ("nodes/lab/jobs.py", "job.code"),
    ("nodes/lab/remote.py", "job['code']"),
    ("nodes/network/local.py", "answer['error']"),
}
"""Places that pass on what another raised."""
FIXED = ("DivergedError", "InputFaults")
"""Classes that give themselves their code."""


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_bytes())


def _tree(sources: list[tuple[str, ast.Module]]) -> set[str]:
    """Names of all classes below TallystickError."""
    classes = [node for _, module in sources for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    names = {"TallystickError"}
    while more := {c.name for c in classes if names & {ast.unparse(base) for base in c.bases}} - names:
        names |= more
    return names


def _codes(module: ast.Module, tree: set[str]) -> Iterator[ast.expr]:
    for node in ast.walk(module):
        match node:
            case ast.Call(ast.Name(name), [code, *_]) if name in tree and name not in FIXED:
                yield code
            case ast.Call(ast.Name("problem_json"), [_, code, *_]):
                yield code
            case ast.Call(ast.Name("Codec"), [_, code, *_], keywords):
                yield from (code, *(keyword.value for keyword in keywords))
            case ast.ClassDef(name) if name in tree:
                for call in ast.walk(node):  # a class that fixes its own code gives it to its base
                    match call:
                        case ast.Call(ast.Attribute(ast.Call(ast.Name("super")), "__init__"), [ast.Constant() as code, *_]):
                            yield code


@cache
def raised() -> list[tuple[str, ast.expr]]:
    """Every place where an error of the tree, or a problem, gets its code: the file, and the expression that gives it."""
    sources = list(_sources())
    tree = _tree(sources)
    return [(path, code) for path, module in sources for code in _codes(module, tree)]


def test_codes_that_are_no_literals_are_listed() -> None:
    expressions = {(path, ast.unparse(code)) for path, code in raised() if not isinstance(code, ast.Constant)}
    assert expressions - COMPUTED.keys() - PASSED_ON == set(), "name in COMPUTED which codes these can be"
    assert (COMPUTED.keys() | PASSED_ON) - expressions == set(), "these are gone from the source"


def test_the_registry_holds_every_code_and_no_other() -> None:
    literal = {code.value: path for path, code in raised() if isinstance(code, ast.Constant)}
    known = {*literal, *refusal.COMMON_CODES, *(code for codes in COMPUTED.values() for code in codes)}
    missing = {code: literal.get(code, "") for code in known - meanings().keys()}
    assert missing == {}, f"give each a line in {FILE.relative_to(ROOT)}"
    assert meanings().keys() - known == set(), "nothing raises these"


def test_a_code_has_one_line() -> None:
    codes = [code for group in error_codes().values() for code in group]
    assert sorted(codes) == sorted(meanings())


@pytest.mark.parametrize("code", sorted(meanings()))
def test_a_meaning_is_told_in_both_languages(code: str) -> None:
    assert refusal.CODE.fullmatch(code)
    words = meanings()[code]
    assert tuple(words) == LANGUAGES
    assert words["en"].endswith(".")
    assert words["zh"].endswith("。")
    assert any("一" <= letter <= "鿿" for letter in words["zh"])


def test_what_is_raised_is_found() -> None:
    source = """
class DivergedError(InputError):
    def __init__(self, code):
        super().__init__("odd", "Odd.")

def f(code):
    raise MalformedError("bad-thing", "No.")
    problem_json(404, "not-there", "", {})
    raise DivergedError(code)
    raise ValueError("no-code")
"""
    module = ast.parse(source)
    tree = _tree([("ledger/errors.py", ast.parse((ROOT / "ledger/errors.py").read_bytes())), ("odd.py", module)])
    assert [ast.unparse(code) for code in _codes(module, tree)] == ["'odd'", "'bad-thing'", "'not-there'"]
