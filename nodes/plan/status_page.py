"""The nodes of a network as a page that a browser opens from disk: without a script, and without a server."""

from collections.abc import Mapping, Sequence
from html import escape

from ledger.errors import JsonValue
from ledger.primitives import moment
from nodes.http.answers import meanings
from nodes.words import Language, Words

WORDS = Words.of("nodes.plan")
SHOWN = 16
"""Digits that tell ledgers and states apart."""
COLUMNS = ("node", "address", "height", "root", "serves")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#222;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem;border-bottom:1px solid #ccc}"
    "th,td:nth-child(2){white-space:nowrap}:is(th,td):nth-child(3){text-align:right}.no{background:#fde2e0}"
    ".alarm{background:#b00020;color:#fff;padding:1rem}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#14161c}a{color:#7db7ff}.no{background:#5a1f1f}}"
)


def status_page(
    ledger: str,
    rows: Sequence[Mapping[str, JsonValue]],
    forked: Sequence[int],
    time_ms: int,
    language: Language,
    every: int | None = None,
) -> str:
    """The page of what `network status` found at that time; `every` is after how many seconds it is written again.

    `forked` are heights at which two nodes have different states.
    """

    def word(key: str, **values: object) -> str:
        return escape(WORDS.text("status", key, language, **values))

    refresh = "" if every is None else f'<meta http-equiv="refresh" content="{every}">'
    again = "" if every is None else f"<p>{word('every', seconds=every)}</p>"
    alarms = "".join(f'<p class="alarm">{word("forked", height=height)}</p>' for height in forked)
    head = "".join(f"<th>{word(column)}</th>" for column in COLUMNS)
    body = "".join(_row(row, language) for row in rows)
    title = word("title", ledger=f"{ledger[:SHOWN]}…")
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">{refresh}<title>{title}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1><p>{word('as_of', time=moment(time_ms))}</p>{again}{alarms}\n"
        f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></body></html>\n"
    )


def _row(row: Mapping[str, JsonValue], language: Language) -> str:
    url, serves = escape(str(row["url"]), quote=True), str(row["serves"])
    own = {key: escape(WORDS.text("status", key, language)) for key in ("yes", "down", "unreachable", "figures", "ready")}
    said = own.get(serves) or escape(f"{serves}: {meanings()[serves][language]}" if serves in meanings() else serves)
    cells = (
        escape(str(row["member"])),
        f'<a href="{url}/">{url}</a> · <a href="{url}/metrics">{own["figures"]}</a> · <a href="{url}/readyz">{own["ready"]}</a>',
        "–" if row["height"] is None else f"{row['height']:,}",
        f"<code>{escape(str(row['state_root'] or '–')[:SHOWN])}</code>",
        said,
    )
    return f'<tr class="{"yes" if serves == "yes" else "no"}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n'
