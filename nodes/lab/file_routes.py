"""Judging files for the page, whose reader has no command line; but for a proof, no node is asked.

POST /verify   {"name" or "text", "ledger"?, "block"?}: what the verifiers say of a file
POST /convict  {"first", "second"}: who signed both of two exports of the folder of files
POST /read     {"name" or "text"}: an export, one row a transaction
POST /prove    {"contract", "collection", "key"}: a proof file from a node, that the key has a value or that it has none
GET  /noted    what the nodes noted about each other
"""

import re
from pathlib import Path
from typing import Annotated, ClassVar, TypeAlias
from urllib.parse import quote

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.responses import Response

from ledger.errors import InputError, NotFoundError
from ledger.genesis import Genesis, parse_genesis
from ledger.primitives import Digest
from ledger.verify.proof_file import encode_proof_file
from ledger.verify.verdict import Pinned
from nodes.http.answers import answer
from nodes.lab.export_rows import read_rows
from nodes.lab.judging import convict, judge
from nodes.lab.lab import FILES, Lab
from nodes.lab.noted import noted, read_log
from nodes.lab.routes import LabOrder, ThisLab, verify_no_onlooker

router = APIRouter()
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
DigestOrEmpty: TypeAlias = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class FileOrder(LabOrder):
    """One file: of the folder of files by name, or its text."""

    body_bytes_max: ClassVar = 2_000_000
    name: str = ""
    text: str = ""
    ledger: DigestOrEmpty | None = None
    """Id that it must be of: this lab's where it is left out, any if it is empty."""
    block: DigestOrEmpty = ""
    """Id of a block that it must hold, if it is not empty."""

    def data(self, lab: Lab) -> bytes:
        """What is to be judged; raises InputError `bad-order`, NotFoundError `unknown-file`."""
        if bool(self.name) == bool(self.text):  # check: desk-one-file
            raise InputError("bad-order", "A file is given by its name in the folder of files, or by its text.")
        return file_of(lab, self.name).read_bytes() if self.name else self.text.encode()

    def pinned(self, lab: Lab) -> Pinned:
        """What the file must be of."""
        block = Digest(self.block) if self.block else None
        if self.ledger is None or self.ledger == lab.network.ledger:
            return Pinned(genesis=_genesis(lab), block=block)
        return Pinned(Digest(self.ledger) if self.ledger else None, block=block)


class ConvictOrder(LabOrder):
    """Two files of the folder of files."""

    first: str
    second: str


class ProveOrder(LabOrder):
    """A key of the state."""

    contract: str
    collection: str
    key: str


OneFile: TypeAlias = Annotated[FileOrder, Depends(FileOrder.read)]


@router.post("/verify")
def verify(lab: ThisLab, order: OneFile) -> Response:
    """What both verifiers say."""
    return answer(judge(order.data(lab), order.pinned(lab)))


@router.post("/convict")
def convict_pair(lab: ThisLab, order: Annotated[ConvictOrder, Depends(ConvictOrder.read)]) -> Response:
    """Who signed both of two exports."""
    return answer(convict(file_of(lab, order.first).read_bytes(), file_of(lab, order.second).read_bytes()))


@router.post("/read")
def read(lab: ThisLab, order: OneFile) -> Response:
    """An export as a table."""
    return answer({"rows": [row.to_json() for row in read_rows(order.data(lab).splitlines())]})


@router.post("/prove")
def prove(lab: ThisLab, order: Annotated[ProveOrder, Depends(ProveOrder.read)]) -> Response:
    """A proof file, and what the verifiers say of it."""
    path = "/v1/state/" + "/".join(quote(part, safe="") for part in (order.contract, order.collection, order.key))
    with lab.client() as client:
        try:
            proof = client.get(path, proof=True)["proof"]
        except NotFoundError as error:
            if "proof" not in error.details:
                raise
            proof = error.details["proof"]
    genesis = _genesis(lab)
    data = encode_proof_file([proof], genesis)
    return answer({"file": data.decode(), "verdict": judge(data, Pinned(genesis=genesis))})


@router.get("/noted", dependencies=[Depends(verify_no_onlooker)])
def get_noted(lab: ThisLab) -> Response:
    """What the nodes noted about each other, by whom it is about."""
    return answer({"rows": noted(read_log(lab.feed), lab.validators)})


def file_of(lab: Lab, name: str) -> Path:
    """A file of the lab's folder of files; raises NotFoundError `unknown-file`."""
    path = lab.network.directory / FILES / name
    if not NAME.fullmatch(name) or not path.is_file():  # check: desk-file
        raise NotFoundError("unknown-file", f"The folder of files holds no file {name[:200]!r}.")
    return path


def _genesis(lab: Lab) -> Genesis:
    return parse_genesis(lab.network.genesis_bytes.removesuffix(b"\n"))
