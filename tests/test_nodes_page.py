"""The files of the page: served by name alone, and written so that they join into one script of a file on disk."""

import asyncio
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from nodes.picture.single_page import EXPORT, IMPORT
from nodes.words import Words
from tests.http_support import Answer, FakeNode
from tests.project import ROOT

PAGE, PICTURE = ROOT / "nodes" / "page" / "modules", ROOT / "nodes" / "picture" / "modules"
MODULES = sorted(PAGE.glob("*.js"))
LINES_MAX, CODE_LINES_MAX = 3_951, 3_229
"""Of all modules; and without comments and empty lines."""
WIDTH_MAX = 130
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|crypto\.subtle|clipboard|serviceWorker"
    r"|localStorage|https?://(?!www\.w3\.org/)|setAttribute\(\"style\"|style: [`\"]"
)


def get(path: str) -> Answer:
    return asyncio.run(FakeNode().http.get(path))


def test_the_page_and_its_parts_come_from_the_node_alone() -> None:
    page = get("/")
    assert page.headers["content-security-policy"].startswith("default-src 'self';")
    html = page.body.decode()
    named = re.findall(r'(?:href|src)="([^"]+)"', html)
    assert "/page/page.js" in named
    modules = ["/page/words.js", *(f"/page/{path.name}" for folder in (PAGE, PICTURE) for path in folder.glob("*.js"))]
    for path in [*named, *modules]:
        answer = get(path)
        assert answer.status == 200, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"].startswith(("text/", "image/svg+xml"))


@pytest.mark.parametrize("name", ["page.html", "..", "..%2fpages.py", "page.py", "Page.js", "page.js.js"])
def test_what_is_no_file_of_the_page_is_not_served(name: str) -> None:
    assert get(f"/page/{name}").status == 404


def test_a_part_that_does_not_exist_is_not_found() -> None:
    answer = get("/page/nothing.js")
    assert (answer.status, answer.json["code"]) == (404, "no-such-path")


def test_names_of_the_modules_are_plain_and_each_is_in_one_folder_alone() -> None:
    assert all(re.fullmatch("[a-z]+", path.stem) for path in MODULES)
    assert {path.name for path in MODULES} & {path.name for path in PICTURE.glob("*.js")} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_can_be_joined_and_puts_no_markup_into_the_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    imports = [line for line in text.splitlines() if re.match(r"import\b", line)]
    exports = [line for line in text.splitlines() if re.match(r"export\b", line)]
    assert imports == [found[0] for found in re.finditer(IMPORT, text)]
    assert len(exports) == len(EXPORT.findall(text))
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    assert not re.search(r"^await\b|^(const|let) .*= await\b|\bimport\(|import\.meta", code, re.MULTILINE)
    assert FORBIDDEN.search(code) is None


def test_what_is_imported_is_exported_and_nothing_goes_in_a_ring() -> None:
    every = {path.stem: path.read_text(encoding="utf-8") for folder in (PAGE, PICTURE) for path in folder.glob("*.js")}
    every["words"] = "export const WORDS"
    needs: dict[str, list[str]] = {}
    for name, text in every.items():
        needs[name] = []
        for names, module in IMPORT.findall(text):
            needs[name].append(module)
            exported = {found for _, found in EXPORT.findall(every[module])}
            assert {one.strip() for one in names.strip("{} ").split(",")} <= exported, (name, module)
    assert [*TopologicalSorter(needs).static_order()]


def test_every_word_that_is_asked_for_by_name_is_there() -> None:
    words = {**Words.of("nodes.page"), **Words.of("nodes.picture")}
    for path in (*MODULES, *PICTURE.glob("*.js")):
        text = path.read_text(encoding="utf-8")
        groups = {"page", *re.findall(r"(?:speaker\(page|super\(page|sayer\(\"page\"), \"(\w+)\"", text)}
        own = {key for group in groups for key in words[group]}
        if len(groups) > 1:
            assert set(re.findall(r"\bsay\(\"([\w-]+)\"", text)) <= own, path.name
        assert set(re.findall(r"\bsay\([\w.]*language, \"([\w-]+)\"", text)) <= own | words["picture"].keys(), path.name


def test_the_page_stays_small_and_its_lines_short() -> None:
    lines = {path.name: path.read_text(encoding="utf-8").splitlines() for path in MODULES}
    code = {name: [line for line in without_comments(found) if line.strip()] for name, found in lines.items()}
    total, alone = (sum(map(len, counted.values())) for counted in (lines, code))
    print(total, "lines, without comments", alone, {name: (len(lines[name]), len(code[name])) for name in lines})
    assert total <= LINES_MAX
    assert alone <= CODE_LINES_MAX
    assert [(name, line) for name, found in code.items() for line in found if len(line) > WIDTH_MAX] == []


def without_comments(lines: list[str]) -> list[str]:
    """Of a module what acts."""
    return re.sub(r"^\s*/\*.*?\*/$", "", "\n".join(lines), flags=re.DOTALL | re.MULTILINE).splitlines()
