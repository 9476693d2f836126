"""The contract framework, tried on a warehouse receipt."""

from typing import Any

import pytest

from ledger.contract import (
    AnyOf,
    Anyone,
    Collection,
    Context,
    Contract,
    Identifier,
    MemberId,
    MemberIs,
    NonNegative,
    OrganizationIs,
    OutOf,
    Policy,
    Positive,
    ReadRule,
    Record,
    Refusal,
    Role,
    Sealed,
    operation,
)
from ledger.contract.contract import ContractSet
from ledger.contract.description import describe, sentence
from ledger.contract.refusal import Phrase
from ledger.contract.words import ContractWords, words_of
from ledger.encoding import decode_object
from ledger.errors import JsonValue, RefusedError
from ledger.identity.records import ContractEntry, Member, Organization
from ledger.primitives import Digest
from ledger.state.overlay import Overlay
from tests.crossing_contracts import Desk, Safe
from tests.support import NOTHING, enrolled, refusal


class Receipt(Record):
    """A warehouse's promise to hand goods to whoever holds this receipt."""

    holder: MemberId
    goods: str
    weight_g: Positive
    released: bool = False


class WarehouseReceipt(Contract):
    """Receipts for stored goods: issued once, held by one, released once."""

    name = "warehouse-receipt"
    receipts = Collection(Receipt)
    refusals = {
        "already-issued": Refusal(en="Receipt {number} exists already.", zh="仓单 {number} 已存在。"),
        "not-holder": Refusal(en="Only {holder} may do this.", zh="只有 {holder} 可以这样做。"),
    }

    @operation(signed_by=AnyOf(Role("warehouse")))
    def issue(self, context: Context, number: Identifier, to: MemberId, goods: str, weight_g: Positive) -> None:
        # CHECK
        context.require(number not in self.receipts, "already-issued", number=number)
        # WRITE
        self.receipts[number] = Receipt(holder=to, goods=goods, weight_g=weight_g)
        # EMIT
        context.emit("issued", number=number, holder=to)

    @operation(signed_by=Anyone())
    def transfer(self, context: Context, number: Identifier, to: MemberId) -> None:
        # READ
        receipt = self.receipts[number]
        # CHECK
        context.require(context.signed_by(receipt.holder), "not-holder", holder=receipt.holder)
        # WRITE
        self.receipts[number] = receipt.replace(holder=to)


WAREHOUSE = enrolled("depot.lin", "member", "warehouse")
WU, LI = enrolled("trader.wu", "member"), enrolled("buyer.li", "member")


def context_for(contract: type[Contract], state: Overlay, *signers: Member) -> Context:
    return Context(contract, state, signers, time_ms=1_000, height=7, transaction=Digest("ab" * 32))


def run(state: Overlay, signer: Member, name: str, **arguments: JsonValue) -> Context:
    context = context_for(WarehouseReceipt, state, signer)
    WarehouseReceipt.run(context, name, dict(arguments))
    return context


def refused(state: Overlay, signer: Member, name: str, **arguments: JsonValue) -> RefusedError:
    return refusal(RefusedError, run, state, signer, name, **arguments)


@pytest.fixture
def state() -> Overlay:
    """A state with receipt W-1, held by Wu."""
    state = Overlay(NOTHING)
    run(state, WAREHOUSE, "issue", number="W-1", to="trader.wu", goods="copper", weight_g=1_000)
    return state


def test_receipt_is_issued_and_transferred(state: Overlay) -> None:
    run(state, WU, "transfer", number="W-1", to="bank.chen")
    assert state.get("warehouse-receipt", "receipts", "W-1") == (
        b'{"goods":"copper","holder":"bank.chen","released":false,"weight_g":1000}'
    )
    assert WarehouseReceipt(state).receipts["W-1"].holder == "bank.chen"


def test_event_carries_contract_name_and_data() -> None:
    context = run(Overlay(NOTHING), WAREHOUSE, "issue", number="W-1", to="trader.wu", goods="tea", weight_g=5)
    assert [event.to_json() for event in context.events] == [
        {"contract": "warehouse-receipt", "name": "issued", "data": {"number": "W-1", "holder": "trader.wu"}}
    ]


def test_rule_of_the_contract_refuses_the_second_sale(state: Overlay) -> None:
    run(state, WU, "transfer", number="W-1", to="bank.chen")
    error = refused(state, WU, "transfer", number="W-1", to="buyer.li")
    assert (error.code, error.details) == ("not-holder", {"holder": "bank.chen"})
    assert sentence(words_of(WarehouseReceipt), error.code, error.details, "en") == "Only bank.chen may do this."
    assert sentence(words_of(WarehouseReceipt), error.code, error.details, "zh") == "只有 bank.chen 可以这样做。"


