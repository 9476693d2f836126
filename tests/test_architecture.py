"""The rows of the design, held by a test: imports go strictly downward, and few named files touch the outside.

A file imports only files of lower rows. Inside one row two files may import each other's contents only if they
belong to one package, and never in a circle. Imports are absolute, stand at the top of the file, none under
TYPE_CHECKING; what is imported when it is used has an import string, `module:name`, which goes downward too.
Disk, clock, sockets, processes, threads and randomness are reached from the files named in `OUTSIDE` alone, and each
of them still needs what it is named for.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.project import PACKAGES, ROOT, core_files, import_strings_of, imports, imports_of, matches, modules

ROWS: tuple[tuple[str, ...], ...] = (
    ("ledger.errors", "ledger.primitives"),
    ("ledger.encoding",),
    ("ledger.codec", "ledger.merkle", "ledger.keys"),
    ("ledger.state.*",),
    ("ledger.identity.*",),
    ("ledger.certificate", "ledger.block"),
    ("ledger.transaction", "ledger.proof_paths"),
    ("ledger.genesis", "ledger.sealed"),
    ("ledger.disclosure",),
    ("ledger.verify.*",),
    ("ledger.contract.*",),
    ("ledger.membership",),
    ("ledger.governance",),
    ("ledger.execution",),
    ("ledger.chain.*",),
    ("ledger.audit.*",),
    ("ledger.snapshot.*",),
    ("nodes.words", "nodes.sample_contract", "nodes.foreign", "nodes.foreign.contract"),
    (
        "nodes.settings", "nodes.messages", "nodes.storage.*", "nodes.key_files", "nodes.http_client",
        "nodes.shutdown", "nodes.network.fork_server",
        "nodes.access.*", "nodes.network.specification", "nodes.picture.*", "nodes.event_lines",
        "nodes.http.addresses", "nodes.node", "nodes.network", "nodes.foreign.relayer",
    ),
    ("nodes.node.clock", "nodes.limits"),
    ("nodes.mempool", "nodes.node.files", "nodes.node.log",
     "nodes.node.copy_archive"),
    ("nodes.consensus.*",),
    ("nodes.replica.*",),
    ("nodes.links.*", "nodes.client.*"),
    ("nodes.traitors.*", "nodes.node.voting_mark", "nodes.foreign.relaying"),
    ("nodes.simulator.*",),
    ("nodes.node.node_directory", "nodes.node.lab_hooks", "nodes.node.watch"),
    ("nodes.node.node",),
    ("nodes.documents.*",),
    ("nodes.node.copies",),
    ("nodes.http.*",),
    ("nodes.app.*",),
    ("nodes.network.directory",),
    ("nodes.node.process", "nodes.network.local", "nodes.network.lab_snapshot"),
    ("nodes.lab.*",),
    ("nodes.network.runner",),
    ("nodes.network.in_process",),
    ("nodes.bench.*", "nodes.contract_author.*", "nodes.analysis.*", "nodes.plan.*", "nodes.cluster.*"),
    ("nodes.commands.*",),
    ("scenarios.*",),
)  # fmt: skip
"""Lowest row first. `a.b.*` is the package a.b with all that is in it; such a package is one family of its row."""

OUTSIDE: dict[str, tuple[str, ...]] = {
    "ledger.audit.standalone": ("disk",),
    "ledger.contract.source_rules.importing": ("disk",),
    "ledger.contract.source_rules.loader": ("disk",),
    "ledger.contract.source_rules.source": ("disk",),
    "ledger.contract.words": ("disk",),
    "nodes.analysis.follow": ("clock", "threads"),
    "nodes.analysis.table_audit": ("disk",),
    "nodes.analysis.table_export": ("disk",),
    "nodes.analysis.table_files": ("disk",),
    "nodes.app.application": ("clock", "event loop", "randomness"),
    "nodes.app.blocks": ("event loop",),
    "nodes.app.counts": ("event loop",),
    "nodes.app.docs": ("disk",),
    "nodes.app.state_routes": ("event loop",),
    "nodes.app.streams": ("event loop",),
    "nodes.app.transaction_query": ("event loop",),
    "nodes.app.transactions": ("event loop",),
    "nodes.bench.amounts": ("disk",),
    "nodes.bench.benchmark": ("disk",),
    "nodes.bench.crowd": ("clock", "disk", "event loop"),
    "nodes.bench.far": ("clock", "disk", "event loop", "process"),
    "nodes.bench.long_chain": ("clock", "disk", "threads"),
    "nodes.bench.measured_network": ("clock", "disk", "event loop", "randomness"),
    "nodes.bench.speed": ("clock", "disk", "process"),
    "nodes.bench.yardstick": ("clock",),
    "nodes.cluster.results": ("disk",),
    "nodes.cluster.source": ("disk",),
    "nodes.client.asynchronous": ("clock", "event loop", "randomness"),
    "nodes.client.peers": ("clock", "event loop", "randomness", "socket"),
    "nodes.client.synchronous": ("event loop", "threads"),
    "nodes.commands.archive": ("disk",),
    "nodes.commands.authoring": ("clock", "disk"),
    "nodes.commands.campaign": ("clock", "disk"),
    "nodes.commands.command_group": ("disk",),
    "nodes.commands.command_parts": ("disk",),
    "nodes.commands.follow": ("clock",),
    "nodes.commands.ledger": ("disk",),
    "nodes.commands.measure": ("disk",),
    "nodes.commands.members": ("randomness",),
    "nodes.commands.network": ("clock", "disk", "threads"),
    "nodes.commands.one_node": ("disk",),
    "nodes.commands.planning": ("disk",),
    "nodes.commands.relay": ("disk", "event loop"),
    "nodes.commands.simulate": ("disk",),
    "nodes.commands.tables": ("disk",),
    "nodes.commands.verify": ("disk",),
    "nodes.commands.workers": ("disk", "process", "threads"),
    "nodes.contract_author.check": ("disk",),
    "nodes.contract_author.install": ("clock", "disk"),
    "nodes.contract_author.interpreters": ("disk", "process"),
    "nodes.contract_author.located": ("disk",),
    "nodes.contract_author.report": ("disk",),
    "nodes.contract_author.template": ("disk",),
    "nodes.documents.document_store": ("disk",),
    "nodes.documents.exchange": ("clock", "event loop"),
    "nodes.foreign.relaying": ("event loop",),
    "nodes.http.addresses": ("socket",),
    "nodes.http.answers": ("disk",),
    "nodes.http.connections": ("event loop", "socket"),
    "nodes.http.server": ("event loop", "socket"),
    "nodes.http_client": ("socket",),
    "nodes.key_files": ("disk", "randomness"),
    "nodes.lab.control": ("disk", "event loop", "threads"),
    "nodes.lab.export_rows": ("disk",),
    "nodes.lab.feed": ("disk", "threads"),
    "nodes.lab.file_routes": ("disk",),
    "nodes.lab.jobs": ("threads",),
    "nodes.lab.looks": ("clock", "event loop"),
    "nodes.lab.remote": ("clock", "disk"),
    "nodes.lab.routes": ("disk",),
    "nodes.links.connection": ("event loop", "socket"),
    "nodes.links.links": ("event loop",),
    "nodes.links.node_tls": ("disk", "socket"),
    "nodes.network.directory": ("disk", "randomness", "socket"),
    "nodes.network.fork_server": ("disk", "process", "socket", "threads"),
    "nodes.network.in_process": ("disk", "event loop", "threads"),
    "nodes.network.lab_snapshot": ("disk",),
    "nodes.network.local": ("disk", "process", "threads"),
    "nodes.network.runner": ("clock", "disk", "process", "threads"),
    "nodes.node.clock": ("clock", "disk"),
    "nodes.node.copies": ("disk",),
    "nodes.node.copy_archive": ("disk",),
    "nodes.node.files": ("disk",),
    "nodes.node.lab_hooks": ("disk", "event loop", "randomness"),
    "nodes.node.log": ("disk", "event loop"),
    "nodes.node.node": ("event loop", "randomness"),
    "nodes.node.node_directory": ("disk",),
    "nodes.node.process": ("disk", "event loop"),
    "nodes.node.voting_mark": ("disk",),
    "nodes.node.watch": ("clock", "disk"),
    "nodes.picture.single_page": ("disk",),
    "nodes.plan.office": ("disk",),
    "nodes.plan.operation": ("disk",),
    "nodes.plan.papers": ("disk",),
    "nodes.shutdown": ("disk", "process", "threads"),
    "nodes.simulator.campaign": ("clock",),
    "nodes.simulator.chance": ("randomness",),
    "nodes.simulator.trace_player": ("disk",),
    "nodes.storage.lock": ("disk",),
    "nodes.storage.sqlite": ("disk", "threads"),
    "nodes.storage.sqlite_copy": ("disk",),
    "nodes.words": ("disk",),
    "scenarios.catalogue": ("disk",),
    "scenarios.client_files": ("disk",),
    "scenarios.commands": ("disk",),
    "scenarios.corridor.demo": ("disk", "randomness"),
    "scenarios.corridor.report": ("disk",),
    "scenarios.data_files": ("disk",),
    "scenarios.demo": ("disk",),
    "scenarios.energy.derive": ("disk",),
    "scenarios.energy.quality": ("clock",),
    "scenarios.energy.readings_file": ("disk",),
    "scenarios.energy.scenario": ("disk",),
    "scenarios.government.own_catalogue": ("disk",),
    "scenarios.government.scenario": ("disk",),
    "scenarios.importing.json_file": ("disk",),
    "scenarios.importing.table": ("disk",),
    "scenarios.report.page": ("disk",),
    "scenarios.running.checkpoints": ("clock", "disk"),
    "scenarios.running.lab_book": ("disk", "threads"),
    "scenarios.running.replay": ("clock",),
    "scenarios.running.replay_desk": ("disk", "threads"),
    "scenarios.running.replay_file": ("disk",),
    "scenarios.running.story_answers": ("threads",),
    "scenarios.running.story_run": ("disk", "randomness", "threads"),
    "scenarios.running.story_way": ("clock", "threads"),
    "scenarios.sample": ("disk",),
    "scenarios.shipping.commands": ("disk",),
    "scenarios.shipping.imported": ("disk",),
    "scenarios.story.live_stage": ("clock", "disk", "randomness"),
    "scenarios.story.short": ("disk",),
    "scenarios.story.story": ("disk",),
    "scenarios.supply_chain_finance.generate": ("disk",),
    "scenarios.supply_chain_finance.scenario": ("disk",),
    "scenarios.supply_chain_finance.trade_files": ("disk",),
    "scenarios.workshop.anomalies.commands": ("disk",),
    "scenarios.workshop.anomalies.database": ("disk",),
    "scenarios.workshop.anomalies.matrix": ("disk",),
    "scenarios.workshop.bundle": ("disk", "process"),
    "scenarios.workshop.commands": ("disk",),
    "scenarios.workshop.doctor": ("clock", "disk", "socket"),
    "scenarios.workshop.exercise": ("disk",),
    "scenarios.workshop.exercise_routes": ("disk", "randomness", "threads"),
    "scenarios.workshop.group_report": ("disk",),
    "scenarios.workshop.install_bundle": ("disk", "process"),
    "scenarios.workshop.labs.catalogue": ("disk",),
    "scenarios.workshop.labs.contract": ("disk", "process"),
    "scenarios.workshop.labs.material": ("disk",),
    "scenarios.workshop.labs.receipt": ("disk",),
    "scenarios.workshop.network": ("disk",),
    "scenarios.workshop.notebook": ("disk",),
    "scenarios.workshop.progress": ("disk",),
    "scenarios.workshop.room": ("clock", "disk"),
    "scenarios.workshop.serve.commands": ("clock", "disk", "event loop", "randomness", "socket"),
    "scenarios.workshop.serve.groups": ("clock", "disk"),
    "scenarios.workshop.serve.teacher": ("clock", "event loop", "randomness"),
}
"""The files that reach outside, each with what it reaches."""

REACHES: dict[str, str] = {
    "asyncio": "event loop", "uvloop": "event loop",
    "fcntl": "disk", "glob": "disk", "importlib": "disk", "io": "disk", "msvcrt": "disk", "os": "disk", "pathlib": "disk",
    "pkgutil": "disk",
    "shutil": "disk", "sqlite3": "disk", "tempfile": "disk",
    "aiohttp": "socket", "http.client": "socket", "http.server": "socket", "select": "socket", "socket": "socket",
    "ssl": "socket", "urllib.request": "socket", "uvicorn": "socket",
    "time": "clock", "zoneinfo": "clock",
    "random": "randomness", "secrets": "randomness", "uuid": "randomness",
    "multiprocessing": "process", "resource": "process", "signal": "process", "subprocess": "process",
    "concurrent": "threads", "queue": "threads", "threading": "threads",
}  # fmt: skip
"""Modules by what they reach. `os.environ` and the like count as disk: what `os` gives is the machine's."""

