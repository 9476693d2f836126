"""Random parties and operations on bills of lading: whatever is tried, in whatever order, the invariants hold after each step."""

from collections import Counter
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.contract.calendar import DAY_MS
from ledger.encoding import digest, encode
from ledger.errors import RefusedError
from scenarios.shipping.cast import CANGHAI, ELBKONTOR, JIANGLAN, LANHAI, NORDKETTE, NORDLICHT, YANSHAN, YUNTU
from scenarios.shipping.contract import Shipping
from scenarios.shipping.records import LIVE
from scenarios.shipping.shipments import A
from tests.shipping_world import SEALED, World, approved, bearer, content, delivered, export, facts, opening, straight, to_order

PEOPLE = (JIANGLAN, ELBKONTOR, YANSHAN, NORDLICHT, LANHAI, CANGHAI)
PLATFORMS = (YUNTU, NORDKETTE)
START: dict[str, World] = {
    "approved": approved(endorsee=JIANGLAN),
    "to order": to_order(),
    "of the bank": delivered(),
    "bearer": bearer(),
    "straight": straight(),
}
person = st.sampled_from(PEOPLE)
luck = st.integers(0, 9)
"""Nine times in ten the right one acts."""

TAKEN: Counter[str] = Counter()
"""How often each operation succeeded in this process."""


