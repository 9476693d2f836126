"""An organization's own directory, which never leaves it: keys, and once the genesis is approved the folders of its nodes.

DIR/keys, DIR/certificates        of its root and its members (mode 0600); later the certificates of all
DIR/genesis.json, network.json    from `install` on: DIR is a network directory, as commands take it with `--dir`
DIR/nodes/MEMBER                  all that a node's host gets: move it there. Of private keys it holds the node's and that of its
                                  TLS certificate, not the root's
DIR/monitoring                    Prometheus, told where the nodes are

A node has a key only through such a folder, and a folder is made only once all organizations approved the genesis and their
digest was heard from them. So a node needs no further check when it starts: its database begins with that genesis.
"""

import shutil
import sys
from pathlib import Path

from ledger.errors import OperatorError, VerificationError
from ledger.keys import PrivateKey
from ledger.primitives import Digest
from nodes.access.levels import Reads
from nodes.key_files import random_key, read_bytes, read_key, write_durable, write_key, writing
from nodes.network.directory import EVERYWHERE, write_tls
from nodes.node.files import (
    CERTIFICATES,
    GENESIS_FILE,
    KEYS,
    NETWORK_FILE,
    NODE_FILE,
    NODES,
    TLS,
    TLS_ROOTS,
    NetworkFile,
    NodeAddress,
    NodeFile,
    read_file,
    write_file,
)
from nodes.node.node_directory import create_node
from nodes.plan.network_plan import is_ip_address, load_planned, parse_address
from nodes.plan.offers import Offer, make_approval, make_offer
from nodes.plan.operation import UNIT, monitoring_files, unit_text
from nodes.plan.papers import Papers

OWN_MODE = 0o700
APPROVED = "approved-{plan}"
"""File that holds the ledger approved for a plan."""
MARKED = "marked-{member}-{ledger}"
"""File that says that a node was given its voting mark in a ledger."""
BEING_MADE = ".new"


