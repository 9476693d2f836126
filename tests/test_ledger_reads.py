"""Contracts that read each other: what a view shows, what governance compares, and that every verifier reads the same."""

from dataclasses import astuple, fields, replace
from typing import Annotated, Any

import pytest
from pydantic import AliasChoices, ConfigDict, Field, model_validator

from ledger.audit import audit_export
from ledger.block import Write
from ledger.chain.chain import Chain
from ledger.contract import Absent, Context, Contract, Record, RecordView
from ledger.contract.contract import ContractSet
from ledger.contract.description import describe, sentence
from ledger.contract.played_steps import beside, state_with
from ledger.contract.records import field_kinds
from ledger.contract.source_rules.loader import load_contract
from ledger.contract.words import ContractWords
from ledger.encoding import decode_object, encode
from ledger.errors import ContractMissingError, JsonValue, OperatorError, RefusedError
from ledger.execution import execute_block
from ledger.governance import Governance
from ledger.identity.records import GOVERNANCE, ContractEntry, FieldLists, Organization, StateModel
from ledger.membership import Membership
from ledger.primitives import NO_DIGEST
from ledger.sealed import Sealed
from ledger.snapshot.reader import read_snapshot
from ledger.snapshot.writer import snapshot_lines
from ledger.state.memory_store import MemoryStore
from ledger.state.overlay import Overlay
from ledger.verify.proof_file import encode_proof_file
from nodes.network.specification import default_specification
from tests.agreement import Case, agree
from tests.reading_contracts import Licence, Licences, LicenceView, Loan, Loans, OrganizationView
from tests.support import ADMINS, ALICE, VALIDATORS, DecidedChain, built, refusal
from tests.system_contracts import SystemState
from tests.test_ledger_audit import broken, committed, forged

LICENCES, LOANS = ("licences", "tests.reading_contracts:Licences"), ("loans", "tests.reading_contracts:Loans")
CONTRACTS = ContractSet({"licences": Licences, "loans": Loans})
CAPITAL: Sealed[int] = Sealed("ab" * 32)
ENTRY = {"name", "module", "digest"}


def chain(*contracts: tuple[str, str]) -> DecidedChain:
    return DecidedChain(replace(default_specification(members_each=1), contracts=contracts), CONTRACTS)


def context(state: Overlay, contract: type[Contract] = Loans) -> Context:
    return Context(contract, state, (), time_ms=1, height=1, transaction=NO_DIGEST)


# What is read


def test_a_view_no_record_and_no_contract_are_three_things() -> None:
    state = state_with(())
    assert context(state).read(LicenceView, "L-1") is Absent.NO_CONTRACT
    licences = beside(state, Licences).licences
    assert context(state).read(LicenceView, "L-1") is Absent.NO_RECORD
    licences["L-1"] = Licence(holder=ALICE, grade=2, capital=CAPITAL)
    found = context(state).read(LicenceView, "L-1")
    assert found == LicenceView(grade=2, capital=CAPITAL, is_withdrawn=False, district="-")


def test_what_the_system_keeps_is_always_there() -> None:
    state = state_with(())
    assert context(state).read(OrganizationView, "east") is Absent.NO_RECORD
    record = Organization(name="east", root_certificate="-", roles=("bank",))
    state.put("membership", "organizations", "east", encode(record.model_dump(mode="json")))
    assert context(state).read(OrganizationView, "east") == OrganizationView(roles=("bank",))


@pytest.mark.parametrize("value", [{"grade": "2"}, {"grade": 2, "capital": 7, "is_withdrawn": False}, [], 7])
def test_a_record_that_does_not_fit_is_refused_in_words_of_the_ledger(value: JsonValue) -> None:
    state = state_with(())
    beside(state, Licences)
    state.put("licences", "licences", "L-1", encode(value))
    error = refusal(RefusedError, context(state).read, LicenceView, "L-1")
    assert (error.code, error.details) == ("unreadable-record", {"collection": "licences.licences", "key": "L-1"})
    assert sentence(ContractWords({}), error.code, error.details, "en") == "L-1 in licences.licences is not as expected."


def test_only_what_is_declared_is_read() -> None:
    class Other(RecordView):
        """Of nothing."""

        grade: int

    with pytest.raises(TypeError, match="does not name"):
        context(state_with(())).read(Other, "L-1")


