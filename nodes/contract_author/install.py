"""Puts a contract on the network of a directory, step by step; what is done already is not done again.

1. copy      its files, into the network's folder `contracts`
2. nodes     each node's `node.json` names it; one that runs starts again, one after another, so that the ledger goes on
3. propose   an admin proposes it: `approve-contract` with the digest of its source
4. approve   admins of other organizations, until more than half of all organizations have
5. report    each validator whose node has it says so; with a quorum of them the version acts

A second version goes the same way: until it acts the first one does, and both lie side by side.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ledger.contract import Operation
from ledger.contract.source_rules.loader import LoadedContract
from ledger.errors import IndefiniteError, JsonValue, OperatorError, TallystickError
from ledger.governance import ApproveContract, ContractVersion, Governance, Proposal
from ledger.identity.records import CURRENT
from ledger.membership import ADMIN
from nodes.client import Client, LocalMember, Outcome
from nodes.key_files import read_key
from nodes.lab.remote import RemoteControl
from nodes.network.directory import client_of, is_network_running, read_network
from nodes.node.files import KEYS, NODE_FILE, NodeAddress, NodeFile, read_file, write_file
from nodes.words import Language, Words

FINAL_SECONDS_MAX = 60
CATCH_UP_SECONDS_MAX = 60
POLL_SECONDS = 0.1
PROPOSALS_MAX = 100


@dataclass(frozen=True, slots=True)
class InstallStep:
    """One thing that was done, or that is left to others."""

    kind: str
    """Key of its words, in the group `install` of `words.toml`."""
    who: str = ""
    more: str = ""

    def text(self, language: Language) -> str:
        """The step in words."""
        return Words.of("nodes.contract_author").text("install", self.kind, language, who=self.who, more=self.more)


@dataclass(frozen=True)
class Installation:
    """Of one contract on one network."""

    directory: Path
    placed: LoadedContract
    """As nodes name it."""
    only_nodes: tuple[str, ...] = ()
    """Nodes that this call is about; empty: all. With some, it neither proposes nor approves."""
    is_proposed_only: bool = False
    """Whether approving and reporting are left to others."""

    @cached_property
    def control(self) -> RemoteControl:
        """Of the lab, if it is one."""
        return RemoteControl(self.directory)

    def steps(self) -> Iterator[InstallStep]:
        """Does it; raises an error of the tree where it cannot go on."""
        nodes = self._nodes()
        running = is_network_running(self.directory)
        if not self.is_proposed_only:
            yield from self._tell_nodes(nodes, running)
        if not running:
            yield InstallStep("stands-still")
            return
        with client_of(self.directory, self._asked()) as client:
            version = client.read(Governance.versions, self.placed.contract.name)
            if not self.only_nodes and not self._is_this(version):
                yield from self._vote(client)
                version = client.read(Governance.versions, self.placed.contract.name)
            yield from self._report(client, version, nodes)

    def _nodes(self) -> list[NodeAddress]:
        there = [node for node in read_network(self.directory).nodes if node.directory]
        unknown = sorted(set(self.only_nodes) - {node.member for node in there})
        if unknown:  # check: install-node
            names = ", ".join(node.member for node in there)
            raise OperatorError("unknown-node", f"{unknown[0]:.80} is no node of this network; there are {names}.")
        return [node for node in there if not self.only_nodes or node.member in self.only_nodes]

    def _tell_nodes(self, nodes: Sequence[NodeAddress], running: bool) -> Iterator[InstallStep]:
        is_unread, up = False, self._up()
        for node in nodes:
            path = self.directory / node.directory / NODE_FILE
            file = read_file(path, NodeFile)
            if self.placed.module in file.contracts:
                yield InstallStep("node-has-it", node.member)
                continue
            write_file(path, file.model_copy(update={"contracts": (*file.contracts, self.placed.module)}))
            if not running or (up is not None and node.member not in up):
                yield InstallStep("node-written", node.member)
            elif up is None:
                is_unread = True
                yield InstallStep("node-to-restart", node.member)
            else:
                height = self._height(node.member)
                for order in ("stop", "start"):
                    self.control.order(f"/nodes/{node.member}", {"do": order})
                self._wait_for(node.member, height)
                yield InstallStep("node-restarted", node.member)
        if is_unread:  # check: install-control
            message = "The nodes read it when they start: `network down`, `network up`, then the same command again."
            raise OperatorError("restart-needed", message)

    def _vote(self, client: Client) -> Iterator[InstallStep]:
        admins = self._admins(client)
        contract, lists = self.placed.contract, self.placed.contract.field_lists
        action = ApproveContract(
            name=contract.name, module=self.placed.module, digest=self.placed.digest, reads=lists.reads, fields=lists.fields
        )
        number, proposal = self._proposal(client, action)
        if proposal is None:
            arguments: dict[str, JsonValue] = {"number": number, "action": action.model_dump(mode="json")}
            outcome = self._submit(client, Governance.propose, arguments, admins[0])
            yield InstallStep("proposed", admins[0], f"{number}, block {outcome.height}")
            proposal = client.read(Governance.proposals, number)
        assert proposal is not None, "it was written, by us or before"
        organizations = len(client.records(Governance.organizations))
        if self.is_proposed_only:
            yield InstallStep("wait-approval", number, f"{len(proposal.approvals)}/{organizations // 2 + 1}")
            return
        for admin in admins:
            if 2 * len(proposal.approvals) > organizations:
                return
            if admin.partition(".")[0] not in proposal.approvals:
                outcome = self._submit(client, Governance.approve, {"number": number}, admin)
                proposal = proposal.replace(approvals=(*proposal.approvals, admin.partition(".")[0]))
                yield InstallStep(
                    "approved", admin, f"{len(proposal.approvals)}/{organizations // 2 + 1}, block {outcome.height}"
                )

    def _report(self, client: Client, version: ContractVersion | None, nodes: Sequence[NodeAddress]) -> Iterator[InstallStep]:
        if version is None or not self._is_this(version):
            if not self.is_proposed_only:
                yield InstallStep("not-approved")
            return
        voters = self._voters(client)
        for node in nodes:
            if self.is_proposed_only or node.member not in voters or node.member in version.installed_by:
                continue
            if self.placed.module in read_file(self.directory / node.directory / NODE_FILE, NodeFile).contracts:
                arguments: dict[str, JsonValue] = {"contract": self.placed.contract.name, "digest": self.placed.digest}
                outcome = self._submit(client, Governance.report_installed, arguments, node.member)
                yield InstallStep("reported", node.member, f"block {outcome.height}")
        version = client.read(Governance.versions, self.placed.contract.name)
        assert version is not None, "it was there"
        missing = [voter for voter in voters if voter not in version.installed_by]
        if version.status == "active":
            yield InstallStep("acts", self.placed.contract.name, self.placed.digest)
            if missing:
                yield InstallStep("does-not-vote", ", ".join(missing))
        else:
            yield InstallStep("wait-reports", ", ".join(missing))

    def _is_this(self, version: ContractVersion | None) -> bool:
        """Whether the ledger names this source and what it reads and shows: a validator reports nothing else as installed."""
        lists, digest = self.placed.contract.field_lists, self.placed.digest
        return version is not None and (version.digest, version.reads, version.fields) == (digest, lists.reads, lists.fields)

    def _proposal(self, client: Client, action: ApproveContract) -> tuple[str, Proposal | None]:
        """The number under which this version is to be proposed, or is, and the open proposal: of this and of nothing else."""
        base = f"{self.placed.contract.name}-{self.placed.digest[:8]}"
        for count in range(1, PROPOSALS_MAX):
            number = base if count == 1 else f"{base}-{count}"
            proposal = client.read(Governance.proposals, number)
            if proposal is None or (proposal.status == "open" and proposal.action == action):
                return number, proposal
        raise OperatorError("too-many-proposals", f"{base} was proposed {PROPOSALS_MAX} times.")

    def _admins(self, client: Client) -> list[str]:
        """An admin of each organization whose key lies here, in the order of the organizations."""
        held = {path.stem for path in (self.directory / KEYS).glob("*.key")}
        found: dict[str, str] = {}
        for name, member in client.records(Governance.members):
            if ADMIN in member.roles and member.revoked_at_ms is None and name in held:
                found.setdefault(member.organization, name)
        if not found:  # check: install-admin
            raise OperatorError("no-key", "This network's directory holds no admin's key: an admin proposes and approves.")
        return list(found.values())

    def _voters(self, client: Client) -> list[str]:
        found = client.read(Governance.validators, CURRENT)
        assert found is not None, "every ledger has validators"
        return [entry.member for entry in found.validators]

    def _submit(self, client: Client, operation: Operation, arguments: Mapping[str, JsonValue], who: str) -> Outcome:
        signer = LocalMember(who, read_key(self.directory / KEYS / f"{who}.key"))
        outcome = client.deliver(client.sign_named(operation.contract, operation.name, arguments, [signer]), FINAL_SECONDS_MAX)
        if not outcome.is_committed:  # check: install-refused
            raise OperatorError(
                "ledger-refused", f"The ledger refused {operation.name} of {who} ({outcome.code}): {outcome.sentence}"
            )
        return outcome

    def _asked(self) -> str:
        """A node that runs, of those that this is about if there is one."""
        up = self._up()
        if up is None:
            return read_network(self.directory).nodes[0].member
        if not up:  # check: install-running
            raise OperatorError("no-node-runs", "No node of this lab runs: start one.")
        return next((member for member in up if member in self.only_nodes), up[0])

    def _up(self) -> list[str] | None:
        """Nodes that run, as the lab's control says; None without a control."""
        if not self.control.is_there():
            return None
        return [node["member"] for node in self.control.get("/network")["nodes"] if node["running"]]

    def _height(self, node: str) -> int:
        with client_of(self.directory, node) as client:
            return int(client.get("/v1/blocks/latest")["height"])

    def _wait_for(self, node: str, height: int) -> None:
        """Until a node that was started again has what it had; the next one is stopped only then."""
        deadline = time.monotonic() + CATCH_UP_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                if self._height(node) >= height:
                    return
            except TallystickError:
                """It does not serve yet."""
            time.sleep(POLL_SECONDS)
        raise IndefiniteError("not-final", f"{node} did not come back within {CATCH_UP_SECONDS_MAX} s.")
