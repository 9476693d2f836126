"""`GET /report`, a part of the lab's extension: the report of the group, saved from the page. It takes the lab's token."""

import re

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends
from starlette.responses import Response

from nodes.lab.lab import Extension, Lab
from nodes.lab.routes import verify_no_onlooker
from scenarios.workshop.group_report.made import make_report

NAME = re.compile(r"[^A-Za-z0-9_-]+")


class ReportDesk(Extension):
    """One report is written at a time: each asks a node for all that it shows."""

    def __init__(self, lab: Lab) -> None:
        self._turn: CapacityLimiter | None = None
        self._directory = lab.network.directory

    def router(self) -> APIRouter:
        """Its path."""
        router = APIRouter()

        @router.get("/report", dependencies=[Depends(verify_no_onlooker)])
        async def get_report() -> Response:
            self._turn = self._turn or CapacityLimiter(1)
            text, _ = await to_thread.run_sync(make_report, self._directory, limiter=self._turn)
            name = NAME.sub("-", self._directory.resolve().name).strip("-") or "group"
            return Response(text, media_type="text/html", headers={"content-disposition": f'attachment; filename="{name}.html"'})

        return router
