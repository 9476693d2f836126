"""The page that every node serves at `/`: plain modules and one style, no build step, no other host."""

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from ledger.errors import NotFoundError
from nodes.app.docs import HEADERS
from nodes.picture.single_page import page_part

router = APIRouter(include_in_schema=False)
PAGE = ("nodes.page", "nodes.picture")
"""The packages of the page: its modules import each other, and those of the picture of a log, as `./name.js`."""
KINDS = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
NAME = re.compile(r"[a-z]+\.(js|css|svg)")


@router.get("/")
async def get_page(request: Request) -> Response:
    """The page."""
    return page_itself("page.html")


@router.get("/page/{name}")
async def get_part(request: Request, name: str) -> Response:
    """A module or the style; raises NotFoundError `no-such-path`."""
    return page_file(name)


def page_itself(name: str, *more: str) -> Response:
    """The document that asks for the other files, of the page or of a package that adds another page."""
    return Response(page_part(name, *more, *PAGE), headers=HEADERS, media_type=KINDS[name.rpartition(".")[2]])


def page_file(name: str, *more: str) -> Response:
    """A file of the page, or of a package that adds another page; raises NotFoundError `no-such-path`."""
    if NAME.fullmatch(name) is None:  # check: page-file
        raise NotFoundError("no-such-path", f"The page has no file {name[:200]!r}.")
    return page_itself(name, *more)
