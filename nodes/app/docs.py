"""`/docs` and `/openapi.json`: the document that is checked in, as it is and as one page that needs no other host.

The page says besides what is signed, and how (`signing.toml`).
"""

import json
import re
import tomllib
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from starlette.responses import Response

from ledger.errors import InputError
from nodes.app.dependencies import STRICT
from nodes.http.answers import LANGUAGES, error_codes, language_of
from nodes.words import Words

router = APIRouter(include_in_schema=False, dependencies=STRICT)
DOCUMENT = Path(__file__).with_name("openapi.json")
PAGE = Path(__file__).with_name("page")
SIGNING = Path(__file__).with_name("signing.toml")
HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}
_CODE = re.compile("`([^`]*)`")


@router.get("/openapi.json")
async def get_document() -> Response:
    """The OpenAPI document."""
    return Response(DOCUMENT.read_bytes(), headers=HEADERS, media_type="application/json")


@router.get("/docs")
async def get_docs(request: Request, lang: str | None = None) -> Response:
    """The page, in English or Chinese."""
    language = language_of(request) if lang is None else lang
    if language not in LANGUAGES:  # check: docs-language
        raise InputError("bad-parameter", f"`lang` is one of {', '.join(LANGUAGES)}.")
    return Response(page(language), headers={**HEADERS, "vary": "accept-language"}, media_type="text/html")


@router.get("/docs/docs.css")
async def get_style() -> Response:
    """The page's style."""
    return Response((PAGE / "docs.css").read_bytes(), headers=HEADERS, media_type="text/css")


@router.get("/docs/docs.js")
async def get_script() -> Response:
    """The page's script."""
    return Response((PAGE / "docs.js").read_bytes(), headers=HEADERS, media_type="text/javascript")


@cache
def page(language: str) -> str:
    """The page; made once."""
    environment = Environment(loader=FileSystemLoader(PAGE), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    shared = document["components"]["responses"]
    environment.filters |= {"words": _words, "json": _json, "resolved": lambda responses: _resolved(responses, shared)}
    template = environment.get_template("docs.html.j2")
    signing = tomllib.loads(SIGNING.read_text(encoding="utf-8"))
    texts = {key: phrase.both()[language] for key, phrase in Words.of("nodes.app.page")["docs"].items()}
    return template.render(document=document, language=language, text=texts, groups=error_codes(), signing=signing)


def _words(text: str) -> Markup:
    """Words with `code` in them, a paragraph for each block of lines."""
    blocks = (" ".join(block.split("\n")) for block in text.split("\n\n"))
    shown = (_CODE.sub(r"<code>\1</code>", escape(block, quote=False)) for block in blocks if block.strip())
    return Markup("".join(f"<p>{block}</p>" for block in shown))  # noqa: S704  # escaped above


def _resolved(responses: Any, shared: Any) -> dict[str, Any]:
    """Responses by status, each as it is instead of by reference."""
    found = {status: shared[r["$ref"].rpartition("/")[2]] if "$ref" in r else r for status, r in responses.items()}
    return dict(sorted(found.items()))


def _json(value: Any) -> str:
    """An example as text: JSON set out over lines, other text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
