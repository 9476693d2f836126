"""The control of a lab over HTTP, in the process that runs the network: nodes stop and start, so no node can do this.

It listens on a port of 127.0.0.1 and leaves its address in `control.json`. Every node of the lab forwards what comes under
`/v1/lab/control/` to it, and says so in `x-lab-node`; a request without it comes from this machine itself. Every
request carries the lab's token.

    GET  /network, /log, /jobs/N, /traitors, /members                                             nodes/lab/routes.py
    POST /nodes/MEMBER, /partition, /faults, /heal, /clock, /reset, /restore, /frozen, /submit
    GET  /tamper/HEIGHT, POST /tamper, /tamper/export                                             nodes/lab/tamper_routes.py
    …                                                                                             the paths of the extension
"""

import asyncio
import hmac
import threading
from collections.abc import Awaitable, Callable
from pkgutil import resolve_name
from types import TracebackType
from typing import Self

from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from starlette.responses import Response

from ledger.errors import ConflictError, ForbiddenError, OperatorError, TallystickError
from nodes.app.lab_routes import VIA
from nodes.http.addresses import bind
from nodes.http.answers import ERROR_HANDLERS, error_response
from nodes.http.server import HttpServer, server_config
from nodes.lab import file_routes, routes, tamper_routes
from nodes.lab.lab import Extension, Lab
from nodes.lab.looks import Looks
from nodes.network.local import LocalNetwork
from nodes.node.files import CONTROL_FILE

HOST = "127.0.0.1"
READING = ("GET", "HEAD")
START_SECONDS_MAX = 60


class LabControl:
    """The control of a running lab; as a context manager it serves between entry and exit."""

    def __init__(self, network: LocalNetwork) -> None:
        self.lab = Lab(network)
        self.lab.extension = _extension(self.lab)
        self._looks = Looks(self.lab)
        self._token = network.lab_token
        self._serving = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="lab-control", daemon=True)
        self._listener = bind(HOST, 0)
        self.url = self.lab.url = f"http://{HOST}:{self._listener.getsockname()[1]}"
        self._server = HttpServer(server_config(self._application()))

    def __enter__(self) -> Self:
        """Serves, and tells the nodes where."""
        self._thread.start()
        if not self._serving.wait(START_SECONDS_MAX):
            raise OperatorError("control-failed", f"The control of the lab did not start within {START_SECONDS_MAX} s.")
        self.lab.tell_nodes()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Ends HTTP, the queues and the extension."""
        (self.lab.network.directory / CONTROL_FILE).unlink(missing_ok=True)
        self._server.should_exit = True
        self._thread.join()
        self.lab.close()
        self._listener.close()

    async def _serve(self) -> None:
        serving = asyncio.create_task(self._server.serve([self._listener]))
        await self._server.is_up.wait()
        self._serving.set()
        try:
            await serving
        finally:
            await self._looks.close()

    def _application(self) -> FastAPI:
        application = FastAPI(openapi_url=None, exception_handlers=ERROR_HANDLERS)
        application.state.lab = self.lab
        application.state.looks = self._looks
        application.state.tampering = tamper_routes.Tampering(self.lab)
        application.state.submitting = CapacityLimiter(routes.SUBMISSIONS_MAX)
        application.middleware("http")(self._guard)
        for router in (routes.router, tamper_routes.router, file_routes.router, self.lab.extension.router()):
            application.include_router(router)
        return application

    async def _guard(self, request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        try:
            self._verify(request)
        except TallystickError as error:
            return error_response(error)
        return await go_on(request)

    def _verify(self, request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(given, self._token.encode()):  # check: control-token
            raise ForbiddenError("wrong-token", "Lab calls carry the lab's token: `Authorization: Bearer TOKEN`.")
        if self.lab.is_frozen and request.method not in READING and VIA in request.headers:  # check: control-frozen
            raise ConflictError("lab-frozen", "The teacher has frozen this lab: look at the projector.")


def _extension(lab: Lab) -> Extension:
    """What `network.json` names; raises OperatorError `bad-extension`."""
    if not lab.network.file.extension:
        return lab.extension
    name, *words = lab.network.file.extension
    try:
        make = resolve_name(name)
    except (ImportError, AttributeError, ValueError) as error:
        message = f"network.json names the extension {name:.200}, which cannot be loaded: {error}."
        raise OperatorError("bad-extension", message) from error
    extension: Extension = make(lab, *words)
    return extension