class Bills(RuleBasedStateMachine):
    """One shipment whose bill goes through hands, platforms, banks, amendments and paper."""

    @initialize(kind=st.sampled_from(sorted(START)))
    def begin(self, kind: str) -> None:
        self.world = START[kind].copy()
        for platform, members in ((YUNTU, (LANHAI,)), (NORDKETTE, (JIANGLAN, YANSHAN))):
            for member in members:
                self.world.do(platform, Shipping.admit, member=member)
        self.world.do(ELBKONTOR, Shipping.open_lc, **opening())
        self.numbers = 0
        self.checksums: dict[str, str] = {}

    # What everybody tries

    def attempt(self, signers: Any, operation: Any, **arguments: Any) -> None:
        """Refusals are what rules are for."""
        with suppress(RefusedError):
            self.world.do(signers, operation, **arguments)
            TAKEN[operation.name] += 1

    def name(self) -> str:
        """The newest document."""
        return self.world.contract.instructions[A.instructions].document

    def document(self) -> Any:
        """The newest document."""
        return self.world.contract.documents[self.name()]

    def is_out(self) -> bool:
        """Whether it has a title, on paper or delivered by a platform."""
        title = self.world.contract.titles.get(self.name())
        return title is not None and (title.entries > 0 or title.medium == "paper")

    def title(self) -> Any:
        """Its title."""
        return self.world.contract.titles[self.name()]

    def holder(self, other: str, lucky: int) -> str:
        """The possessor, or another one."""
        title = self.world.contract.titles.get(self.name())
        return other if lucky == 0 or title is None or not title.possessor else title.possessor

    def both(self, other: str, lucky: int) -> tuple[str, ...]:
        """Possessor and title holder, and the pledgee if lucky."""
        title = self.world.contract.titles.get(self.name())
        known = (title.title_holder, title.pledgee if lucky > 3 else "") if title else ()
        return tuple(dict.fromkeys(member for member in (self.holder(other, lucky), *known) if member))

    def next(self, letter: str) -> str:
        """A fresh name."""
        self.numbers += 1
        return f"{letter}-{self.numbers}"

    @rule(days=st.integers(0, 8))
    def wait(self, days: int) -> None:
        self.world.time_ms += days * DAY_MS + 1

    @precondition(lambda self: self.document().status in ("APPROVED", "ISSUED") and not self.is_out())
    @rule(to=person, platform=st.sampled_from(PLATFORMS), answer=st.sampled_from(("ISSU", "ISSU", "REFU")))
    def issue(self, to: str, platform: str, answer: str) -> None:
        self.attempt(CANGHAI, Shipping.issue, document=self.name(), platform=platform, to=to)
        found = self.world.contract.documents[self.name()]
        asked = found.offer_platform or platform
        self.attempt(asked, Shipping.answer_issuance, document=self.name(), answer=answer, comments="x")

    @precondition(lambda self: self.is_out())
    @rule(other=person, to=person, lucky=luck)
    def transfer(self, other: str, to: str, lucky: int) -> None:
        self.attempt(self.both(other, lucky), Shipping.transfer, document=self.name(), to=to)

    @precondition(lambda self: self.is_out())
    @rule(other=person, to=person, lucky=luck, further=st.booleans())
    def endorse(self, other: str, to: str, lucky: int, further: bool) -> None:
        operation = Shipping.endorse_to_order if further else Shipping.endorse
        self.attempt(self.both(other, lucky), operation, document=self.name(), to=to)

    @precondition(lambda self: self.is_out())
    @rule(other=person, lucky=luck)
    def blank_endorse(self, other: str, lucky: int) -> None:
        self.attempt(self.both(other, lucky), Shipping.blank_endorse, document=self.name())

    @precondition(lambda self: self.is_out())
    @rule(other=person, lucky=luck, bank=st.sampled_from((YANSHAN, LANHAI, NORDLICHT)))
    def pledge(self, other: str, lucky: int, bank: str) -> None:
        signers = tuple(dict.fromkeys((*self.both(other, lucky), bank)))
        self.attempt(signers, Shipping.pledge, document=self.name(), pledgee=bank, secures="LOAN")

    @precondition(lambda self: self.is_out() and self.title().pledgee)
    @rule(bank=st.sampled_from((YANSHAN, LANHAI, JIANGLAN)))
    def unpledge(self, bank: str) -> None:
        self.attempt(bank, Shipping.unpledge, document=self.name())

    @precondition(lambda self: self.is_out())
    @rule(
        other=person, lucky=luck, request=st.sampled_from(("SREQ", "AREQ", "AREQ")), reason=st.sampled_from(("", "SWTP", "COD"))
    )
    def surrender(self, other: str, lucky: int, request: str, reason: str) -> None:
        self.attempt(self.both(other, lucky), Shipping.request_surrender, document=self.name(), carrier=CANGHAI,
                     request=request, reason=reason)  # fmt: skip

    @precondition(lambda self: self.document().status.startswith("PENDING"))
    @rule(lucky=luck)
    def answer_surrender(self, lucky: int) -> None:
        if lucky < 4:
            self.attempt(CANGHAI, Shipping.reject_surrender, document=self.name(), comments="not paid")
        else:
            self.attempt(CANGHAI, Shipping.accept_surrender, document=self.name())

    @rule(is_electronic=st.booleans(), to=st.sampled_from(("", JIANGLAN)))
    def update(self, is_electronic: bool, to: str) -> None:
        changes = {"is_electronic": is_electronic, "endorsee": to}
        self.attempt(JIANGLAN, Shipping.update_si, instructions=A.instructions, content=content(**changes))  # type: ignore[arg-type]
        self.attempt(CANGHAI, Shipping.confirm_update, instructions=A.instructions)

    @precondition(lambda self: self.document().status == "SURRENDERED_FOR_AMENDMENT")
    @rule()
    def reissue(self) -> None:
        self.attempt(
            (CANGHAI, self.title().surrendered_by),
            Shipping.void_and_reissue,
            document=self.name(),
            new=self.next("TD"),
            facts=facts(),
        )

    @precondition(lambda self: self.is_out() and self.title().medium == "paper")
    @rule(by=person, request=st.sampled_from(("SREQ", "AREQ")))
    def return_paper(self, by: str, request: str) -> None:
        signers = tuple(dict.fromkeys((CANGHAI, by)))
        self.attempt(signers, Shipping.return_paper, document=self.name(), presented_by=by, request=request)

    @precondition(lambda self: self.is_out())
    @rule(other=person, to=person, lucky=luck)
    def export(self, other: str, to: str, lucky: int) -> None:
        title = self.world.contract.titles.get(self.name())
        if title is None:
            return
        last = self.world.contract.signed_entries.get(self.name())
        receiver = NORDKETTE if title.platform == YUNTU else YUNTU
        name = self.next("ENV")
        self.attempt(
            tuple(dict.fromkeys((title.platform, *self.both(other, lucky)))),
            Shipping.export_envelope,
            **export(
                name,
                document=self.name(),
                receiver=receiver,
                recipient=to,
                previous_entry=last.entry if last else "",
                entry=digest("e", name.encode()),
                payload=digest("p", name.encode()),
                attached=["a" * 64] if lucky > 5 else [],
            ),
        )

    @precondition(lambda self: len([*self.world.contract.envelopes.items()]) > 0)
    @rule(lucky=luck, forged=luck, platform=st.sampled_from(PLATFORMS))
    def receive(self, lucky: int, forged: int, platform: str) -> None:
        names = [key for key, _ in self.world.contract.envelopes.items()]
        if not names:
            return
        name = names[-1] if lucky > 2 else names[0]
        sent = self.world.contract.envelopes[name]
        presented = {
            "envelope": name, "document": sent.document, "document_checksum": sent.document_checksum,
            "recipient": sent.recipient, "previous_entry": sent.previous_entry, "entry": digest("again", name.encode()),
            "payload": sent.payload if forged else "f" * 64, "is_signature_good": lucky > 0,
        }  # fmt: skip
        by = platform if forged == 1 else sent.receiver
        self.attempt(by, Shipping.import_envelope, presented=presented)
        self.attempt(by, Shipping.receive_document, envelope=name, checksum="a" * 64 if lucky % 2 else "c" * 64)
        self.attempt(by, Shipping.finish_envelope, envelope=name)

    @precondition(lambda self: self.is_out() and self.title().in_transit)
    @rule(platform=st.sampled_from(PLATFORMS))
    def withdraw(self, platform: str) -> None:
        for name, _ in [*self.world.contract.envelopes.items()][-1:]:
            self.attempt(platform, Shipping.withdraw_envelope, envelope=name)

    @precondition(lambda self: self.is_out())
    @rule(other=person, lucky=luck)
    def present(self, other: str, lucky: int) -> None:
        signers = tuple(dict.fromkeys((JIANGLAN, *self.both(other, lucky))))
        self.attempt(signers, Shipping.present_lc, credit="LC-1", document=self.name(), invoice=SEALED)

    @precondition(lambda self: self.world.contract.credits["LC-1"].state == "presented")
    @rule(
        member=st.sampled_from((ELBKONTOR, JIANGLAN, NORDLICHT)),
        operation=st.sampled_from(("accept_lc", "refuse_lc", "waive_discrepancies")),
    )
    def answer_credit(self, member: str, operation: str) -> None:
        self.attempt(member, Shipping.operations[operation], credit="LC-1")

    # What must hold

    @invariant()
    def a_bill_has_one_possessor_and_at_most_one_title_holder(self) -> None:
        for name, title in self.world.contract.titles.items():
            assert (title.possessor == "") == (title.medium == "paper"), name
            assert (title.title_holder == "") == (title.kind == "bearer"), name
            status = self.world.contract.documents[name].status
            if title.surrender == "" and status == "ISSUED":
                assert title.surrendered_by == "", name

    @invariant()
    def one_document_is_live(self) -> None:
        documents = dict(self.world.contract.documents.items())
        assert len([name for name, found in documents.items() if found.status in LIVE]) <= 1
        for name, title in self.world.contract.titles.items():
            under_way = [key for key, sent in self.world.contract.envelopes.items()
                         if sent.document == name and sent.state in ("sent", "open")]  # fmt: skip
            assert under_way == ([title.in_transit] if title.in_transit else [])

    @invariant()
    def no_checksum_changes_after_the_draft(self) -> None:
        for name, found in self.world.contract.documents.items():
            assert self.checksums.setdefault(name, found.checksum) == found.checksum == found.with_checksum().checksum

    @invariant()
    def chains_are_linked_issued_once_and_closed(self) -> None:
        for name, title in self.world.contract.titles.items():
            entries = [entry for _, entry in self.world.contract.chain.items(prefix=f"{name}:")]
            previous = ["", *(digest("title-entry", encode(entry.model_dump(mode="json"))) for entry in entries)]
            assert [*(entry.previous for entry in entries), title.last_entry] == previous
            actions = [entry.action for entry in entries]
            assert actions.count("ISSUE") == (1 if actions and title.medium == "electronic" else 0)
            assert "SACC" not in actions[:-1]
            assert [entry.at_ms for entry in entries] == sorted(entry.at_ms for entry in entries)

    @invariant()
    def what_a_bank_examines_is_in_its_hands(self) -> None:
        credit = self.world.contract.credits["LC-1"]
        examined = [title for _, title in self.world.contract.titles.items() if title.under_credit]
        assert len(examined) == (credit.state == "presented")
        assert all(title.possessor == credit.issuing_bank for title in examined)


TestBills = Bills.TestCase
TestBills.settings = settings(
    max_examples=80, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


def test_the_walks_went_deep_enough() -> None:
    """Runs after the machine, in this file's order; alone it has nothing to judge."""
    assert not TAKEN or TAKEN.keys() >= {"transfer", "blank_endorse", "request_surrender", "export_envelope", "import_envelope"}