class Open(RecordView):
    """A view that would keep whatever it is given."""

    model_config = ConfigDict(extra="allow")
    grade: int


class Closed(RecordView):
    """A view that would refuse a field that a later version adds."""

    model_config = ConfigDict(extra="forbid")
    grade: int


class Prying(RecordView):
    """A view that would look at the record before its fields are taken."""

    grade: int

    @model_validator(mode="before")
    @classmethod
    def look(cls, value: Any) -> Any:
        """Takes another field for its own."""
        return {**value, "grade": value.get("rank", value["grade"])}


class Renaming(RecordView):
    """A view that would find its field under two names."""

    grade: int = Field(validation_alias=AliasChoices("grade", "rank"), default=0)


@pytest.mark.parametrize("view", [Open, Closed, Prying, Renaming])
def test_a_view_is_given_the_fields_that_it_declares_and_no_others(view: type[RecordView]) -> None:
    reader: Any = type("Reader", (Contract,), {"name": "reader", "reads": {"licences.licences": view}})
    assert reader.field_lists.reads.keys() == {"licences.licences.grade"}
    state = state_with(())
    beside(state, Licences)
    state.put("licences", "licences", "L-1", encode({"grade": 2, "rank": 9, "note": "x"}))
    found: Any = context(state, reader).read(view, "L-1")
    assert (found.grade, found.model_extra or {}) == (2, {})
    state.put("licences", "licences", "L-2", encode({"rank": 9}))
    if view is Renaming:
        assert context(state, reader).read(Renaming, "L-2") == Renaming()


def test_a_context_is_of_one_contract() -> None:
    given: Any = context(state_with(()))
    with pytest.raises(AttributeError):
        given.contract = Licences
    for taken in (fields, astuple, replace):
        with pytest.raises(TypeError, match="dataclass"):
            taken(given)
    with pytest.raises(TypeError, match="is run by the ledger"):
        Licences.run(given, "withdraw", {"number": "L-1"})


def test_a_contract_says_what_it_reads_and_what_it_shows() -> None:
    assert Loans.field_lists.reads == {
        "licences.licences.grade": "integer",
        "licences.licences.capital": "sealed",
        "licences.licences.is_withdrawn": "boolean",
        "licences.licences.district": "absent|string",
        "membership.organizations.roles": "array",
    }
    assert Licences.field_lists == FieldLists(
        fields={
            "licences.holder": "string",
            "licences.grade": "integer",
            "licences.capital": "sealed",
            "licences.note": "absent|null|string",
            "licences.is_withdrawn": "absent|boolean",
        }
    )
    views: Any = describe(Loans)["views"]
    assert views["membership.organizations"]["required"] == ["roles"]


def test_kinds_are_those_of_json() -> None:
    class Inner(Record):
        """A part."""

        x: int

    class Mixed(Record):
        """A field of most forms."""

        anything: Any
        inner: Inner
        either: Inner | int | None = None
        price: Sealed[int] | None = None
        pairs: tuple[tuple[str, int], ...] = ()
        made: tuple[int, ...] = Field(default_factory=tuple)
        within: Annotated[Inner | int, Field(title="one of two")] | None = None

    assert field_kinds(Mixed) == {
        "anything": "any",
        "inner": "object",
        "either": "absent|integer|null|object",
        "price": "absent|null|sealed",
        "pairs": "absent|array",
        "made": "absent|array",
        "within": "absent|integer|null|object",
    }


class Tree(RecordView):
    """A view that holds itself."""

    grade: int
    parts: "tuple[Tree, ...]" = ()


def test_a_view_that_holds_itself_is_declared_too() -> None:
    assert field_kinds(Tree) == {"grade": "integer", "parts": "absent|array"}
    reader: Any = type("Reader", (Contract,), {"name": "reader", "reads": {"licences.licences": Tree}})
    assert reader.field_lists.reads == {"licences.licences.grade": "integer", "licences.licences.parts": "absent|array"}


class Seen(RecordView):
    """A grade."""

    grade: int


class Empty(RecordView):
    """Nothing."""