CALLS: dict[str, str] = {
    "open": "disk", "datetime.now": "clock", "datetime.utcnow": "clock", "datetime.today": "clock", "date.today": "clock",
}  # fmt: skip
"""Calls that reach outside without one of the modules above."""


CORE_LINES_MAX = 7_200
"""Aim: 6,500."""
CORE_FILES_MAX = 39
"""Aim: 35."""
VERIFIER = ("ledger.verify.proof_file", "ledger.verify.conviction")
VERIFIER_LINES_MAX = 2_700
"""Aim: 2,500."""


def test_every_file_has_a_row() -> None:
    assert [name for name in modules() if _place(name) is None] == []


def test_every_folder_is_a_package() -> None:
    folders = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_the_core_is_small() -> None:
    lines = [path.read_text(encoding="utf-8").count("\n") for path in core_files()]
    assert sum(lines) <= CORE_LINES_MAX
    assert len(lines) <= CORE_FILES_MAX


def test_a_verifier_needs_little() -> None:
    graph, needed = imports(), set(VERIFIER)
    while more := {target for name in needed for target in graph[name]} - needed:
        needed |= more
    paths = [ROOT.joinpath(*name.split(".")) for name in needed]
    files = [path / "__init__.py" if path.is_dir() else path.with_suffix(".py") for path in paths]
    assert sum(path.read_text(encoding="utf-8").count("\n") for path in files) <= VERIFIER_LINES_MAX


