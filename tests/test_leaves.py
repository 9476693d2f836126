"""A leaf can be removed: without its files, whatever does not name it imports, and the core's tests pass.

A leaf is what a reader of the core need not know. Only composition roots, which join the parts of a program, name one, and
leaves that stand on it.
"""

import ast
import gc
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.project import PACKAGES, ROOT, matches, modules
from tests.project import imports as direct_imports

LEAVES: dict[str, tuple[str, ...]] = {
    "lab": ("nodes/lab",),
    "page": ("nodes/page", "nodes/app/pages.py"),
    "picture": ("nodes/picture",),
    "bench": ("nodes/bench",),
    "traitors": ("nodes/traitors",),
    "simulator": ("nodes/simulator", "scenarios/story/simulated_stage.py"),
    "analysis": ("nodes/analysis",),
    "cluster": ("nodes/cluster",),
    "documents": ("nodes/documents", "nodes/app/documents.py"),
    "TLS": ("ledger/identity/tls.py", "nodes/links/node_tls.py"),
    "copies": ("ledger/snapshot", "nodes/node/copies.py", "nodes/node/copy_archive.py", "nodes/network/lab_snapshot.py"),
    "rules of a contract's source": ("ledger/contract/source_rules",),
    "contract author": (
        "nodes/contract_author",
        "ledger/contract/test_kit.py",
        "ledger/contract/schema_values.py",
    ),
    "plan": ("nodes/plan",),
    "shipping": ("scenarios/shipping",),
    "supply-chain finance": ("scenarios/supply_chain_finance",),
    "energy": ("scenarios/energy",),
    "government": ("scenarios/government",),
    "workshop": ("scenarios/workshop", "scenarios/running"),
    "economy": ("scenarios/economy",),
    "corridor": ("scenarios/corridor",),
    "other ledgers": ("nodes/foreign", "ledger/contract/foreign.py"),
}
"""The folders and files of each."""

COMPOSITION_ROOTS = (
    "nodes.node.process", "nodes.network.runner", "nodes.network.in_process", "nodes.commands.*",
    "scenarios.command_line", "scenarios.commands", "scenarios.catalogue", "scenarios.demo", "scenarios.sample",
)  # fmt: skip
"""The processes of a node and of a network, the network in one process, the commands, the list of trades, the demos."""

STILL_NAMED: dict[str, tuple[str, ...]] = {
    "picture": ("scenarios.report.consensus", "scenarios.report.page"),  # a report draws by the picture's own modules
    "TLS": ("nodes.network.directory",),
    "rules of a contract's source": ("nodes.network.specification", "nodes.node.node_directory"),
}
"""What is neither and names a leaf all the same. The aim is none."""

CORE_TESTS = (
    "tests/test_ledger_chain.py", "tests/test_ledger_execution.py", "tests/test_ledger_certificate.py",
    "tests/test_ledger_governance.py", "tests/test_nodes_mempool.py", "tests/test_nodes_consensus_rules.py",
)  # fmt: skip


@cache
def imports() -> dict[str, set[str]]:
    """What each module imports of the project, the package around it among that."""
    named = direct_imports()
    return {module: targets | ({module.rpartition(".")[0]} & named.keys()) for module, targets in named.items()}


@cache
def modules_of(leaf: str) -> set[str]:
    """A leaf's modules; none if it has no Python."""
    names = [path.removesuffix(".py").replace("/", ".") for path in LEAVES[leaf]]
    return {module for module in imports() if any(matches(module, f"{name}.*") for name in names)}


def without(*leaves: str) -> set[str]:
    """The modules that import no module of these leaves, directly or not."""
    gone = set().union(*map(modules_of, leaves))
    while more := {module for module, targets in imports().items() if targets & gone} - gone:
        gone |= more
    return imports().keys() - gone


class Copy:
    """A copy of the project, and a process in it that forks for each run.

    Before it forks it has loaded the libraries, and while all leaves were missing, what imports none of them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._aside = folder / "project", folder / "aside"
        for name in (*PACKAGES, "tests"):
            shutil.copytree(ROOT / name, self._folder / name, copy_function=os.link)
        shutil.copy(ROOT / "pyproject.toml", self._folder)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        chosen = {"PYTHONPATH": str(self._folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        with self.missing(*LEAVES):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.test_leaves"],
                cwd=self._folder, env=inherited | chosen, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            self.run(modules=(*libraries(), *sorted(without(*LEAVES))))

    @contextmanager
    def missing(self, *leaves: str) -> Iterator[None]:
        """Lays the files of these leaves aside."""
        places = {self._folder / name: self._aside / name for leaf in leaves for name in LEAVES[leaf]}
        for place, aside in places.items():
            aside.parent.mkdir(parents=True, exist_ok=True)
            place.rename(aside)
        yield
        for place, aside in places.items():
            aside.rename(place)

    def run(self, modules: Sequence[str] = (), tests: Sequence[str] = ()) -> None:
        """Imports these modules and runs these tests; fails with the output."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([modules, tests]) + "\n")
        self._process.stdin.flush()
        code, output = json.loads(self._process.stdout.readline())
        assert code == 0, output

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """One copy for all leaves."""
    with closing(Copy(tmp_path_factory.mktemp("leaves"))) as copy:
        yield copy


def test_only_composition_roots_and_leaves_name_a_leaf() -> None:
    in_leaves = set().union(*map(modules_of, LEAVES))
    others = [m for m in imports().keys() - in_leaves if not any(matches(m, root) for root in COMPOSITION_ROOTS)]
    named = {leaf: tuple(sorted(m for m in others if imports()[m] & modules_of(leaf))) for leaf in LEAVES}
    assert {leaf: modules for leaf, modules in named.items() if modules} == STILL_NAMED


def test_the_core_is_no_leaf_and_works_without_them(project: Copy) -> None:
    with project.missing(*(leaf for leaf in LEAVES if leaf not in STILL_NAMED)):
        project.run(tests=CORE_TESTS)


@pytest.mark.parametrize("leaf", LEAVES)
def test_without_a_leaf_everything_imports_that_does_not_name_it(leaf: str, project: Copy) -> None:
    with project.missing(leaf):
        project.run(modules=sorted(without(leaf)))


def libraries() -> list[str]:
    """What the project imports of others."""
    named = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                named.add(node.module)
    return sorted(name for name in named if name.partition(".")[0] not in {*PACKAGES, *sys.stdlib_module_names})


def main() -> None:
    """Answers each line, modules and tests, with a code, 0 if all went well, and the output. The first is done without a fork."""
    first, _ = json.loads(sys.stdin.readline())
    gc.disable()  # a child lives for its imports only, which leave next to no garbage and whose search takes a third of the time
    for module in first:
        importlib.import_module(module)
    print(json.dumps([0, ""]), flush=True)
    for line in sys.stdin:
        modules, tests = json.loads(line)
        with tempfile.TemporaryFile() as output:
            child = os.fork()
            if child == 0:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                for module in modules:
                    importlib.import_module(module)
                code = pytest.main(["-p", "no:cacheprovider", "-p", "pytest_timeout", *tests]) if tests else 0
                sys.stdout.flush()
                os._exit(code)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            output.seek(0)
            print(json.dumps([code, output.read().decode(errors="replace")]), flush=True)


if __name__ == "__main__":
    main()