FAULTY: dict[str, tuple[str, dict[str, Any]]] = {
    "no collection": ("contract.collection", {"licences": Seen}),
    "its own": ("another contract", {"reader.boxes": Seen}),
    "words": ("contract.collection", {"licences.two words": Seen}),
    "a record": ("with a RecordView", {"licences.licences": Licence}),
    "one view twice": ("for it alone", {"licences.licences": Seen, "licences.others": Seen}),
    "a view of nothing": ("names fields", {"licences.licences": Empty}),
    "a float": ("float", {"licences.licences": type("Heavy", (RecordView,), {"__annotations__": {"weight": float}})}),
}


@pytest.mark.parametrize("name", FAULTY)
def test_wrong_reads_show_when_the_class_is_made(name: str) -> None:
    words, reads = FAULTY[name]
    assert words in str(refusal(TypeError, type, "Reader", (Contract,), {"name": "reader", "reads": reads}))


# What governance compares


def approve(contract: type[Contract], *, digest: str = "cc" * 32, **lists: dict[str, str]) -> dict[str, JsonValue]:
    stated = {"reads": contract.field_lists.reads, "fields": contract.field_lists.fields, **lists}
    told: dict[str, JsonValue] = {name: {**fields} for name, fields in stated.items() if fields}
    return {"kind": "approve-contract", "name": contract.name, "module": "example:Some", "digest": digest, **told}


def decided(system: SystemState, action: dict[str, JsonValue], *, acts: bool = False) -> SystemState:
    number = f"P-{len(list(Governance(system.state).proposals.items()))}"
    assert "applied" in system.call(Governance, "propose", *ADMINS, number=number, action=action)
    for validator in VALIDATORS[:3] if acts else ():
        named: dict[str, JsonValue] = {"contract": action["name"], "digest": action["digest"]}
        system.call(Governance, "report_installed", validator, **named)
    return system


def refused(system: SystemState, action: dict[str, JsonValue]) -> tuple[str, Any]:
    error = system.refusal(Governance, "propose", "north.admin", number="P-9", action=action)
    return error.code, error.details.get("fields")


@pytest.fixture
def system() -> SystemState:
    return SystemState("north", "south", "east", "west")


SHOWN = Licences.field_lists.fields
WITHOUT_GRADE = {field: kinds for field, kinds in SHOWN.items() if field != "licences.grade"}
OTHERWISE: dict[str, tuple[dict[str, str], list[str]]] = {
    "a field gone": (WITHOUT_GRADE, ["licences.grade"]),
    "a field renamed": ({**WITHOUT_GRADE, "licences.rank": "integer"}, ["licences.grade"]),
    "another kind": ({**SHOWN, "licences.grade": "string"}, ["licences.grade"]),
    "a kind more": ({**SHOWN, "licences.grade": "integer|null"}, ["licences.grade"]),
    "no longer sealed": ({**SHOWN, "licences.capital": "integer"}, ["licences.capital"]),
    "another kind of what may be absent": ({**SHOWN, "licences.district": "integer"}, ["licences.district"]),
    "nothing stated": ({}, ["licences.capital", "licences.grade", "licences.is_withdrawn"]),
}


@pytest.mark.parametrize("acts", [False, True], ids=["approved", "acting"])
@pytest.mark.parametrize("name", OTHERWISE)
def test_a_version_that_breaks_a_reader_is_refused(system: SystemState, name: str, acts: bool) -> None:
    fields, unmet = OTHERWISE[name]
    decided(system, approve(Licences), acts=acts)
    decided(system, approve(Loans), acts=acts)
    assert refused(system, approve(Licences, digest="dd" * 32, fields=fields)) == ("breaks-reader", unmet)
    decided(system, approve(Licences, digest="dd" * 32, fields={**SHOWN, "licences.district": "string"}))


@pytest.mark.parametrize("acts", [False, True], ids=["approved", "acting"])
@pytest.mark.parametrize("name", OTHERWISE)
def test_a_reader_of_what_is_not_there_is_refused(system: SystemState, name: str, acts: bool) -> None:
    fields, unmet = OTHERWISE[name]
    decided(system, approve(Licences, fields=fields), acts=acts)
    assert refused(system, approve(Loans)) == ("not-shown", unmet)
    decided(system, approve(Licences, fields=SHOWN), acts=acts)
    assert "applied" in system.call(Governance, "propose", *ADMINS, number="P-8", action=approve(Loans))


