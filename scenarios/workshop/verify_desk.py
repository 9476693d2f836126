"""Verifiers for whoever has only a browser, a part of the lab's extension. What judges looks at files and asks no node.

GET  /noted    what the nodes noted about each other

POST /verify   {"name" or "text", "ledger"?, "block"?}: what the verifiers say of a file
POST /convict  {"first", "second"}: who signed both of two exports of the folder of files
POST /read     {"name" or "text"}: an export, one row a transaction
POST /prove    {"contract", "collection", "key"}: a proof file from a node, that the key has a value or that it has none
POST /seal     {"bidder", "price_cents"}: an offer with a fresh salt, and the digest for the ledger
"""

import re
import secrets
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ledger.contract.records import Positive
from ledger.contract.sealed import seal
from ledger.errors import InputError, JsonValue, NotFoundError
from ledger.genesis import parse_genesis
from ledger.primitives import Digest
from ledger.verify.proof_file import encode_proof_file
from ledger.verify.verdict import Pinned
from nodes.http.answers import answer, parse_body, read_body
from nodes.lab.lab import FILES, Extension, Lab
from nodes.lab.routes import verify_no_onlooker
from scenarios.workshop.export_reading import read_rows
from scenarios.workshop.judging import convict, judge
from scenarios.workshop.noted import noted, read_page

BODY_BYTES_MAX = 2_000_000
PAGE = 2_000
"""Records of the log at a time."""
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
DigestText = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class FileOrder(_Body):
    """One file: of the folder of files by name, or its text."""

    name: str = ""
    text: str = ""
    ledger: DigestText | None = None
    """Id that it must be of: this lab's where it is left out, any if it is empty."""
    block: DigestText = ""
    """Id of a block that it must hold, if it is not empty."""


class PairOrder(_Body):
    """Two files of the folder of files."""

    first: str
    second: str


class ProveOrder(_Body):
    """A key of the state."""

    contract: str
    collection: str
    key: str


class SealOrder(_Body):
    """What a bid hides."""

    bidder: str
    price_cents: Positive


class VerifyDesk(Extension):
    """Verifiers over the folder of files."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._folder = lab.network.directory / FILES

    def router(self) -> APIRouter:
        """Its paths."""
        router = APIRouter()

        @router.get("/noted", dependencies=[Depends(verify_no_onlooker)])
        def get_noted() -> Response:
            return answer({"rows": noted(self._records(), self._lab.validators)})

        @router.post("/verify")
        async def verify(request: Request) -> Response:
            order = parse_body(FileOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
            return answer(await run_in_threadpool(judge, self._data(order), self._pinned(order)))

        @router.post("/convict")
        async def convict_pair(request: Request) -> Response:
            order = parse_body(PairOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
            return answer(await run_in_threadpool(convict, self._file(order.first), self._file(order.second)))

        @router.post("/read")
        async def read(request: Request) -> Response:
            order = parse_body(FileOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
            rows = await run_in_threadpool(read_rows, self._data(order).splitlines())
            return answer({"rows": [row.to_json() for row in rows]})

        @router.post("/prove")
        async def prove(request: Request) -> Response:
            order = parse_body(ProveOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
            return answer(await run_in_threadpool(self._prove, order))

        @router.post("/seal")
        async def seal_offer(request: Request) -> Response:
            order = parse_body(SealOrder, await read_body(request, BODY_BYTES_MAX), "bad-order")
            value: dict[str, JsonValue] = {"bidder": order.bidder, "price_cents": order.price_cents}
            sealed, opening = seal(value, secrets.token_hex(16))
            return answer({"sealed": sealed.sealed, "opening": opening.to_json()})

        return router

    def _records(self) -> list[dict[str, Any]]:
        feed, after = self._lab.feed, 0
        if not feed.is_fresh:
            feed.read()
        records: list[dict[str, Any]] = []
        while True:
            page, after = read_page(feed.page(after, PAGE))
            records += page
            if not page:
                return records

    def _data(self, order: FileOrder) -> bytes:
        if bool(order.name) == bool(order.text):  # check: desk-one-file
            raise InputError("bad-order", "A file is given by its name in the folder of files, or by its text.")
        return self._file(order.name) if order.name else order.text.encode()

    def _prove(self, order: ProveOrder) -> dict[str, JsonValue]:
        path = "/v1/state/" + "/".join(quote(part, safe="") for part in (order.contract, order.collection, order.key))
        with self._lab.client() as client:
            try:
                told = client.get(path, proof=True)
            except NotFoundError as error:
                if "proof" not in error.details:
                    raise
                told = error.details
        genesis = parse_genesis(self._lab.network.genesis_bytes.removesuffix(b"\n"))
        data = encode_proof_file([told["proof"]], genesis)
        return {"file": data.decode(), "verdict": judge(data, Pinned(genesis=genesis))}

    def _file(self, name: str) -> bytes:
        path: Path = self._folder / name
        if not NAME.fullmatch(name) or not path.is_file():  # check: desk-file
            raise NotFoundError("unknown-file", f"The folder of files holds no file {name[:200]!r}.")
        return path.read_bytes()

    def _pinned(self, order: FileOrder) -> Pinned:
        block = Digest(order.block) if order.block else None
        if order.ledger is None or order.ledger == self._lab.network.ledger:
            return Pinned(genesis=parse_genesis(self._lab.network.genesis_bytes.removesuffix(b"\n")), block=block)
        return Pinned(Digest(order.ledger) if order.ledger else None, block=block)
