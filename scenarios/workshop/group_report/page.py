"""The report of a group as one HTML file: the page of the nodes with its modules joined, its style, and its answers.

Its policy names the digests of the one script and the one style, so nothing in the data can act; nothing is asked for over
any network.
"""

import html
import re

from nodes.app.pages import PAGE
from nodes.picture.single_page import inert_json, joined_modules, page_part, policy
from scenarios.workshop.group_report.answers import Kept

BYTES_MAX = 5_000_000
"""Of the whole file."""
MAIN = "page"
STYLES = ("picture.css", "page.css")
VIEWS = ("record", "story", "consensus", "ledger", "contracts", "exercises")
LINKS = re.compile(r"^<(?:link|script) [^\n]*\n", re.MULTILINE)
"""What the served page fetches."""


def frame_bytes() -> int:
    """What the file takes without any answer."""
    return len(report_page(Kept(0), "").encode())


def report_page(kept: Kept, title: str) -> str:
    """The whole file."""
    style = "\n".join(page_part(name, *PAGE) for name in STYLES)
    script = joined_modules(MAIN, PAGE)
    data = inert_json({"answers": kept.answers, "views": list(VIEWS)})
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy(script, style)}">\n<link rel="icon" href="data:,">\n'
        f"<style>{style}</style>\n</head>"
    )
    body = f'<script type="application/json" id="data">{data}</script>\n<script type="module">{script}</script>\n</body>'
    page = LINKS.sub("", page_part("page.html", *PAGE)).replace(
        "<title>Tallystick</title>", f"<title>{html.escape(title)}</title>"
    )
    before, _, rest = page.partition("</head>")
    middle, _, after = rest.partition("</body>")
    return before + head + middle + body + after
