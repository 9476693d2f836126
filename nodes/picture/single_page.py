"""Writes the picture of a log: one HTML file that opens from disk, without another file, host or build step.

A page opened from disk cannot import modules by address, so the writer joins them into one inline script: each module is
a function that returns what it exports, called after those that it imports. For this a module imports by single lines
`import { a, b } from "./name.js";` and exports by the word `export` before a function, class or constant. The same files,
served by a node, are ordinary modules.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from pathlib import Path

from ledger.errors import JsonValue, NotFoundError, OperatorError
from nodes.words import words_module

PICTURE = "nodes.picture"
MAIN = "main"
"""The module that starts the page; it and what it imports are joined."""
IMPORT = re.compile(r'^import (\{ [\w, ]+ \}) from "\./([a-z]+)\.js";$', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:(?:async )?function|class|const) (\w+))", re.MULTILINE)
PLACE = re.compile(r"\{\{([a-z]+)\}\}")
DIAGRAM = re.compile(r"^\.(?:diagram|flight|mark|not-drawn|propose|skip)\b.*\n", re.MULTILINE)
"""Rules of the style that the diagram alone needs, a line each."""


def write_picture(
    records: Iterable[Mapping[str, JsonValue]],
    title: str,
    path: Path,
    *,
    traitors: Collection[str] = (),
    verdict: str = "",
) -> None:
    """Writes the page of a log, whose records come in order of time.

    Nodes named as `traitors` are marked, and what they decide does not count against safety. `verdict` is what judged the
    whole run, in a sentence.
    """
    path.write_text(picture_page(list(records), title, traitors=traitors, verdict=verdict), encoding="utf-8", newline="\n")


def picture_page(
    records: Sequence[Mapping[str, JsonValue]], title: str, *, traitors: Collection[str] = (), verdict: str = ""
) -> str:
    """The page as text. Only the style and the script written here may act in it: the policy names their digests."""
    if not records:  # check: picture-records
        raise OperatorError("no-records", "Expected a log with at least one record, got an empty one.")
    style, script = page_part("picture.css", PICTURE), joined_modules()
    data = {"title": title, "traitors": sorted(traitors), "verdict": verdict, "records": records}
    places = {
        "title": html.escape(title),
        "policy": policy(script, style),
        "style": style,
        "data": inert_json(data),
        "script": script,
    }
    return PLACE.sub(lambda place: places[place[1]], page_part("picture.html", PICTURE))


def policy(script: str, style: str) -> str:
    """What a page may do that stands in one file: nothing but this script and this style."""
    return (
        f"default-src 'none'; script-src '{digest_source(script)}'; style-src '{digest_source(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def page_part(name: str, *packages: str) -> str:
    """A file of a page, from the first of its packages that has it, in its folder or under `modules`.

    `words.js` is no file: it is made of the words of all these packages. Raises NotFoundError `no-such-path`.
    """
    if name == "words.js":
        return words_module(*packages)
    places = [folder / name for package in packages for folder in (files(package), files(package) / "modules")]
    place = next((place for place in places if place.is_file()), None)
    if place is None:  # check: page-part
        raise NotFoundError("no-such-path", f"The page has no file {name[:200]!r}.")
    return place.read_text(encoding="utf-8")


def diagram_style() -> str:
    """The style of the diagram, for another page that draws it."""
    return "".join(DIAGRAM.findall(page_part("picture.css", PICTURE)))


def joined_modules(main: str = MAIN, packages: Sequence[str] = (PICTURE,)) -> str:
    """The main module and all that it imports as one script."""
    sources: dict[str, str] = {}
    needs: dict[str, list[str]] = {}
    waiting = [main]
    while waiting:
        name = waiting.pop()
        if name not in sources:
            sources[name] = page_part(f"{name}.js", *packages)
            needs[name] = [needed for _, needed in IMPORT.findall(sources[name])]
            waiting += needs[name]
    return "".join(_as_function(name, sources[name]) for name in TopologicalSorter(needs).static_order())


def _as_function(name: str, source: str) -> str:
    """A module whose top-level names are its own, as they are in the file."""
    exported = ", ".join(found for _, found in EXPORT.findall(source))
    body = EXPORT.sub(r"\1", IMPORT.sub(r"const \1 = module_\2;", source))
    return f"const module_{name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();\n"


def inert_json(value: object) -> str:
    """JSON that stays text inside a script element: without `<`, nothing in it can end the element or open another."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def digest_source(text: str) -> str:
    """How a content security policy names an inline element: the digest of exactly its text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
