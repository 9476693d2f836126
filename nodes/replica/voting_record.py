"""What a voter must not forget: its own statements, the certificates that led to them, and the bodies they name.

One durable write before sending: the statement, the block body for Propose and Vote, and the certificates that led
here. After a restart identical bytes are resent. All rows of a height go when its block is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ledger.block import Header, parse_header
from ledger.certificate import Certificate, Statement, parse_certificate, parse_statement
from ledger.chain.tables import BODIES, digest_key, put_body, split_lines
from ledger.encoding import decode, encode_unchecked
from ledger.errors import MalformedError
from ledger.primitives import Digest
from ledger.state.store import Batch, Reader, Store, big_endian, damaged
from ledger.transaction import Block, parse_transaction

STATEMENTS = "statements"
"""Height, view and kind -> my signed statement."""
CERTIFICATES = "certificates"
"""Height, view and kind -> certificate of an undecided height."""
CANDIDATES = "candidates"
"""Height and block id -> header of a block that I proposed or voted for; its body stands in `bodies`."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the store holds of the height that is not decided yet."""

    statements: tuple[Statement, ...]
    certificates: tuple[Certificate, ...]
    blocks: tuple[Block, ...]


class VotingRecord:
    """What a replica signed at this height, from its signing until it is durable and may be sent."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.unsaved: list[Statement] = []
        """Signed, not yet handed to the store."""
        self.unsent: dict[int, tuple[Statement, ...]] = {}
        """By ticket: what may be sent once it is durable."""
        self._blocks: set[Digest] = set()
        """Blocks whose body was handed to the store."""
        self._certificates: set[tuple[str, int]] = set()
        """(kind, view) of certificates handed to the store."""

    def restore(self, height: int) -> Remembered:
        """What the store holds of this height, after a restart."""
        kept = remembered(self._store, height)
        self._blocks.update(block.id for block in kept.blocks)
        self._certificates.update((certificate.kind, certificate.view) for certificate in kept.certificates)
        return kept

    def save(self, certificates: Iterable[Certificate], blocks: Mapping[Digest, Block]) -> None:
        """One durable write for all that is signed and unsaved, with what led to it."""
        if not self.unsaved:
            return
        batch = Batch()
        for statement in self.unsaved:
            write_statement(batch, statement)
            if statement.kind in ("propose", "vote") and statement.block not in self._blocks:
                write_candidate(batch, blocks[statement.block])
                self._blocks.add(statement.block)
        fresh = [c for c in certificates if (c.kind, c.view) not in self._certificates]
        write_certificates(batch, fresh)
        self._certificates.update((c.kind, c.view) for c in fresh)
        self.unsent[self._store.commit(batch)] = tuple(self.unsaved)
        self.unsaved.clear()

    def became_durable(self, ticket: int) -> list[Statement]:
        """What may be sent now that every batch up to this ticket is durable."""
        return [statement for t in list(self.unsent) if t <= ticket for statement in self.unsent.pop(t)]

    def has_body(self, block: Digest) -> bool:
        """Whether the block's body was handed to the store."""
        return block in self._blocks

    def end_height(self, batch: Batch, height: int, decided: Digest) -> None:
        """Forgets the height with the batch that stores its block; what is unsaved is never sent."""
        forget(batch, self._store, height, decided)
        self.unsaved.clear()
        self._blocks.clear()
        self._certificates.clear()


def write_statement(batch: Batch, statement: Statement) -> None:
    """Adds a signed statement."""
    batch.put(STATEMENTS, _place(statement), encode_unchecked(statement.to_json()))


def holds(reader: Reader, statement: Statement, height: int) -> bool:
    """Whether a database whose last block has this height holds the statement, or did until its height was decided."""
    return statement.height <= height or reader.get(STATEMENTS, _place(statement)) == encode_unchecked(statement.to_json())


def write_certificates(batch: Batch, certificates: Iterable[Certificate]) -> None:
    """Adds certificates; a known one is written again as it is."""
    for certificate in certificates:
        key = big_endian(certificate.height) + big_endian(certificate.view) + certificate.kind.encode()
        batch.put(CERTIFICATES, key, encode_unchecked(certificate.to_json()))


def write_candidate(batch: Batch, block: Block) -> None:
    """Adds a block that this node proposes or votes for. Its body is not written again when the block is decided."""
    batch.put(CANDIDATES, big_endian(block.header.height) + digest_key(block.id), block.header.raw)
    put_body(batch, block)


def remembered(reader: Reader, height: int) -> Remembered:
    """Everything of a height; raises StorageError `database-damaged`: a voter that forgot what it said must not go on."""
    rows = {table: _rows(reader, table, height) for table in (STATEMENTS, CERTIFICATES, CANDIDATES)}
    try:
        return Remembered(
            tuple(parse_statement(decode(value)) for _, value in rows[STATEMENTS]),
            tuple(parse_certificate(decode(value)) for _, value in rows[CERTIFICATES]),
            tuple(_block(reader, parse_header(value)) for _, value in rows[CANDIDATES]),
        )
    except MalformedError as error:
        raise damaged(f"what this node said at height {height} cannot be read ({error.code})") from error


def forget(batch: Batch, reader: Reader, height: int, decided: Digest) -> None:
    """Deletes the rows of a height together with the bodies of the blocks that lost."""
    for table in (STATEMENTS, CERTIFICATES, CANDIDATES):
        for key, _ in _rows(reader, table, height):
            batch.delete(table, key)
            if table == CANDIDATES and key[8:] != digest_key(decided):
                batch.delete(BODIES, key[8:])


def _place(statement: Statement) -> bytes:
    return big_endian(statement.height) + big_endian(statement.view) + statement.kind.encode()


def _rows(reader: Reader, table: str, height: int) -> list[tuple[bytes, bytes]]:
    return reader.scan(table, big_endian(height), big_endian(height + 1), 1_000_000)


def _block(reader: Reader, header: Header) -> Block:
    body = reader.get(BODIES, digest_key(header.id)) or b""
    return Block(header, tuple(map(parse_transaction, split_lines(body))))
