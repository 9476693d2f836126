"""The notebooks run from their first cell to their last, start what they need, and leave nothing running."""

import re
from pathlib import Path

import nbformat
import psutil
import pytest
from nbclient import NotebookClient

from tests.project import ROOT

FOLDER = ROOT / "scenarios" / "workshop" / "notebooks"
ADDRESS = re.compile(r"<[^>]*\b(?:src|href)=[^>]*>")
SRCDOC = re.compile(r'srcdoc="[^"]*"')
SEEN = {
    "analysis": ("transactions were refused", "holds: True", "state row (supply-chain-finance, lines, haihe.wang:yanshan.liu)"),
    "consensus": ('<iframe srcdoc="&lt;!doctype html&gt;', "Two nodes were down", "status: pending", "committed in block"),
    "trade": ("✓", "✗", "not-possessor", "after-surrender", "invariants hold", "broken"),
}
"""What a reader is shown, by notebook."""
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMPDIR", "TEMP", "TMP", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/svg+xml" in output.get("data", {}) for output in outputs)
    assert not any(output.output_type == "error" for output in outputs)
    shown = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    assert ADDRESS.findall(SRCDOC.sub("", shown)) == [], "a page of Jupyter serves no file of this machine"
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    for expected in SEEN[path.stem]:
        assert expected in shown + printed
    assert {process.pid for process in psutil.Process().children(recursive=True)} <= before


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_checked_in_without_output_and_speaks_both_languages(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        elif len(cell.source) > 80:
            assert any("\u4e00" <= character <= "\u9fff" for character in cell.source)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_begins_with_words_and_few_imports(path: Path) -> None:
    first, second, *_ = nbformat.read(path, as_version=4).cells  # type: ignore[no-untyped-call]
    assert (first.cell_type, second.cell_type) == ("markdown", "code")
    assert sum("import " in line for line in second.source.splitlines()) <= 2


def test_there_are_three() -> None:
    assert [path.stem for path in NOTEBOOKS] == [*SEEN]
