"""`GET /report`, a part of the lab's extension: the report of the group, saved from the page."""

import re

from fastapi import APIRouter
from starlette.responses import Response

from nodes.lab.lab import Lab
from scenarios.workshop.group_report.made import make_report

NAME = re.compile(r"[^A-Za-z0-9_-]+")


class ReportDesk:
    """Implements `nodes.lab.lab.Extension`: `GET /report` gives the file to whoever looks at the page."""

    def __init__(self, lab: Lab) -> None:
        self._directory = lab.network.directory

    def router(self) -> APIRouter:
        """Its path."""
        router = APIRouter()

        @router.get("/report")
        def get_report() -> Response:
            text, _ = make_report(self._directory)
            name = NAME.sub("-", self._directory.resolve().name).strip("-") or "group"
            return Response(text, media_type="text/html", headers={"content-disposition": f'attachment; filename="{name}.html"'})

        return router

    def restarted(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is held."""