def test_a_contract_may_be_read_before_it_is_there(system: SystemState) -> None:
    decided(system, approve(Loans), acts=True)
    assert refused(system, approve(Licences, fields=WITHOUT_GRADE)) == ("breaks-reader", ["licences.grade"])
    decided(system, approve(Licences), acts=True)


def test_what_the_system_does_not_keep_is_not_read(system: SystemState) -> None:
    reads = {"membership.organizations.rank": "integer", "governance.laws.text": "string"}
    assert refused(system, approve(Loans, reads={"membership.organizations.rank": "integer"})) == (
        "not-shown",
        ["organizations.rank"],
    )
    assert refused(system, approve(Loans, reads=reads))[0] == "not-shown"


def test_the_same_version_with_other_lists_is_another_one(system: SystemState) -> None:
    decided(system, approve(Licences, fields={}), acts=True)
    assert refused(system, approve(Licences, fields={}))[0] == "version-exists"
    decided(system, approve(Licences), acts=True)
    entry = Governance(system.state).contracts["licences"]
    assert (entry.reads, entry.fields) == ({}, SHOWN)


def test_an_entry_without_lists_is_spelled_as_ever(system: SystemState) -> None:
    plain = {"name": "asset", "module": "example:Asset", "digest": "aa" * 32}
    assert ContractEntry.model_validate(plain).model_dump(mode="json") == plain
    decided(system, approve(Licences, fields={}), acts=True)
    assert decode_object(system.state.get(GOVERNANCE, "contracts", "licences") or b"").keys() == plain.keys()
    assert decode_object(system.state.get(GOVERNANCE, "versions", "licences") or b"").keys() == {
        "module", "digest", "status", "installed_by",
    }  # fmt: skip


def test_no_record_of_the_state_is_written_by_a_function_of_python() -> None:
    """Pydantic turns a Ctrl-C in one into an error of its own, which no command awaits."""
    models = [StateModel]
    for model in models:
        models += model.__subclasses__()
    written = [model.__pydantic_decorators__ for model in models]
    assert len(written) > 20
    assert not any(one.model_serializers or one.field_serializers for one in written)


# What a node has installed


LIST_OF_LOANS = Loans.field_lists
LYING: dict[str, dict[str, dict[str, str]]] = {
    "no reads": {"fields": LIST_OF_LOANS.fields},
    "other reads": {"reads": {"licences.licences.grade": "integer"}},
    "a field more": {"reads": LIST_OF_LOANS.reads, "fields": {**LIST_OF_LOANS.fields, "loans.x": "string"}},
}


@pytest.mark.parametrize("name", LYING)
def test_a_contract_whose_lists_are_not_its_own_is_not_run(name: str) -> None:
    entry = ContractEntry(name="loans", module="-", digest="aa" * 32, **LYING[name])
    error = refusal(ContractMissingError, CONTRACTS.installed, entry)
    assert (error.code, "is not that of its source" in error.message) == ("wrong-lists", True)


@pytest.mark.parametrize("lists", [{}, {"fields": LIST_OF_LOANS.fields}], ids=["reads", "reads and fields"])
def test_a_contract_with_its_own_lists_is_run(lists: dict[str, dict[str, str]]) -> None:
    entry = ContractEntry(name="loans", module="-", digest="aa" * 32, reads=LIST_OF_LOANS.reads, **lists)
    assert CONTRACTS.installed(entry) is Loans


def test_a_network_states_fields_only_where_something_is_read() -> None:
    def entries(*contracts: tuple[str, str]) -> dict[str, set[str]]:
        network = built(replace(default_specification(members_each=1), contracts=contracts))
        stated = {
            one.name: one.model_dump(mode="json").keys() - {"name", "module", "digest"} for one in network.genesis.contracts
        }
        return {name: set(names) for name, names in stated.items()}

    asset = ("asset", "nodes.sample_contract:Asset")
    assert entries(asset, LICENCES) == {"asset": set(), "licences": set()}
    assert entries(asset, LICENCES, LOANS) == {"asset": set(), "licences": {"fields"}, "loans": {"reads", "fields"}}


class Curious(Contract):
    """Reads what membership does not keep."""

    name = "curious"
    reads = {"membership.organizations": Seen}


