"""TLS contexts of nodes and clients. The certificate of the other end is judged before a byte of HTTP passes.

OpenSSL does the handshake and builds the chain to a root; what it cannot know is judged right after, in the handshake
itself: the root is that of the peer's organization *as the ledger names it now*, the certificate is that of this very
member, which may run a node now, and it is valid by the host's clock. OpenSSL judges no dates here, because those of
the roots are dates of the ledger (`ledger/identity/tls.py`).
"""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger.errors import OperatorError, VerificationError
from ledger.identity.tls import tls_member, verify_tls
from nodes.node.clock import wall_ms

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME, which Python's `ssl` does not name."""

RootOf = Callable[[str], str | None]
"""PEM of the root of a member's organization, if the member may run a node now; None for all others."""
Roots = Callable[[], tuple[str, ...]]
"""PEM of the roots of all organizations now."""


class _JudgedObject(ssl.SSLObject):
    """A connection whose peer is judged at the end of the handshake, by the context's own rule."""

    member = ""
    """The member whose node the other end is, empty for a reader; `nodes/http/connections` asks for it."""

    def do_handshake(self) -> None:
        super().do_handshake()
        context = self.context
        assert isinstance(context, JudgingContext)
        try:
            self.member = context.judge(self.getpeercert(binary_form=True))
        except VerificationError as error:
            raise ssl.SSLCertVerificationError(f"{error.code}: {error.message}") from error


class JudgingContext(ssl.SSLContext):
    """A context that trusts the roots of the ledger as they are at each handshake."""

    sslobject_class: type[ssl.SSLObject] = _JudgedObject
    roots: Roots
    judge: Callable[[bytes | None], str]
    """Takes the peer's certificate in DER and returns its member; raises VerificationError."""
    _trusted: tuple[str, ...] = ()

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """Begins a connection."""
        roots = self.roots()
        if roots != self._trusted:
            self.load_verify_locations(cadata="".join(roots))
            self._trusted = roots
        return super().wrap_bio(*arguments, **options)


class NodeTls:
    """What one node speaks TLS with, as server and as client."""

    def __init__(self, files: tuple[Path, Path], roots: Roots, root_of: RootOf) -> None:
        """`files` hold certificate and key. Raises OperatorError `bad-tls-files`."""
        self._files, self._roots, self._root_of = files, roots, root_of
        self._to: dict[str, ssl.SSLContext] = {}
        self.server = self._serving()
        """Other nodes show their certificate, readers need none."""

    def to(self, member: str) -> ssl.SSLContext:
        """For requests to that member's node; raises VerificationError `not-a-node`, also on a connection that is kept open."""
        if self._root_of(member) is None:  # check: tls-peer-now
            raise VerificationError("not-a-node", f"{member} does not run a node of this ledger.")
        if member not in self._to:
            self._to[member] = _client_context(self._roots, self._root_of, member)
            _load(self._to[member], self._files)
        return self._to[member]

    def _serving(self) -> ssl.SSLContext:
        def judge(der: bytes | None) -> str:
            return "" if der is None else _judge(der, tls_member(der), self._root_of)

        context = _context(ssl.PROTOCOL_TLS_SERVER, self._roots, judge)
        context.verify_mode = ssl.CERT_OPTIONAL
        _load(context, self._files)
        return context


def reader_context(root_pem: str, member: str) -> ssl.SSLContext:
    """For a client that knows the root of the organization whose node, run by `member`, it asks."""
    return _client_context(lambda: (root_pem,), lambda _: root_pem, member)


def _client_context(roots: Roots, root_of: RootOf, member: str) -> JudgingContext:
    context = _context(ssl.PROTOCOL_TLS_CLIENT, roots, lambda der: _judge(der or b"", member, root_of))
    context.check_hostname = False  # the member's name is what counts, and `judge` looks at it
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _context(protocol: int, roots: Roots, judge: Callable[[bytes | None], str]) -> JudgingContext:
    context = JudgingContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= _NO_CHECK_TIME
    context.roots, context.judge = roots, judge
    return context


def _judge(der: bytes, member: str, root_of: RootOf) -> str:
    root = root_of(member)
    if root is None:  # check: tls-revoked
        raise VerificationError("not-a-node", f"{member} does not run a node of this ledger.")
    verify_tls(der, root, member, wall_ms())
    return member


def _load(context: ssl.SSLContext, files: tuple[Path, Path]) -> None:
    try:
        context.load_cert_chain(*files)
    except (OSError, ssl.SSLError) as error:
        raise OperatorError("bad-tls-files", f"{files[0]} and {files[1]} give no TLS identity: {error}.") from error