def test_a_type_has_a_name_of_its_own() -> None:
    defined = defaultdict(list)
    for module, tree in modules().items():
        if not module.startswith("scenarios"):
            for name in _types(tree):
                defined[name].append(module)
    assert {name: places for name, places in defined.items() if len(places) > 1} == {}


def test_imports_go_downward() -> None:
    assert list(_upward(imports())) == []
    assert list(_upward(import_strings_of(modules()))) == []


def test_no_circle() -> None:
    TopologicalSorter(imports()).prepare()


def test_imports_are_absolute_and_at_the_top() -> None:
    assert [f"{name}: {wrong}" for name, tree in modules().items() for wrong in _misplaced(tree)] == []


def test_only_named_files_reach_outside() -> None:
    found = {name: reached for name, tree in modules().items() if (reached := _reached(tree))}
    assert {name: reached for name, reached in found.items() if OUTSIDE.get(name) != reached} == {}, "not named for this"
    assert {name for name in OUTSIDE if name not in found} == set(), "named, but reaches nothing"


def test_every_row_is_in_use() -> None:
    names = set(modules())
    assert [p for row in ROWS for p in row if not any(matches(name, p) for name in names)] == []


@pytest.mark.parametrize(
    ("importing", "source"),
    [
        ("ledger.encoding", "from ledger.keys import PrivateKey"),
        ("ledger.encoding", "import ledger.keys"),
        ("ledger.keys", "from ledger.merkle import root"),
        ("ledger.keys", "from ledger import merkle"),
        ("nodes.replica", "from scenarios.command_line import main"),
        ("nodes.storage.sqlite", "from nodes.node.clock import Clock"),
    ],
)
def test_an_upward_or_sideways_import_is_caught(importing: str, source: str) -> None:
    trees = {importing: ast.parse(source), **{name: ast.parse("") for name in modules() if name != importing}}
    trees.setdefault("ledger.merkle", ast.parse(""))
    assert list(_upward(imports_of(trees))) != []