def test_a_network_does_not_begin_with_what_the_system_does_not_keep() -> None:
    wrong = replace(default_specification(members_each=1), contracts=(("curious", "tests.test_ledger_reads:Curious"),))
    error = refusal(OperatorError, built, wrong)
    assert (error.code, "organizations.grade of membership" in error.message) == ("bad-specification", True)


# On a chain


def lent() -> DecidedChain:
    """A licence, a loan on it, one on none; then it is withdrawn, and in the same block nothing more is lent on it."""
    played = chain(LICENCES, LOANS)
    capital: JsonValue = {"sealed": CAPITAL.sealed}
    give = played.sign(ALICE, "licences", "give", number="L-1", holder=ALICE, grade=2, capital=capital)
    lend = [
        played.sign(ALICE, "loans", "lend", number=number, licence=licence) for number, licence in (("1", "L-1"), ("2", "L-2"))
    ]
    played.decide(give, *lend)
    again = played.sign(ALICE, "loans", "lend", number="3", licence="L-1")
    played.decide(played.sign(ALICE, "licences", "withdraw", number="L-1"), again)
    return played


def test_an_operation_reads_what_its_block_has_written_so_far() -> None:
    played = lent()
    loans = Loans(played.view.state).loans
    assert loans["1"] == Loan(grade=2, capital=CAPITAL.sealed)
    assert loans["2"] == Loan(grade=0, capital="", why="no-record")
    assert [receipt["code"] for receipt in played.receipts()] == ["ok", "withdrawn"]


def test_every_verifier_runs_again_what_was_read() -> None:
    lines = list(lent().view.export())
    report = audit_export(lines, contracts=CONTRACTS)
    assert (report.broken, report.executed_again, dict(report.not_executed_again)) == (None, 5, {})
    agree(Case(b"".join(line + b"\n" for line in lines)))


def test_a_record_that_is_read_is_proved_with_its_entry() -> None:
    view = lent().view
    for place in (("licences", "licences", "L-1"), (GOVERNANCE, "contracts", "loans"), (GOVERNANCE, "contracts", "licences")):
        proved = encode_proof_file([view.prove_state(*place)], view.genesis)
        agree(Case(proved, view.genesis.ledger))


def test_who_reads_otherwise_than_the_state_says_is_found_out() -> None:
    """A quorum signs that a loan read grade 9 where the licence says 2."""
    played = lent()
    played.decide(played.sign(ALICE, "licences", "give", number="L-3", holder=ALICE, grade=2, capital={"sealed": CAPITAL.sealed}))
    lend = played.sign(ALICE, "loans", "lend", number="4", licence="L-3")
    lie = Write("loans", "loans", "4", encode(Loan(grade=9, capital=CAPITAL.sealed).model_dump(mode="json")))
    lines = forged(played, lend, receipts=[committed(lend, lie)], writes=[[lie]])
    broken(lines, "execution", 5, "wrong-receipt", contracts=CONTRACTS)
    assert audit_export(lines).broken is None, "without the contract nobody knows what it reads"


def test_a_licence_changed_behind_its_contract_is_found_out() -> None:
    """A quorum signs a loan on a licence that another contract's transaction has improved."""
    played = lent()
    lend = played.sign(ALICE, "loans", "lend", number="5", licence="L-1")
    better = Write("licences", "licences", "L-1", encode({"holder": ALICE, "grade": 9, "capital": {"sealed": CAPITAL.sealed}}))
    lines = forged(played, lend, receipts=[committed(lend, better)], writes=[[better]])
    broken(lines, "writes", 4, "foreign-write")


def acting(played: DecidedChain, number: str, **lists: JsonValue) -> DecidedChain:
    """Approves loans with these lists, and lets that version act."""
    played.govern(number, kind="approve-contract", name="loans", module=LOANS[1], digest="0" * 64, **lists)
    report: Any = {"contract": "loans", "digest": "0" * 64}
    played.decide(*(played.sign(voter, GOVERNANCE, "report_installed", **report) for voter in VALIDATORS[:3]))
    return played


