"""Government services without ledger, keys and blocks: operations run straight on a state. For tests of single rules."""

from typing import Any

from scenarios.dates import on
from scenarios.government import cast
from scenarios.government.contract import Government as Gov
from scenarios.government.papers import HEADCOUNT, LICENCE, TAXES, limits, with_record
from scenarios.government.rules import schema_digest
from tests import contract_world

SEALED = {"sealed": "5" * 64}
TAG, OTHER_TAG = "a" * 64, "b" * 64
NONCE = "c" * 32
PERMIT: dict[str, Any] = {"purpose": "restaurant-permit", "matter": "M"}
ACCOUNT: dict[str, Any] = {"purpose": "account-opening", "matter": "A"}
LICENCE_1, LICENCE_2 = cast.identifier(cast.QINGTENG), cast.identifier(cast.QINGTENG, 2)


class World(contract_world.World[Gov]):
    """The members of the story, on the day of the genesis."""

    def __init__(self) -> None:
        super().__init__(Gov, {person["member"]: tuple(person["roles"]) for person in cast.MEMBERS}, "2026-03-30")


def drafted(item: str, attribute: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """Arguments of a draft."""
    return {"item": item, "duty": "a duty", "attribute": attribute, "basis": "a reason", "fields": fields}


def opened() -> World:
    """Deadlines of 2, 5 and 5 days, four entries in force, Qingming closed; 31 March."""
    world = World().do(cast.BUREAU, Gov.set_deadlines, effective_on_ms=on("2026-03-31"), days=limits(2, 5, 500))
    world.do(cast.BUREAU, Gov.set_closed_days, days=(on("2026-04-06"),), name="Qingming")
    world.at("2026-03-31")
    for owner, item, attribute, fields in (
        (cast.SOCIAL, "S", "unconditional", HEADCOUNT),
        (cast.TAX, "T", "conditional", TAXES),
        (cast.TAX, "N", "not-shared", ("audit",)),
        (cast.MARKET, "L", "conditional", LICENCE),
    ):
        publish(world.do(owner, Gov.draft_item, **drafted(item, attribute, fields)), item)
    for service in ("restaurant-permit", "account-opening"):
        world.do(cast.BUREAU, Gov.list_service, **listed(service))
    return world


def listed(service: str, **changes: Any) -> dict[str, Any]:
    """Arguments of a list of what a service needs."""
    needs = [
        {"item": "S", "fields": HEADCOUNT[:1]},
        {"item": "T", "fields": TAXES[:2]},
        {"item": "L", "fields": ("name", "uscc")},
    ]
    return with_record("listed", {"needs": needs, "retention_days": 30, "inquiry": None}, changes, service=service)


def publish(world: World, item: str) -> World:
    """The bureau puts in force what is drafted."""
    digest = world.contract.drafts[item].schema_digest
    return world.do(cast.BUREAU, Gov.publish_item, item=item, schema_digest=digest)


def issue(licence: str = LICENCE_1, holder: str = cast.QINGTENG, **changes: Any) -> dict[str, Any]:
    """Arguments of a good first licence."""
    company = holder.partition(".")[0]
    about = {"item": "L", "holder": company, "holder_code": cast.CODES[company], "holder_key": "d" * 64}
    term = with_record(
        "term", {"valid_from_on_ms": on("2026-04-01"), "valid_to_on_ms": on("2026-12-31"), "content": SEALED}, changes
    )
    return with_record("about", about, term, licence=licence)


def renewal(previous: str = LICENCE_1, licence: str = LICENCE_2, **changes: Any) -> dict[str, Any]:
    """Arguments of a good renewal."""
    term = {"valid_from_on_ms": on("2026-04-01"), "valid_to_on_ms": on("2027-12-31"), "content": SEALED}
    return with_record("term", term, changes, previous=previous, licence=licence)


def licensed() -> World:
    """Qingteng has a licence, a permit matter M with the window, an account matter A with Yanshan; 2 April."""
    world = opened().at("2026-04-01")
    for name in ("market-bureau", "qingteng", "baihua"):
        world.do(cast.BUREAU, Gov.register_code, organization=name, code=cast.CODES[name])
    world.do(cast.MARKET, Gov.register_issuer, code=cast.CODES["market-bureau"], public_key="e" * 64)
    world.do(cast.MARKET, Gov.issue_licence, **issue()).at("2026-04-02")
    world.do((cast.WINDOW, cast.QINGTENG), Gov.open_matter, **PERMIT, agency="permit-office", applicant="qingteng")
    return world.do((cast.YANSHAN, cast.QINGTENG), Gov.open_matter, **ACCOUNT, agency="yanshan", applicant="qingteng")


def request(number: str = "R", item: str = "T", **changes: Any) -> dict[str, Any]:
    """Arguments of a good request for one field."""
    fields = {"S": ("insured_employees",), "T": ("tax_arrears",), "N": ("audit",), "L": ("name",)}.get(item, ("first",))
    wanted = {"item": item, "version": 1, "subject": "qingteng", "fields": fields, **PERMIT, "uses_max": 2,
              "expires_on_ms": on("2026-04-30"), "reason": None}  # fmt: skip
    return with_record("wanted", wanted, changes, request=number)


def consent(number: str = "C", **changes: Any) -> dict[str, Any]:
    """Arguments of a good consent without a code."""
    use = {"fields": ("name", "uscc"), **PERMIT, "expires_on_ms": on("2026-04-10"), "uses_max": 2, "reason": None}
    return with_record("use", use, changes, consent=number, licence=LICENCE_1, consumer="permit-office")


def access(grant: str = "C", receipt: str = "X", item: str = "L", **changes: Any) -> dict[str, Any]:
    """Arguments of a good access by a grant."""
    fields, attribute = {"L": (LICENCE, "conditional"), "S": (HEADCOUNT, "unconditional"), "T": (TAXES, "conditional")}[item]
    first = {"L": "name", "S": "insured_employees", "T": "tax_arrears"}[item]
    schema = schema_digest(item, 1, attribute, fields)
    exchange = {"fields": (first,), **PERMIT, "schema_digest": schema, "request": SEALED, "response": SEALED,
                "as_of_on_ms": (on("2026-03-31"),)}  # fmt: skip
    return with_record("exchange", exchange, changes, receipt=receipt, grant=grant)


def consented(**changes: Any) -> World:
    """Qingteng has consented as consent C."""
    return licensed().do(cast.QINGTENG, Gov.grant_consent, **consent(**changes))


def coded() -> World:
    """The same by a code that was not given yet."""
    return licensed().do((cast.QINGTENG, cast.PLATFORM), Gov.grant_consent, **consent(code_tag=TAG))


def used() -> World:
    """Consent C was used once, with receipt X."""
    return consented().do((cast.WINDOW, cast.MARKET), Gov.access, **access())


def question(number: str = "Q", nonce: str = NONCE, **changes: Any) -> dict[str, Any]:
    """Arguments of Yanshan's good question."""
    demand = {"holder": "qingteng", "item": "L", "fields": ("name", "uscc"), **ACCOUNT, "nonce": nonce,
              "open_until_on_ms": on("2026-04-10"), "reason": None}  # fmt: skip
    return with_record("demand", demand, changes, question=number)


def asked() -> World:
    """Yanshan has asked question Q."""
    return licensed().do(cast.YANSHAN, Gov.ask_presentation, **question())


def shown(**changes: object) -> dict[str, Any]:
    """Arguments of Qingteng's good answer."""
    return {"question": "Q", "licence": LICENCE_1, "fields": ("uscc", "name"), "presentation": SEALED, **changes}


def presented() -> World:
    """Qingteng has answered it."""
    return asked().do(cast.QINGTENG, Gov.present, **shown())


def accepted() -> World:
    """Yanshan has accepted what it was shown."""
    return presented().do(cast.YANSHAN, Gov.accept_presentation, question="Q", presentation=SEALED)


def customer() -> World:
    """Yanshan has opened an account on it."""
    return accepted().do(cast.YANSHAN, Gov.open_account, question="Q", check_again_on_ms=on("2026-06-30"))


def deposit(number: str = "E", **changes: object) -> dict[str, Any]:
    """Arguments of a good deposit."""
    return {"evidence": number, "kind": "drawing", "original": SEALED, "claimed_on_ms": on("2026-04-01"), **changes}


def deposited(**changes: Any) -> World:
    """Qingteng has deposited evidence E."""
    return licensed().do(cast.QINGTENG, Gov.deposit_evidence, **deposit(**changes))


def anchored(**changes: Any) -> World:
    """A notary has put it under root B."""
    return deposited(**changes).do(cast.NOTARY, Gov.anchor_evidence, batch="B", evidence=("E",))


def submitted(**changes: Any) -> World:
    """It is before the court in case K."""
    return anchored(**changes).do(cast.QINGTENG, Gov.submit_evidence, evidence="E", court="hexi-court", case="K")


def judged(verdict: str = "match") -> World:
    """The court has compared."""
    original = SEALED if verdict == "match" else {"sealed": "6" * 64}
    return submitted().do(
        cast.COURT, Gov.verify_evidence, evidence="E", case="K", original=original, existed_on_ms=on("2026-04-30")
    )


COLUMNS = {
    "bureau": cast.BUREAU,
    "platform": cast.PLATFORM,
    "market": cast.MARKET,
    "tax": cast.TAX,
    "window": cast.WINDOW,
    "counter": cast.COUNTER,
    "director": cast.DIRECTOR,
    "fire": cast.FIRE,
    "yanshan": cast.YANSHAN,
    "lanhai": cast.LANHAI,
    "holder": cast.QINGTENG,
    "rival": "baihua.office",
    "notary": cast.NOTARY,
    "court": cast.COURT,
    "auditor": "inspection.auditor",
}
"""Who signs, by heading."""
