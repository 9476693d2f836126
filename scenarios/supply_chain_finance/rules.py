"""What several parts of the contract share, as plain functions: spelling, parties, certificates, dates and money.

In those that check, the certificate's record is called `claim`: its number is what an operation is given as `certificate`.
"""

import unicodedata
from typing import Literal, TypeAlias

from ledger.contract import Context, Identifier, MemberId, Timestamp
from ledger.contract.calendar import civil_date, day_of, next_working_day
from ledger.encoding import digest
from ledger.primitives import Digest
from scenarios.supply_chain_finance.records import Account, Certificate, CertificateState, Invoice, Maturity, PartyKind, TenorRule
from scenarios.supply_chain_finance.state import PLATFORM, FinanceState, OrganizationView, invoices_behind
from scenarios.supply_chain_finance.transitions import CERTIFICATES

Kind: TypeAlias = PartyKind | Literal["company"]
"""What a party must have been let in as; a company is any of them."""
LOOK_ALIKES = str.maketrans("OОΟQIІΙLZSБB", "000011112568")
"""Capitals of three alphabets that are written for a digit."""
VAT_DIGITS = 20
"""Of the number of a fully digitalised VAT invoice."""


# Spelling


def normalised(number: str) -> str:
    """An invoice number without what a forger changes first: width, case, signs between, letters that look like digits."""
    return _signs(number).translate(LOOK_ALIKES)


def is_vat_number(number: str) -> bool:
    """Whether it has the form of a VAT invoice's number: 20 digits, or 8 on paper and older electronic ones."""
    signs = _signs(number)
    return len(signs) in (8, VAT_DIGITS) and signs.isascii() and signs.isdigit()


def is_of_year(number: str, issued_on_ms: Timestamp) -> bool:
    """Whether a number of 20 digits begins with the year of its invoice; one of 8 says no year."""
    signs = _signs(number)
    return len(signs) < VAT_DIGITS or signs[:2] == f"{civil_date(issued_on_ms)[0] % 100:02}"