def test_a_contract_whose_lists_are_wrong_refuses_until_they_are_right() -> None:
    played = acting(chain(), "P-1", reads={"licences.licences.grade": "integer"})
    played.decide(played.sign(ALICE, "loans", "lend", number="1", licence="L-1"))
    assert [(r["outcome"], r["code"]) for r in played.receipts()] == [("rejected", "wrong-lists")]
    acting(played, "P-2", reads={**LIST_OF_LOANS.reads}, fields={**LIST_OF_LOANS.fields})
    played.decide(played.sign(ALICE, "loans", "lend", number="1", licence="L-1"))
    assert [receipt["code"] for receipt in played.receipts()] == ["ok"]
    report = audit_export(list(played.view.export()), contracts=CONTRACTS)
    assert (report.broken, dict(report.not_executed_again)) == (None, {})


def test_an_audit_finds_what_a_contract_with_wrong_lists_is_said_to_have_written() -> None:
    played = acting(chain(), "P-1", reads={"licences.licences.grade": "integer"})
    lend = played.sign(ALICE, "loans", "lend", number="1", licence="L-1")
    loan = Write("loans", "loans", "1", encode({"grade": 9, "capital": "", "why": ""}))
    broken(
        forged(played, lend, receipts=[committed(lend, loan)], writes=[[loan]]),
        "execution",
        4,
        "wrong-receipt",
        contracts=CONTRACTS,
    )


def test_a_node_that_begins_with_a_snapshot_reads_the_same() -> None:
    played, store = lent(), MemoryStore()
    read_snapshot(snapshot_lines(played.view), played.chain.genesis, store)
    transactions = [played.sign(ALICE, "loans", "lend", number=number, licence=f"L-{number}") for number in ("1", "2")]
    header = played.build(*transactions).block.header
    joined = Chain.open(store, CONTRACTS).check(header, transactions, lambda _: False)
    assert [receipt.code for receipt in joined.receipts] == ["withdrawn", "ok"]


def test_a_contract_is_read_from_the_transaction_on_that_lets_it_act() -> None:
    """In one block: a loan before licences act, then the last report that lets them act, then another loan."""
    played = chain(LOANS)
    fields: JsonValue = {**SHOWN}
    played.govern("P-1", kind="approve-contract", name="licences", module=LICENCES[1], digest="0" * 64, fields=fields)
    report: Any = {"contract": "licences", "digest": "0" * 64}
    reports = [played.sign(voter, GOVERNANCE, "report_installed", **report) for voter in VALIDATORS[:3]]
    lend = [played.sign(ALICE, "loans", "lend", number=number, licence="L-1") for number in ("1", "2")]
    transactions = [*reports[:2], lend[0], reports[2], lend[1]]
    result = execute_block(played.chain.contracts, played.view.state, transactions, played.chain.head_time_ms + 1_000, 2)
    written = {write.key: decode_object(write.value or b"")["why"] for write in result.writes if write.contract == "loans"}
    assert written == {"1": "no-contract", "2": "no-record"}


# For authors


OF_ITS_OWN = {
    "__init__": ("", "    def __init__(self, state: object) -> None:\n        self.mine = state\n"),
    "read_rule": ("", "    @classmethod\n    def read_rule(cls, state, *found):\n        return str(state)\n"),
    "metaclass": (", metaclass=Maker", ""),
    "boxes of another contract": ("", "    boxes = Collection(Record)\n\n\nOwn.boxes.contract = 'licences'\n"),
    "others of another contract": ("", "\n\nOwn.others = Collection(Record).bound_to('licences')\n"),
}


@pytest.mark.parametrize("wrong", OF_ITS_OWN)
def test_a_contract_is_made_by_the_ledger_alone(wrong: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made, body = OF_ITS_OWN[wrong]
    module = f"own_state_{[*OF_ITS_OWN].index(wrong)}"
    (tmp_path / f"{module}.py").write_text(
        '"""A contract."""\n\nfrom ledger.contract import Collection, Contract, Record\n\n\n'
        'class Maker(type):\n    """Makes."""\n\n\n'
        f'class Own(Contract{made}):\n    """Keeps the state."""\n\n    name = "own"\n{body}'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    error = refusal(OperatorError, load_contract, f"{module}:Own")
    assert (error.code, wrong in error.message) == ("contract-faulty", True)


def test_a_contract_that_reads_keeps_the_rules_of_the_source() -> None:
    assert load_contract(LOANS[1]).contract is Loans


def test_membership_shows_its_own_collections_only() -> None:
    assert {field.partition(".")[0] for field in Membership.field_lists.fields} == {"organizations", "members"}
