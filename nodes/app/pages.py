"""The page that every node serves at `/`: plain modules and one style from this node alone, no build step, no other host."""

import re
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.errors import NotFoundError
from nodes.app.docs import HEADERS

router = APIRouter(include_in_schema=False)
NODES = Path(__file__).parent.parent
FOLDERS = (NODES / "page", NODES / "page" / "modules", NODES / "picture" / "modules", NODES / "picture")
"""Where a file of the page is looked for: its modules import each other, and those of the picture of a log, as `./name.js`."""
KINDS = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
NAME = re.compile(r"[a-z]+\.(js|css|svg)")


@router.get("/")
async def get_page(request: Request) -> Response:
    """The page."""
    return page_itself("page.html")


@router.get("/page/{name}")
async def get_part(request: Request, name: str) -> Response:
    """A module or the style; raises NotFoundError `no-such-path`."""
    return page_file(name)


def page_itself(name: str, *more: Path) -> Response:
    """The document that asks for the other files."""
    return Response(_read(name, more), headers=HEADERS, media_type="text/html")


def page_file(name: str, *more: Path) -> Response:
    """A file of the page, or of folders that another page adds; raises NotFoundError `no-such-path`."""
    kind = NAME.fullmatch(name)
    if kind is None:  # check: page-file
        raise NotFoundError("no-such-path", f"The page has no file {name[:200]!r}.")
    return Response(_read(name, more), headers=HEADERS, media_type=KINDS[kind[1]])


@cache
def _read(name: str, more: tuple[Path, ...]) -> bytes:
    found = next((folder / name for folder in (*more, *FOLDERS) if (folder / name).is_file()), None)
    if found is None:  # check: page-part
        raise NotFoundError("no-such-path", f"The page has no file {name[:200]!r}.")
    return found.read_bytes()