def test_an_upward_import_string_is_caught() -> None:
    found = import_strings_of({"nodes.replica": ast.parse("x = 'scenarios.command_line:main'")})
    assert list(_upward(found)) == ["nodes.replica imports scenarios.command_line"]


def test_a_circle_is_caught() -> None:
    trees = {
        "ledger.state.a": ast.parse("from ledger.state.b import x"),
        "ledger.state.b": ast.parse("import ledger.state.a"),
    }
    assert list(_upward(imports_of(trees))) == []
    with pytest.raises(CycleError):
        TopologicalSorter(imports_of(trees)).prepare()


@pytest.mark.parametrize(
    "source",
    [
        "from .keys import PrivateKey",
        "def f():\n    import json",
        "if TYPE_CHECKING:\n    import json",
        "try:\n    import json\nexcept ImportError:\n    pass",
        "class A:\n    from json import loads",
        "x = 1\nimport json",
        "from ledger.keys import *",
    ],
)
def test_a_misplaced_import_is_caught(source: str) -> None:
    assert list(_misplaced(ast.parse(source))) != []


@pytest.mark.parametrize(
    ("source", "reached"),
    [
        ("import time", "clock"),
        ("import os.path", "disk"),
        ("from pathlib import Path", "disk"),
        ("import urllib.request", "socket"),
        ("from urllib import request", "socket"),
        ("from concurrent.futures import ThreadPoolExecutor", "threads"),
        ("from secrets import token_hex", "randomness"),
        ("import subprocess as s", "process"),
        ("f = open('x')", "disk"),
        ("from datetime import datetime\nt = datetime.now()", "clock"),
    ],
)
def test_reaching_outside_is_caught(source: str, reached: str) -> None:
    assert _reached(ast.parse(source)) == (reached,)