def _signs(number: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", number).upper() if sign.isalnum())


def fingerprint_of(seller: str, buyer: str, number: str, kind: str = "exact") -> Digest:
    """What two registrations of one invoice have in common: the normalised number, not the amount."""
    return digest("invoice-fingerprint", "\x00".join((kind, *parties_of(number, seller, buyer), number)).encode())


def parties_of(number: str, seller: str, buyer: str) -> tuple[str, str]:
    """Who tells an invoice from others of its number: nobody for 20 digits, which the whole country has once."""
    return ("", "") if len(number) == VAT_DIGITS else (seller, buyer)


def is_part_number(certificate: str) -> bool:
    """Whether a certificate's number reads like that of a part, `…-3`: parts are numbered from 1, without leading zeros."""
    whole, _, last = certificate.rpartition("-")
    return whole != "" and last.isdigit() and not last.startswith("0")


# Parties


def acting(state: FinanceState, context: Context, kind: Kind = "company") -> MemberId:
    """The first signer, who must have been let in (as `kind`): it is the one whose act this is."""
    member = context.signers[0].member
    require_party(state, context, member, kind)
    return member


def signer_as(context: Context, role: str) -> MemberId:
    """The first signer with a role that the operation's policy demands."""
    return next(signer.member for signer in context.signers if role in signer.roles)


def require_party(state: FinanceState, context: Context, member: MemberId, kind: Kind = "company") -> None:
    """Refuses the platform, a member that was not let in (as `kind`), and one that is suspended."""
    require_no_platform(context, member)
    party = state.parties.get(member)
    is_in = party is not None and kind in (party.kind, "company")
    context.require(is_in, "not-onboarded", member=member, kind=kind)
    context.require(party is None or not party.suspended, "suspended", member=member)


def require_no_platform(context: Context, member: MemberId) -> None:
    """Refuses every member of an organization that may run a platform: its other members pool no money for it either."""
    organization = context.read(OrganizationView, member.partition(".")[0])
    is_platform = isinstance(organization, OrganizationView) and PLATFORM in organization.roles
    context.require(not is_platform, "platform-no-party", member=member)


def require_unblocked(state: FinanceState, context: Context, core: MemberId) -> None:
    """Refuses a core that is late here, marked or not, and one that the regulator announced, until it is cured."""
    obligor = state.obligors[core]
    context.require(not obligor.blocked and not is_late(state, context, core), "core-blocked", core=core)
    context.require(obligor.announced == (), "core-barred", core=core, cause="".join(obligor.announced[:1]))


def is_late(state: FinanceState, context: Context, core: MemberId) -> bool:
    """Whether a day of payment has passed on which the core still owes something, marked overdue or not."""
    first = next(state.maturities.items(prefix=f"{core}:", limit=1), None)
    return first is not None and day_of(context.time_ms) > pays_on(state, int(first[0].removeprefix(f"{core}:")))


# Invoices and certificates


def require_unused_elsewhere(context: Context, payable: Invoice) -> None:
    """Refuses an invoice that another platform has reported."""
    context.require(payable.elsewhere == "", "used-elsewhere", platform=payable.elsewhere)


def require_unused_behind(state: FinanceState, context: Context, certificate: Identifier) -> None:
    """Refuses a certificate that stands on such an invoice: nobody new relies on it."""
    for name in invoices_behind(state, certificate):
        require_unused_elsewhere(context, state.invoices[name])


def state_after(context: Context, operation: str, certificate: Identifier, claim: Certificate) -> CertificateState:
    """The state to which an operation leads; refuses in a state from which it leads nowhere."""
    ways = CERTIFICATES[operation]
    context.require(claim.state in ways, "wrong-state", certificate=certificate, state=claim.state)
    return ways[claim.state]


def moved(context: Context, certificate: Identifier, before: str, after: str, **data: object) -> None:
    """Announces a change of state."""
    context.emit("moved", certificate=certificate, before=before, after=after, **data)


def require_holder(context: Context, claim: Certificate) -> None:
    """Refuses unless the holder signs."""
    context.require(context.signed_by(claim.holder), "not-holder", holder=claim.holder)


def require_running(context: Context, certificate: Identifier, claim: Certificate) -> None:
    """Refuses from the due date on."""
    context.require(context.time_ms < claim.due_on_ms, "past-due", certificate=certificate)


# Dates and money


def limits_of(state: FinanceState, context: Context) -> TenorRule:
    """The limits in force today; refuses before the first."""
    limits = [limit for key, limit in state.tenor_rules.items() if int(key) <= context.time_ms]
    if not limits:  # check: scf-no-tenor-rule
        context.refuse("no-tenor-rule")
    return limits[-1]


def pays_on(state: FinanceState, due_on_ms: Timestamp) -> Timestamp:
    """The day of payment: the due date, or the next day on which banks work."""
    return next_working_day(due_on_ms, [int(key) for key, _ in state.holidays.items()])


def owe(state: FinanceState, claim: Certificate, change_cents: int) -> None:
    """Books what the core owes on the due date, and to a bank: more with an acceptance, less with payment or writing off."""
    key = f"{claim.core}:{claim.due_on_ms:015}"
    maturity = state.maturities.get(key)
    owed_cents = (maturity.owed_cents if maturity else 0) + change_cents
    if owed_cents:
        state.maturities[key] = Maturity(owed_cents=owed_cents)
    else:
        del state.maturities[key]
    finance(state, claim.core, claim.holder, change_cents)


def finance(state: FinanceState, core: MemberId, holder: MemberId, change_cents: int) -> None:
    """Books what a bank holds of a core's debt; whoever is no bank has no line."""
    key = f"{core}:{holder}"
    line = state.lines.get(key)
    if line is not None:
        state.lines[key] = line.replace(financed_cents=line.financed_cents + change_cents)


def pay(state: FinanceState, context: Context, payer: MemberId, payee: MemberId, amount_cents: int, purpose: str) -> None:
    """Books money that the settlement bank, whose signature the operation demands, has moved."""
    for member, change in ((payer, -amount_cents), (payee, amount_cents)):
        account = state.accounts.get(member) or Account()
        state.accounts[member] = account.replace(change_cents=account.change_cents + change)
    context.emit("paid", payer=payer, payee=payee, amount_cents=amount_cents, purpose=purpose)
