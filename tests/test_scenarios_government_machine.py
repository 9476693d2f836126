"""Random offices, companies and banks at random days: whatever they try, the invariants G1 to G11 hold.

One walk, two ways to choose its steps: seeded ones go far, hypothesis finds the shortest breach.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ledger.contract import Operation
from ledger.contract.calendar import DAY_MS
from scenarios.dates import on
from scenarios.government.cast import (
    BAIHUA,
    BUREAU,
    CODES,
    COURT,
    FIRE,
    LANHAI,
    MARKET,
    NOTARY,
    PLATFORM,
    QINGTENG,
    SOCIAL,
    TAX,
    WINDOW,
    YANSHAN,
    identifier,
)
from scenarios.government.contract import Government as Gov
from scenarios.government.invariants import judged
from scenarios.government.story_licences import HEADCOUNT, LICENCE, TAXES
from scenarios.identifiers import organization_of
from scenarios.story.play import PlayedEvent
from tests.government_world import SEALED, drafted, issue, opened

SEEDS, STEPS = 16, 500
AGENCIES, HOLDERS, BANKS = (WINDOW, FIRE, WINDOW, FIRE, YANSHAN, LANHAI), (QINGTENG, BAIHUA), (YANSHAN, LANHAI)
ANYBODY = (*AGENCIES, *HOLDERS, BUREAU, PLATFORM, MARKET, SOCIAL, TAX, NOTARY, COURT)
FIELDS: dict[str, tuple[str, ...]] = {"S": HEADCOUNT, "T": TAXES, "N": ("audit",), "L": LICENCE}
PROVIDERS = {"S": SOCIAL, "T": TAX, "N": TAX, "L": MARKET}
PURPOSES = ("restaurant-permit", "account-opening")
RIGHT, WRONG = "a" * 64, "b" * 64
MOVES = (*(Gov.withhold_licence,) * 12, *(Gov.restore_licence,) * 27, Gov.revoke_licence, Gov.withdraw_licence)
Choose = Callable[[Sequence[Any]], Any]


class Walk:
    """Everybody tries what they may and what they may not."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.world = opened()
        self.story = [PlayedEvent(self.world.time_ms, name, data) for name, data in self.world.events]
        self.world.events.clear()
        self.world.at("2026-04-01")
        self.attempt(MARKET, Gov.register_issuer, code=CODES["market-bureau"], public_key="e" * 64)
        for holder in HOLDERS:
            self.attempt(MARKET, Gov.issue_licence, **issue(identifier(holder), holder, valid_to_on_ms=on("2026-05-31")))
        for _ in range(6):
            self.open_matter()

    def step(self) -> None:
        """One of them does something."""
        often = (self.request, self.answer, self.consent, self.redeem, self.access, self.access, self.access, self.wait)
        seldom = (self.amend, self.open_matter, self.close_matter, self.move, self.renew, self.present, self.evidence, self.end)
        self.choose((*often, *often, *often, *seldom))()

    def attempt(self, signers: str | tuple[str, ...], operation: Operation, **arguments: Any) -> None:
        """Tries it, and writes down what came of it."""
        self.world.code(signers, operation, **arguments)
        names = (signers,) if isinstance(signers, str) else signers
        self.story += [PlayedEvent(self.world.time_ms, name, data, names) for name, data in self.world.events]
        self.world.events.clear()

    def but(self, right: Any, *others: Any) -> Any:
        """What is right, or by mistake something else."""
        return self.choose((*(right,) * 40, *others[:6]))

    def pick(self, rows: Any, is_live: Callable[[Any], bool]) -> tuple[str, Any] | None:
        """A record with its number, mostly one of those that are live."""
        every = list(rows.items())
        live = [one for one in every if is_live(one[1])]
        chosen = self.but(live, every) or every
        return self.choose(chosen) if chosen else None

    def day(self) -> int:
        """A day of this week, or the last one."""
        return self.world.time_ms + int(self.choose(range(-1, 7))) * DAY_MS

    def number(self) -> str:
        """Of a request or a consent."""
        return f"G{self.choose(range(1, 61))}"

    def wait(self) -> None:
        """Time passes."""
        self.world.time_ms += int(self.choose((0, 0, 0, 0, 1, 3))) * DAY_MS + 1

    def matter(self) -> tuple[str, str, str, str]:
        """A matter, and who asks about whom for what: as the matter says, but for mistakes."""
        key = f"M{self.choose(range(1, 9))}"
        found = self.world.contract.matters.get(key)
        if found is None:
            return key, self.choose(AGENCIES), self.choose(HOLDERS), self.choose(PURPOSES)
        agency = next(one for one in AGENCIES if organization_of(one) == found.agency)
        applicant = next(one for one in HOLDERS if organization_of(one) == found.applicant)
        return key, self.but(agency, *AGENCIES), self.but(applicant, *HOLDERS), self.but(found.purpose, *PURPOSES)

    def open_matter(self) -> None:
        """With the applicant, or without."""
        key, agency, holder, purpose = self.matter()
        named = {"agency": organization_of(agency), "applicant": organization_of(holder)}
        self.attempt(self.but((agency, holder), (agency,)), Gov.open_matter, matter=key, purpose=purpose, **named)

    def close_matter(self) -> None:
        """Now and then."""
        key, agency, *_ = self.matter()
        if self.choose(range(4)) == 0:
            self.attempt(agency, Gov.close_matter, matter=key)

    def amend(self) -> None:
        """Now and then a department changes its entry, or takes it out."""
        if self.choose(range(4)):
            return
        item = self.choose("STNL")
        attribute = self.choose(("conditional", "conditional", "unconditional", "unconditional", "not-shared"))
        self.attempt(PROVIDERS[item], Gov.draft_item, **drafted(item, attribute, FIELDS[item][: self.choose((1, 2, 3, 6))]))
        draft = self.world.contract.drafts.get(item)
        self.attempt(BUREAU, Gov.publish_item, item=item, schema_digest=draft.schema_digest if draft else WRONG)
        if self.choose(range(20)) == 0:
            self.attempt(PROVIDERS[item], Gov.retire_item, item=item)

    def request(self) -> None:
        """A department asks for an entry."""
        key, agency, about, purpose = self.matter()
        if agency in BANKS:
            return
        item = self.choose("SSTTNL")
        version = self.but(self.world.contract.items[item].version, 1, 2)
        self.attempt(
            agency, Gov.request_share, request=self.number(), item=item, version=version, subject=organization_of(about),
            fields=FIELDS[item][:1], purpose=purpose, matter=key, uses_max=2, expires_on_ms=self.day(),
        )  # fmt: skip

    def answer(self) -> None:
        """A provider answers, or the bureau, or somebody else, in time or late."""
        known = self.pick(self.world.contract.requests, lambda one: one.state in ("under-review", "escalated"))
        says = self.choose((Gov.approve, Gov.approve, Gov.deny, Gov.escalate))
        if known:
            number, asked = known
            provider = PROVIDERS[asked.item]
            signer = self.choose((*(provider,) * 6, BUREAU, BUREAU, (provider, BUREAU), (BUREAU, provider), *ANYBODY[:2]))
            self.attempt(signer, says, request=number, **({"reason": "no need"} if says is Gov.deny else {}))

    def consent(self) -> None:
        """A holder consents, by a code every other time."""
        key, agency, about, purpose = self.matter()
        owned = [one for one, found in self.world.contract.licences.items() if found.holder == organization_of(about)]
        arguments = {
            "consent": self.number(), "licence": self.but(owned[-1], *owned), "consumer": organization_of(agency),
            "fields": LICENCE[:2], "purpose": purpose, "matter": key, "uses_max": 2, "expires_on_ms": self.day(),
        }  # fmt: skip
        if self.choose((True, False)):
            self.attempt((about, PLATFORM), Gov.grant_consent, **arguments, code_tag=RIGHT)
        else:
            self.attempt(about, Gov.grant_consent, **arguments)

    def redeem(self) -> None:
        """A code is told, here or elsewhere, right or wrong."""
        known, tag = self.pick(self.world.contract.grants, lambda one: one.state == "offered"), self.but(RIGHT, WRONG, WRONG)
        if known and known[1].code_tag:
            number, grant = known
            agency = next(one for one in AGENCIES if organization_of(one) == grant.consumer)
            where = self.but(grant.matter, "M1", "M2")
            self.attempt((self.but(agency, *AGENCIES), PLATFORM), Gov.redeem_code, consent=number, matter=where, code_tag=tag)
            if tag == WRONG:
                self.attempt(PLATFORM, Gov.report_wrong_code, consent=number)

    def end(self) -> None:
        """A consent is taken back, or marked as expired."""
        self.attempt(self.choose(HOLDERS), Gov.revoke_consent, consent=self.number())
        self.attempt(self.choose(ANYBODY), Gov.expire_grant, grant=self.number())

    def access(self) -> None:
        """As granted, but for mistakes: others, more fields, another purpose, another schema."""
        now = self.world.time_ms
        known = self.pick(self.world.contract.grants, lambda one: one.state == "active" and one.expires_on_ms > now - DAY_MS)
        if known is None:
            return
        key, grant = known
        consumer = next(one for one in AGENCIES if organization_of(one) == grant.consumer)
        provider = next(one for one in (MARKET, SOCIAL, TAX) if organization_of(one) == grant.provider)
        version = self.world.contract.versions[f"{grant.item}:{grant.version:03}"]
        sides = (self.but(consumer, *AGENCIES), self.but(provider, MARKET, TAX))
        self.attempt(
            sides, Gov.access, receipt=f"R{len(self.story)}", grant=key, matter=grant.matter,
            fields=self.but(grant.fields, FIELDS[grant.item][:3]), purpose=self.but(grant.purpose, *PURPOSES),
            schema_digest=self.but(version.schema_digest, "0" * 64), request=SEALED, response=SEALED,
        )  # fmt: skip

    def move(self) -> None:
        """The issuer does something to a licence, mostly for a while."""
        licence = self.choose([key for key, _ in self.world.contract.licences.items()])
        self.attempt(MARKET, self.choose(MOVES), licence=licence, reason="a reason")
        self.attempt(BAIHUA, Gov.lapse_licence, licence=licence)

    def renew(self) -> None:
        """It renews one, twice over."""
        holder, version = self.choose(HOLDERS), self.choose((1, 1, 2, 3))
        starts = self.day()
        for _ in range(2):
            self.attempt(
                MARKET, Gov.renew_licence, previous=identifier(holder, version), licence=identifier(holder, version + 1),
                valid_from_on_ms=starts, valid_to_on_ms=starts + 40 * DAY_MS, content=SEALED,
            )  # fmt: skip
        self.attempt(MARKET, Gov.issue_licence, **issue(identifier(holder), holder))

    def present(self) -> None:
        """A bank asks, a holder shows, the bank relies on it some days later."""
        number, bank, holder, key = (
            f"Q{self.choose(range(9))}",
            self.choose(BANKS),
            self.choose(HOLDERS),
            self.choose(("A1", "A2", "A3")),
        )
        asked = {"holder": organization_of(holder), "purpose": "account-opening", "matter": key}
        named = {"agency": organization_of(bank), "applicant": organization_of(holder)}
        self.attempt((bank, holder), Gov.open_matter, matter=key, purpose="account-opening", **named)
        self.attempt(
            bank, Gov.ask_presentation, question=number, item="L", fields=LICENCE[:2], nonce=f"{len(self.story):032x}",
            open_until_on_ms=self.day(), **asked,
        )  # fmt: skip
        licence = identifier(holder, self.choose((1, 1, 2)))
        self.attempt(holder, Gov.present, question=number, licence=licence, fields=LICENCE[:2], presentation=SEALED)
        self.choose((self.wait, self.move))()
        self.attempt(bank, Gov.accept_presentation, question=number, presentation=SEALED)
        self.choose((self.wait, self.move))()
        self.attempt(bank, Gov.open_account, question=number, check_again_on_ms=self.world.time_ms + 20 * DAY_MS)
        self.attempt(bank, Gov.reuse_customer, **{**asked, "purpose": self.but("account-opening", "restaurant-permit")})

    def evidence(self) -> None:
        """Deposited, anchored, submitted, compared, admitted; each may have happened before."""
        number, owner, case, claimed = self.choose(("E1", "E2")), self.choose(HOLDERS), self.choose(("K1", "K2")), self.day()
        right, wrong = {"sealed": number[1] * 64}, {"sealed": "6" * 64}
        self.attempt(owner, Gov.deposit_evidence, evidence=number, kind="drawing", original=right, claimed_on_ms=claimed)
        self.attempt(NOTARY, Gov.anchor_evidence, batch=f"B{len(self.story)}", evidence=(number,))
        self.attempt(owner, Gov.submit_evidence, evidence=number, court="hexi-court", case=case)
        original = self.choose((right, wrong))
        existed = self.world.time_ms
        self.attempt(COURT, Gov.verify_evidence, evidence=number, case=case, original=original, existed_on_ms=existed)
        self.attempt(COURT, Gov.admit_evidence, evidence=number, case=case)

    def verify(self) -> None:
        """G1 to G11."""
        state = {
            name: dict(getattr(self.world.contract, name).items())
            for name, collection in Gov.collections.items()
            if collection.of is None
        }
        assert [(one.code, one.faults) for one in judged(state, self.story) if one.faults] == []


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_is_tried_the_invariants_hold(seed: int) -> None:
    walk = Walk(random.Random(seed).choice)
    for step in range(STEPS):
        walk.step()
        if step % 25 == 24:
            walk.verify()
    assert len({one.name for one in walk.story}) >= 12, "it came about"


class Offices(RuleBasedStateMachine):
    """The same walk, led by hypothesis."""

    def __init__(self) -> None:
        super().__init__()
        self.walk = Walk(lambda options: options[0])

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """Anybody does anything."""
        self.walk.choose = lambda options: data.draw(st.sampled_from(options))
        self.walk.step()

    @invariant()
    def holds(self) -> None:
        """G1 to G11."""
        self.walk.verify()


TestOffices = Offices.TestCase
TestOffices.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
