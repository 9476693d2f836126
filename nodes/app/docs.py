"""`/docs`: the OpenAPI description as one plain page, made here, so that it needs no internet."""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
code {{ font-family: ui-monospace, monospace; }} h2 {{ font-size: 1rem; margin-bottom: 0; }}
p {{ margin: .2rem 0; white-space: pre-line; }} li {{ margin-left: 1rem; }} .method {{ text-transform: uppercase; }}
</style>
<h1>{title}</h1>
<p>{description}</p><p>The same for programs: <a href="/openapi.json">/openapi.json</a></p>
{paths}
</html>"""


@router.get("/docs")
async def get_docs(request: Request) -> HTMLResponse:
    """The page."""
    schema = request.app.openapi()
    info = schema["info"]
    paths = "\n".join(_paths(schema))
    page = PAGE.format(title=escape(info["title"]), description=escape(info.get("description", "")), paths=paths)
    return HTMLResponse(page)


def _paths(schema: dict[str, Any]) -> Iterator[str]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f'<h2><code><span class="method">{escape(method)}</span> {escape(path)}</code></h2>'
            yield f"<p>{escape(operation.get('description', ''))}</p>"
            yield from map(_parameter, operation.get("parameters", ()))


def _parameter(parameter: dict[str, Any]) -> str:
    needed = " (required)" if parameter.get("required") else ""
    return f"<li><code>{escape(parameter['name'])}</code> in {escape(parameter['in'])}{needed}</li>"
