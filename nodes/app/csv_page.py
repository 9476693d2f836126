"""Pages of lists as `text/csv`, for whom `Accept` prefers it: RFC 4180 in UTF-8, a header, and the next page in `Link`.

Cells are exact, so that a table holds what the ledger holds: integers as digits, `true` and `false`, texts as they are, and what
has parts as canonical JSON. Null is an empty cell, an empty text `""`, as PostgreSQL's `COPY` reads them.

A text that begins with `=`, `+`, `-` or `@` is a formula to a spreadsheet, and members choose the texts of a ledger. Nothing
is put before it here, for a changed value would join with nothing and equal nothing: a spreadsheet has to import texts as text.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from ledger.encoding import encode_unchecked
from ledger.errors import JsonObject, JsonValue
from nodes.http.answers import Answer, answer, prefers, raw_list

MEDIA_TYPE = "text/csv"
_NEEDS_QUOTES = re.compile(r'[",\r\n]|^$|^\s|\s$')
CsvRow = Mapping[str, JsonValue] | Sequence[JsonValue]


def list_answer(
    request: Request,
    name: str,
    columns: Sequence[str],
    rows: Sequence[JsonObject | bytes],
    following: str | int | None,
    members: Answer,
    parameter: str = "after",
) -> Response:
    """A page of rows, which may be canonical JSON already, as a table or as JSON with `members` beside it; a proof is JSON."""
    if prefers(request, MEDIA_TYPE) and "proof" not in members:
        objects = (json.loads(row) if isinstance(row, bytes) else row for row in rows)
        return csv_page(request, columns, objects, following, parameter)
    raw = raw_list(row if isinstance(row, bytes) else encode_unchecked(row) for row in rows)
    return answer({name: raw, "next": following, **members}, headers={"vary": "accept"})


def csv_page(
    request: Request,
    columns: Sequence[str],
    rows: Iterable[CsvRow],
    following: str | int | None,
    parameter: str = "after",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The table; `following` is the parameter of the next page, what this one was asked with or None at the end."""
    lines = [columns, *([row[name] for name in columns] if isinstance(row, Mapping) else row for row in rows)]
    text = "".join(",".join(map(_cell, line)) + "\r\n" for line in lines)
    sent = {"vary": "accept", **(headers or {}), "content-type": f"{MEDIA_TYPE}; charset=utf-8; header=present"}
    if following is not None and str(following) != request.query_params.get(parameter):
        query = request.url.include_query_params(**{parameter: following}).query
        sent["link"] = f'<{quote(request.scope["path"])}?{query}>; rel="next"'
    return Response(text.encode(), 200, sent)


def _cell(value: JsonValue) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else encode_unchecked(value).decode()
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text