def test_an_import_by_platform_is_at_the_top() -> None:
    assert (
        list(_misplaced(ast.parse('import sys\nif sys.platform == "win32":\n    import msvcrt\nelse:\n    import fcntl'))) == []
    )


def test_pure_files_reach_nothing() -> None:
    assert _reached(ast.parse("import json, hashlib, urllib.parse\nfrom datetime import timedelta\nx = log.opened()")) == ()


def _place(name: str) -> tuple[int, str] | None:
    """Row and family of a module. The empty top packages import nothing and may be imported by nobody by name."""
    if name in PACKAGES:
        return (-1, name)
    for row, patterns in enumerate(ROWS):
        for pattern in patterns:
            if matches(name, pattern):
                return (row, pattern)
    return None


def _types(tree: ast.Module) -> Iterator[str]:
    """Names of the classes and of the aliases of types at the top level of a file."""
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name)):
                if re.fullmatch(r"[A-Z]+[a-z]\w*", name):
                    yield name


def _upward(imports: Mapping[str, set[str]]) -> Iterator[str]:
    """Imports that do not go to a lower row or stay in the family."""
    for name, targets in imports.items():
        for target in sorted(targets):
            own, other = _place(name), _place(target)
            if own is None or other is None or not (other[0] < own[0] or other == own):
                yield f"{name} imports {target}"


def _misplaced(tree: ast.Module) -> Iterator[str]:
    """Imports that are relative, of everything, or not in the block at the top, which may choose by platform."""
    allowed = set()
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    for statement in body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test).startswith("sys.platform "):
            allowed |= {id(choice) for choice in (*statement.body, *statement.orelse)}
        elif not isinstance(statement, ast.Import | ast.ImportFrom):
            break
        allowed.add(id(statement))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in allowed:
            yield f"line {node.lineno}: not at the top"
        if isinstance(node, ast.ImportFrom) and (node.level > 0 or any(alias.name == "*" for alias in node.names)):
            yield f"line {node.lineno}: relative, or of everything"


def _reached(tree: ast.Module) -> tuple[str, ...]:
    """What a file reaches outside, sorted."""
    return tuple(sorted(set(_reaches(tree))))


def _reaches(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call):
            called = ".".join(ast.unparse(node.func).split(".")[-2:])
            if called in CALLS:
                yield CALLS[called]
        for name in names:
            yield from (kind for module, kind in REACHES.items() if name == module or name.startswith(f"{module}."))
