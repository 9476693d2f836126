"""What a random walk through government services is given, beyond the rule tables."""

from ledger.contract.calendar import DAY_MS, day_of
from scenarios.government import invariants
from scenarios.government.cast import BUSINESS_LICENCE, CODES, COUNTER, FIRE, WINDOW
from scenarios.government.contract import Government
from scenarios.government.licence_identifiers import LicenceIdentifier
from scenarios.government.papers import LICENCE
from tests import government_rules, test_scenarios_government_rules
from tests.walker import Known, Trade, Walk

AGENCIES, HOLDERS = ("permit-office", "fire-service", "yanshan", "lanhai"), ("qingteng", "baihua")
ONCE = "object_to_use withdraw_licence revoke_licence cancel_licence transfer_licence retire_item close_matter revoke_consent"


def first(walk: Walk, known: Known) -> str:
    """The identifier of a first licence, now and then of a later version."""
    number = f"20260{walk.chance.randrange(30)}"
    return LicenceIdentifier(BUSINESS_LICENCE, CODES["market-bureau"], number, walk.chance.choice((1, 1, 1, 2))).text()


def next_version(walk: Walk, known: Known) -> str:
    """The identifier of the version after the licence that is renewed."""
    number, version = known.get("number", "1"), known.get("version", 0) + 1
    return LicenceIdentifier(BUSINESS_LICENCE, CODES["market-bureau"], number, version).text()


def day(walk: Walk, *days: int) -> int:
    """A day that is one of these numbers of days from now."""
    return day_of(walk.world.time_ms) + walk.chance.choice(days) * DAY_MS


def in_force(walk: Walk, known: Known) -> str:
    """The schema of the version that the grant names."""
    version = walk.world.contract.versions.get(f"{known.get('item')}:{known.get('version', 0):03}")
    return version.schema_digest if version else "0" * 64


def drafted(walk: Walk, known: Known) -> str:
    """The schema of the entry's draft."""
    draft = walk.world.contract.drafts.get(known["item"])
    return draft.schema_digest if draft else "0" * 64


def some_fields(walk: Walk, known: Known) -> list[str]:
    """One or two fields of the entry."""
    version = walk.world.contract.versions.get(f"{known.get('item')}:{known.get('version', 0):03}")
    return [*version.fields[: walk.chance.choice((1, 2))]] if version else ["name"]


def as_of(walk: Walk, known: Known) -> list[int]:
    """A day for each field."""
    return [day(walk, -9, -1, 0, 0, 0, 1) for _ in known.get("fields", ["name"])]


def of_customer(walk: Walk, known: Known) -> str:
    """A matter, now and then any, of a bank and its customer."""
    matters = dict(walk.rows("matters"))
    fit = [number for number, matter in matters.items() if f"{matter.agency}:{matter.applicant}" in walk.world.contract.customers]
    return walk.chance.choice(fit if fit and walk.chance.randrange(4) else [*matters])


TRADE = Trade(
    contract=Government,
    findings=invariants.findings,
    tables=(test_scenarios_government_rules.TABLE,),
    rules=government_rules.RULES,
    arguments={
        "agency": lambda walk, known: walk.chance.choice(AGENCIES),
        "open_matter.applicant": lambda walk, known: walk.chance.choice(HOLDERS),
        "subject": lambda walk, known: known.get("applicant", "qingteng"),
        "consumer": lambda walk, known: known.get("agency", "fire-service"),
        "holder": lambda walk, known: known.get("applicant", "qingteng"),
        "issue_licence.item": lambda walk, known: "L",
        "issue_licence.licence": first,
        "issue_licence.holder": lambda walk, known: walk.chance.choice(HOLDERS),
        "holder_code": lambda walk, known: CODES.get(known.get("holder", ""), CODES["baihua"]),
        "renew_licence.licence": next_version,
        "valid_from_on_ms": lambda walk, known: day(walk, -9, 0, 0, 0, 9),
        "valid_to_on_ms": lambda walk, known: day(walk, -1, 3, 9, 90),
        "check_again_on_ms": lambda walk, known: day(walk, -1, 1, 3, 9),
        "draft_item.fields": lambda walk, known: walk.chance.choice((("first",), ("first", "second"), LICENCE)),
        "publish_item.schema_digest": drafted,
        "access.schema_digest": in_force,
        "request_share.fields": some_fields,
        "ask_presentation.fields": some_fields,
        "report_error.field": lambda walk, known: known.get("fields", ["name"])[0],
        "reuse_customer.matter": of_customer,
        "code_tag": lambda walk, known: walk.chance.choice((known.get("code_tag", "a" * 64),) * 3 + ("b" * 64,)),
        "nonce": lambda walk, known: f"{walk.chance.randrange(10**6):032x}",
        "reason": lambda walk, known: walk.chance.choice((None, "a reason", "a reason")),
        "as_of_on_ms": as_of,
        "correct.as_of_on_ms": lambda walk, known: day(walk, -9, 0, 0, 9),
        "delegate_matter.clerk": lambda walk, known: walk.chance.choice((WINDOW, COUNTER, COUNTER, FIRE)),
        "original": lambda walk, known: known.get("original") or {"sealed": f"{walk.chance.randrange(9):064x}"},
    },
    weights={
        **dict.fromkeys(("set_deadlines", "set_closed_days", "register_issuer", *ONCE.split()), 1),
        **dict.fromkeys(("access", "grant_consent", "request_share"), 20),
        **dict.fromkeys(("redeem_code", "report_wrong_code", "approve"), 12),
        **dict.fromkeys(("present", "accept_presentation", "open_account", "reuse_customer"), 12),
    },
    flaws=(
        "already-answered", "already-exists", "already-renewed", "code-of-another", "grant-too-long", "not-acknowledged",
        "not-delegated", "not-needed", "no-legal-basis", "code-not-told", "deadline-missed", "deadline-runs",
        "field-creep", "licence-not-begun", "licence-not-valid", "matter-closed", "not-escalated", "one-side-only",
        "objected", "other-agency", "prolonged", "other-applicant", "other-purpose", "stale-version",
    ),
)  # fmt: skip