REFUSED: dict[str, tuple[Member, str, dict[str, JsonValue], str, dict[str, JsonValue]]] = {
    "a record that is not there": (
        WU, "transfer", {"number": "W-2", "to": "buyer.li"}, "not-found", {"collection": "receipts", "key": "W-2"}),
    "an unknown operation": (
        WU, "burn", {}, "unknown-operation", {"contract": "warehouse-receipt", "operation": "burn"}),
    "too large a value": (
        WAREHOUSE, "issue", {"number": "W-3", "to": "trader.wu", "goods": "x" * 70_000, "weight_g": 1},
        "value-too-large", {"collection": "receipts", "bytes": 70_063, "bytes_max": 65_536}),
    "the policy before the arguments": (
        WU, "issue", {"number": 5}, "policy-not-satisfied", {"signed": ["trader.wu"], "missing": ["role:warehouse"]}),
    "an argument missing": (WU, "transfer", {"number": "W-1"}, "bad-arguments", {"fields": ["to"]}),
    "an argument more": (
        WU, "transfer", {"number": "W-1", "to": "buyer.li", "price": 3}, "bad-arguments", {"fields": ["price"]}),
    "arguments of another type": (WU, "transfer", {"number": 1, "to": "buyer"}, "bad-arguments", {"fields": ["number", "to"]}),
    "arguments with a line end": (
        WU, "transfer", {"number": "W 1\n", "to": "buyer.li\n"}, "bad-arguments", {"fields": ["number", "to"]}),
    **{
        f"{weight_g!r} as a positive number": (
            WAREHOUSE, "issue", {"number": "W-9", "to": "trader.wu", "goods": "tea", "weight_g": weight_g},
            "bad-arguments", {"fields": ["weight_g"]})
        for weight_g in (0, -1, True, "5", 2**53)
    },
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_the_framework_refuses(state: Overlay, name: str) -> None:
    signer, operation, arguments, code, details = REFUSED[name]
    error = refused(state, signer, operation, **arguments)
    assert (error.code, error.details) == (code, details)


def test_a_record_that_is_not_there_is_not_deleted(state: Overlay) -> None:
    with pytest.raises(RefusedError):
        del WarehouseReceipt(state).receipts["W-2"]


def test_class_names_its_parts_for_clients() -> None:
    assert (WarehouseReceipt.receipts.contract, WarehouseReceipt.receipts.name) == ("warehouse-receipt", "receipts")
    assert WarehouseReceipt.receipts.record is Receipt
    transfer = WarehouseReceipt.transfer
    assert (transfer.contract, transfer.name, transfer.policy) == ("warehouse-receipt", "transfer", Anyone())
    assert list(transfer.arguments.model_fields) == ["number", "to"]
    assert list(WarehouseReceipt.operations) == ["issue", "transfer"]
    assert list(WarehouseReceipt.collections) == ["receipts"]


def test_description_is_json_with_schema_policy_and_words() -> None:
    description: Any = describe(WarehouseReceipt)
    issue = description["operations"][0]
    assert issue["signed_by"] == "any(role:warehouse)"
    assert issue["arguments"]["required"] == ["number", "to", "goods", "weight_g"]
    assert description["refusals"]["not-holder"]["details"] == ["holder"]
    assert description["collections"][0]["record"]["description"].startswith("A warehouse's promise")


class Box(Record):
    """What the small contracts below store."""

    size: int
    note: str = ""


def small_contract(name: str, **body: object) -> type[Contract]:
    return type("Small", (Contract,), {"name": name, **body})


def test_iteration_is_in_key_order_with_start_prefix_and_limit() -> None:
    class Boxes(Contract):
        """Many boxes."""

        name = "boxes"
        boxes = Collection(Box)

    state = Overlay(NOTHING)
    boxes = Boxes(state).boxes
    for number in range(250):
        boxes[f"b{number:03}"] = Box(size=number)
    boxes["c1"] = Box(size=-1)
    assert [record.size for _, record in boxes.items()] == [*range(250), -1]
    assert [key for key, _ in boxes.items(after="b247")] == ["b248", "b249", "c1"]
    assert [key for key, _ in boxes.items(prefix="b24", limit=3)] == ["b240", "b241", "b242"]
    assert [key for key, _ in boxes.items(prefix="c")] == ["c1"]
    del boxes["b000"]
    assert "b000" not in boxes
    assert boxes.get("b000") is None


def test_system_contracts_alone_have_collections_of_each_other() -> None:
    body = {"organizations": Collection(Organization, of="membership")}
    state = Overlay(NOTHING)
    governance: Any = small_contract("governance", **body)
    governance(state).organizations["east"] = Organization(name="east", root_certificate="-")
    with pytest.raises(TypeError, match=r"reads membership\.organizations with a view"):
        small_contract("impostor", **body)


def test_record_of_another_model_is_not_written(state: Overlay) -> None:
    boxes: Any = small_contract("boxes", boxes=Collection(Box))
    with pytest.raises(TypeError, match="holds Box"):
        boxes(state).boxes["1"] = Receipt(holder="trader.wu", goods="tea", weight_g=1)


def test_replace_validates_and_knows_its_fields() -> None:
    box = Box(size=1)
    assert box.replace(size=2) == Box(size=2)
    for change in ({"size": "2"}, {"width": 2}):
        with pytest.raises(ValueError, match="validation error"):
            box.replace(**change)


class Weighed(Record):
    """A record that no ledger can hold."""

    weight: float


class Tagged(Record):
    """Nor this one."""

    tags: frozenset[str]


@pytest.mark.parametrize(("record", "words"), [(Weighed, "float"), (Tagged, "set")], ids=["float", "set"])
def test_model_that_no_ledger_holds_is_refused_when_the_class_is_made(record: type[Record], words: str) -> None:
    assert words in str(refusal(TypeError, Collection, record))


def untyped(self, context, number):  # type: ignore[no-untyped-def]
    """No types."""


def starred(self: Contract, context: Context, *numbers: int) -> None:
    """A star."""


def without_context(self: Contract, number: int) -> None:
    """No context."""


def test_a_refusal_without_chinese_is_said_in_english() -> None:
    words = ContractWords({"too-few": Refusal(en="Only {points} are left.")})
    assert [sentence(words, "too-few", {"points": 3}, language) for language in ("en", "zh")] == ["Only 3 are left."] * 2
    assert ReadRule(en="The seller.").both() == {"en": "The seller.", "zh": "The seller."}


FAULTY: dict[str, tuple[str, dict[str, Any]]] = {
    "a name of two words": ("letters, digits", {"name": "two words"}),
    "a code of another form": ("kebab-case", {"refusals": {"Not Kebab": Refusal(en="a", zh="b")}}),
    "a code of the framework": ("framework itself", {"refusals": {"not-found": Refusal(en="a", zh="b")}}),
    "sentences of different details": ("different details", {"refusals": {"odd": Refusal(en="{a}", zh="b")}}),
    "a detail of a detail": ("plain", {"refusals": {"odd": Refusal(en="{a.b}", zh="{a.b}")}}),
    "an argument without type": ("has a name, a type", {"go": operation(signed_by=Anyone())(untyped)}),
    "any number of arguments": ("no star", {"go": operation(signed_by=Anyone())(starred)}),
    "no context": ("begins with", {"go": operation(signed_by=Anyone())(without_context)}),
    "a read rule of another form": ("kebab-case", {"read_rules": {"Not Kebab": ReadRule(en="No.", zh="否。")}}),
}


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_contract_shows_when_the_class_is_made(name: str) -> None:
    words, body = FAULTY[name]
    assert words in str(refusal(TypeError, small_contract, **{"name": "small", **body}))


def test_a_refusal_needs_no_sentence_and_details_have_any_name(state: Overlay) -> None:
    """Sentences are no part of a contract's digest: a node whose words differ writes the same receipt."""
    context = context_for(WarehouseReceipt, state, WU)
    error = refusal(RefusedError, context.refuse, "no-such-code", holder="a.b", message=1, parties=("a.b", "c.d"))
    assert (error.code, error.details) == ("no-such-code", {"holder": "a.b", "message": 1, "parties": ["a.b", "c.d"]})


@pytest.mark.parametrize("code", ["No such code", "ok", ""])
def test_a_code_of_another_form_is_a_fault_of_the_contract(state: Overlay, code: str) -> None:
    assert "kebab-case" in str(refusal(TypeError, context_for(WarehouseReceipt, state, WU).refuse, code))


@pytest.mark.parametrize("value", [1.5, {"a"}, object()], ids=["float", "set", "object"])
def test_what_no_ledger_holds_is_not_published(state: Overlay, value: object) -> None:
    assert "cannot publish" in str(refusal(TypeError, context_for(WarehouseReceipt, state, WU).emit, "odd", value=value))


def test_contract_made_for_reading_cannot_write() -> None:
    with pytest.raises(TypeError, match="for reading"):
        WarehouseReceipt(NOTHING).receipts["W-1"] = Receipt(holder="trader.wu", goods="tea", weight_g=1)


def test_inherited_parts_belong_to_the_heir() -> None:
    class GrainReceipt(WarehouseReceipt):
        """Receipts for grain."""

        name = "grain-receipt"

    assert GrainReceipt.receipts.contract == "grain-receipt"
    assert GrainReceipt.transfer.contract == "grain-receipt"
    assert WarehouseReceipt.receipts.contract == "warehouse-receipt"


class Offer(Record):
    """A price that only the entitled know."""

    seller: MemberId
    price_cents: Sealed[NonNegative]


class Offers(Contract):
    """Sealed prices: the seller reads its own."""

    name = "offers"
    offers = Collection(Offer)

    read_rules = {"seller": ReadRule(en="The seller knows its price.", zh="卖方知悉自己的价格。")}

    def may_read(self, context: Context, record: object, reader: Member) -> str:
        """The seller; a price that nobody offered refuses."""
        if isinstance(record, Offer) and record.seller == "trader.nobody":
            context.refuse("not-found", collection="offers", key="")
        return "seller" if isinstance(record, Offer) and record.seller == reader.member else ""


def test_sealed_values_are_closed_unless_the_contract_opens_them(state: Overlay) -> None:
    offer = Offer(seller="trader.wu", price_cents=Sealed("0" * 64))
    assert Offers.read_rule(state, offer, WU, 1_000, 7) == "seller"
    assert Offers.read_rule(state, offer, LI, 1_000, 7) == ""
    assert Offers.read_rule(state, offer.replace(seller="trader.nobody"), WU, 1_000, 7) == "", "a rule that refuses"
    receipt = WarehouseReceipt(state).receipts["W-1"]
    assert WarehouseReceipt.read_rule(state, receipt, WU, 1_000, 7) == ""


def test_auditors_read_no_sealed_values(state: Overlay) -> None:
    offer = Offer(seller="trader.wu", price_cents=Sealed("0" * 64))
    assert Offers.read_rule(state, offer, WU.model_copy(update={"roles": ("auditor", "member")}), 1_000, 7) == ""


def test_read_rules_are_described() -> None:
    assert describe(Offers)["read_rules"] == {"seller": {"en": "The seller knows its price.", "zh": "卖方知悉自己的价格。"}}


@pytest.mark.parametrize(
    ("policy", "en", "zh"),
    [
        (OrganizationIs("north"), "a member of north", "north 的成员"),
        (MemberIs("north.wu"), "north.wu", "north.wu"),
        (Role("bank"), "a bank", "银行"),
        (OutOf(2, Role("bank"), Role("judge"), OrganizationIs("a-1")),
         "2 of (a bank, a member with the role judge, a member of a-1)",
         "其中 2 个（银行、角色为 judge 的成员、a-1 的成员）"),
        (AnyOf(Role("bank"), MemberIs("a.b")), "one of (a bank, a.b)", "其中之一（银行、a.b）"),
    ],
)  # fmt: skip
def test_what_a_policy_misses_is_said_in_words(policy: Policy, en: str, zh: str) -> None:
    words = ContractWords({}, terms={"role:bank": Phrase("a bank", "银行")})
    details: dict[str, JsonValue] = {"signed": ["any.one"], "missing": list(policy.missing((WU,)))}
    assert sentence(words, "policy-not-satisfied", details, "en") == f"Signed by any.one; missing: {en}."
    assert sentence(words, "policy-not-satisfied", details, "zh") == f"已签署：any.one；缺少：{zh}。"


def test_what_has_no_chinese_is_called_as_in_the_code() -> None:
    described: dict[str, Any] = describe(WarehouseReceipt)
    said = {"title": "Warehouse receipt", "text": "Receipts for stored goods: issued once, held by one, released once."}
    assert described["words"] == {"en": said, "zh": said}
    assert described["names"]["weight_g"] == {"en": "Weight", "zh": "Weight"}
    assert described["operations"][1]["signers"] == {"en": "any member", "zh": "任一成员"}


def test_sealed_field_stands_as_a_digest(state: Overlay) -> None:
    Offers(state).offers["1"] = Offer(seller="trader.wu", price_cents=Sealed("0" * 64))
    value = state.get("offers", "offers", "1")
    assert value is not None
    assert decode_object(value)["price_cents"] == {"sealed": "0" * 64}
    assert Offers(state).offers["1"].price_cents == Sealed("0" * 64)


def test_context_reads_members_and_time(state: Overlay) -> None:
    state.put("membership", "members", "trader.wu", WU.model_dump_json().encode())
    context = context_for(WarehouseReceipt, state, WU)
    assert context.member("trader.wu") == WU
    assert context.member("trader.nobody") is None
    assert (context.time_ms, context.height, context.signed_by("trader.wu"), context.signed_by("bank.chen")) == (
        1_000,
        7,
        True,
        False,
    )


def test_two_contracts_of_one_source_file_are_told_apart() -> None:
    """Their digests are equal, so that the digest alone does not say which of them acts."""
    entries = [ContractEntry(name=name, module="m", digest="1" * 64) for name in ("safe", "desk")]
    installed = ContractSet({"safe": Safe, "desk": Desk}, versions={"1" * 64: Safe})
    assert installed.acting(entries).contracts == {"safe": Safe, "desk": Desk}
