"""What a reader sees of a record, and by which rule.

    value    all of it: the openings of its sealed fields too, or there is nothing sealed in it
    digest   the record as it stands on the ledger, sealed fields as digests
    nothing  no answer at all

A level is about what is sealed. What stands on the ledger open, such as a price that its bidder has revealed, is open to
everyone who may read the ledger.

Reads of a node are `open`, or only for `members`. A contract's own read rules come first; the rules below say the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ledger.chain.view import ChainView
from ledger.contract.contract import Contract
from ledger.contract.refusal import ReadRule
from ledger.contract.words import words_of
from ledger.encoding import decode
from ledger.errors import NotFoundError
from ledger.identity.records import Member, StateModel
from ledger.membership import Membership
from ledger.sealed import sealed_in
from ledger.state.overlay import StateReads

Reads = Literal["open", "members"]
Level = Literal["value", "digest", "nothing"]
RULES: Mapping[str, ReadRule] = {
    "nothing-sealed": ReadRule(
        en="Nothing in this record is sealed: whoever may read the ledger reads all of it.",
        zh="该记录没有密封内容：能读取账本者即可读取全部内容。",
    ),
    "as-on-ledger": ReadRule(
        en="No rule of the contract entitles to what is sealed: it shows as digests. All else in the record is open to whoever "
        "may read the ledger, a revealed value too.",
        zh="合约中没有规则授权查看密封的内容：只显示摘要。记录的其他内容，包括已公开的值，能读取账本者均可读取。",
    ),
    "members-only": ReadRule(en="This node answers to members alone.", zh="本节点只答复成员。"),
    "not-active": ReadRule(
        en="Revoked, or outside of its certificate's time: this node answers to active members alone.",
        zh="已被吊销或证书不在有效期内：本节点只答复有效成员。",
    ),
}
"""Why, where no rule of the contract says it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one reader sees of one record."""

    level: Level
    rule: str
    """Of the contract's read rules, or of RULES."""


@dataclass(frozen=True, slots=True)
class Sights:
    """Judges who sees what of one record at one state."""

    contract: type[Contract]
    state: StateReads
    record: StateModel
    sealed: tuple[str, ...]
    """The digests in its sealed fields."""
    reads: Reads
    clock_ms: int
    """By which a member is active or not: the node's clock."""
    time_ms: int
    """Block time, by which the contract judges."""
    height: int

    def of(self, reader: Member | None) -> Sight:
        """What this member sees; None stands for those who are no members."""
        if reader is not None and (rule := self.rule_of(reader)):
            return Sight("value", rule)
        if self.reads == "members" and (reader is None or not reader.is_active(self.clock_ms)):
            return Sight("nothing", "members-only" if reader is None else "not-active")
        return Sight("digest", "as-on-ledger") if self.sealed else Sight("value", "nothing-sealed")

    def rule_of(self, member: Member) -> str:
        """The contract's read rule that entitles this member now, or ""; raises TypeError for a rule that has no words."""
        if not member.is_active(self.clock_ms):
            return ""
        rule = self.contract.read_rule(self.state, self.record, member, self.time_ms, self.height)
        if rule != "" and rule not in words_of(self.contract).read_rules:  # check: read-rule-declared
            raise TypeError(f"Contract {self.contract.name} does not declare the read rule {rule!r}.")
        return rule

    def entitled(self, organization: str) -> dict[str, str]:
        """The members of the organization whom a read rule entitles now, each with its rule."""
        members = Membership(self.state).members.items(prefix=f"{organization}.")
        found = {name: self.rule_of(member) for name, member in members}
        return {name: rule for name, rule in found.items() if rule}

    def sentence(self, sight: Sight, language: str) -> str:
        """The words of the rule in `en` or `zh`."""
        rule = words_of(self.contract).read_rules.get(sight.rule) or RULES[sight.rule]
        return rule.zh if language == "zh" else rule.en


def sights_of(
    view: ChainView, contracts: Mapping[str, type[Contract]], reads: Reads, now_ms: int, contract: str, collection: str, key: str
) -> Sights:
    """Judges the record under a key, at a node with these contracts.

    Raises NotFoundError `not-found` or `no-such-collection`, RefusedError `bad-key`.
    """
    value = view.state.get(contract, collection, key)
    if value is None:  # check: document-record
        raise NotFoundError("not-found", f"{contract[:64]}/{collection[:64]} holds nothing under this key.")
    found = contracts.get(contract)
    declared = None if found is None else found.collections.get(collection)
    if found is None or declared is None or declared.contract != contract:  # check: record-collection
        raise NotFoundError("no-such-collection", f"No installed contract has a collection {contract[:64]}/{collection[:64]}.")
    return Sights(
        contract=found,
        state=view.state,
        record=declared.record.model_validate_json(value),
        sealed=tuple(sealed_in(decode(value))),
        reads=reads,
        clock_ms=view.next_time_ms(now_ms),
        time_ms=view.time_ms(),
        height=view.height,
    )