class Office:
    """One organization's directory for one plan."""

    def __init__(self, papers: Papers, organization: str, directory: Path) -> None:
        """Raises OperatorError `unknown-organization` or `other-organization`."""
        self.papers, self.organization, self.directory = papers, organization, directory
        self.members = papers.plan.members_of(organization)
        others = [name for name in papers.names if name != organization and self._key_file(name).exists()]
        if others:  # check: office-of-one
            message = f"{directory} is the directory of {others[0]}; {organization} keeps its keys in another."
            raise OperatorError("other-organization", message)

    def offer(self) -> Path:
        """Makes the keys that are missing, and the offer; returns its file. Raises OperatorError."""
        if (self.directory / NETWORK_FILE).exists():  # check: office-installed
            raise OperatorError("already-a-network", f"{self.directory} is that of a network already. Choose another directory.")
        with writing(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
            self.directory.chmod(OWN_MODE)
            (self.directory / KEYS).mkdir(exist_ok=True)
        for name in (self.organization, *self.members):
            if not self._key_file(name).exists():
                write_key(self._key_file(name), random_key())
        offer = self._own_offer()
        self._write_certificates(offer.certificates)
        return self.papers.write(offer)

    def approve(self) -> Path:
        """Signs the genesis; returns the file of the approval. Raises what is wrong with it.

        One genesis for one plan: an organization that offers twice gets no two geneses approved by the same others.
        """
        self.papers.verify_genesis_file()
        self._verify_own_offer()
        ledger, kept = self.papers.genesis.ledger, self.directory / APPROVED.format(plan=self.papers.plan.digest)
        approved = read_bytes(kept).decode() if kept.exists() else ledger
        if approved != ledger:  # check: approved-once
            message = f"You approved ledger {approved:.16}… for this plan already; now it is {ledger:.16}…."
            raise VerificationError("other-genesis", f"{message} A new offer needs a new plan, with another start time.")
        write_durable(kept, ledger.encode())
        return self.papers.write(make_approval(self.papers.plan, ledger, self.organization, self._key(self.organization)))

    def install(self, ledger: str, home: Path, python: str = sys.executable, reads: Reads = "open") -> list[Path]:
        """Makes the folders of the organization's nodes that are not here, and returns them.

        Only once all organizations approved the genesis, and it is that of `ledger`, the digest that they told each other. `home`
        is the folder on the host that they move to, `python` the interpreter there, `reads` whom the nodes answer to.

        A node is given a voting mark once, and only until an installation is complete: a folder that is made again is that of a
        host that was lost, whose key has signed before.
        """
        genesis = self.papers.genesis
        if ledger != genesis.ledger:  # check: ledger-told
            message = f"From the plan and these offers follows ledger {genesis.ledger}, not {ledger!r:.66}."
            raise VerificationError("other-genesis", f"{message} Somebody's papers differ.")
        self._verify_own_offer()
        self.papers.verify_approved()
        is_first = self._is_first(genesis.ledger)
        own = [node for node in self.papers.plan.node_addresses if node.member in self.members]
        made = []
        for node in own:
            folder = self.directory / NODES / node.member
            if not (folder / NODE_FILE).exists():
                unit = unit_text(node.member, (home / node.member).as_posix(), python)
                self._make_folder(folder, node, unit, reads, is_first=is_first)
                made.append(folder)
        self._write_certificates({one.name: one.root_certificate for one in genesis.organizations})
        self._write_certificates({one.member: one.certificate for one in genesis.members})
        write_durable(self.directory / GENESIS_FILE, genesis.encode())
        with writing(self.directory / TLS):
            (self.directory / TLS).mkdir(exist_ok=True)
        write_durable(self.directory / TLS / TLS_ROOTS, "".join(one.root_certificate for one in genesis.organizations).encode())
        network = self.papers.network(self.members)
        monitoring_files(self.directory / "monitoring", network, f"../{TLS}/{TLS_ROOTS}")
        write_file(self.directory / NETWORK_FILE, network)
        return made

    def _make_folder(self, folder: Path, node: NodeAddress, unit: str, reads: Reads, *, is_first: bool) -> None:
        genesis, has_tls, member = self.papers.genesis, self.papers.plan.tls, node.member
        host, port = parse_address(node.url.partition("//")[2])
        making = folder.with_name(folder.name + BEING_MADE)
        marked = self.directory / MARKED.format(member=member, ledger=genesis.ledger)
        with_mark = is_first and not marked.exists()
        with writing(making):
            shutil.rmtree(making, ignore_errors=True)
            (making / KEYS).mkdir(parents=True)
            making.chmod(OWN_MODE)
        write_key(making / KEYS / f"{member}.key", self._key(member))
        write_durable(making / GENESIS_FILE, genesis.encode())
        write_file(making / NETWORK_FILE, self.papers.network(self.members))
        if has_tls:
            root = self._own_offer().certificates[self.organization]
            write_tls(making / TLS, member, root, self._key(self.organization), host)
        file = NodeFile(
            member=member,
            host=host if is_ip_address(host) else EVERYWHERE,
            port=port,
            key=f"{KEYS}/{member}.key",
            genesis=GENESIS_FILE,
            network=NETWORK_FILE,
            reads=reads,
            tls_certificate=f"{TLS}/{member}.pem" if has_tls else None,
            tls_key=f"{TLS}/{member}.key" if has_tls else None,
        )
        write_durable(making / UNIT.format(member=member), unit.encode())
        create_node(making, file, genesis, load_planned(self.papers.plan), with_mark=with_mark)
        if with_mark:
            write_durable(marked, b"")  # before anybody can take the folder away
        with writing(folder):
            making.rename(folder)

    def _is_first(self, ledger: Digest) -> bool:
        if not (self.directory / NETWORK_FILE).exists():
            return True
        if read_file(self.directory / NETWORK_FILE, NetworkFile).ledger != ledger:  # check: office-of-one-ledger
            raise OperatorError("already-a-network", f"{self.directory} is that of another ledger. Choose another directory.")
        return False

    def _verify_own_offer(self) -> None:
        if self.papers.offer(self.organization) != self._own_offer():  # check: own-offer
            message = f"The offer of {self.organization} beside the plan does not follow from the keys in {self.directory}."
            raise VerificationError("other-offer", message)

    def _own_offer(self) -> Offer:
        keys = {member: self._key(member) for member in self.members}
        return make_offer(self.papers.plan, self.organization, self._key(self.organization), keys)

    def _write_certificates(self, certificates: dict[str, str]) -> None:
        with writing(self.directory / CERTIFICATES):
            (self.directory / CERTIFICATES).mkdir(exist_ok=True)
        for name, pem in certificates.items():
            write_durable(self.directory / CERTIFICATES / f"{name}.pem", pem.encode())

    def _key_file(self, name: str) -> Path:
        return self.directory / KEYS / f"{name}.key"

    def _key(self, name: str) -> PrivateKey:
        return read_key(self._key_file(name))
