"""Who plays on which of the four ledgers: parties of the four trades, Jianglan on all of them, and who carries proofs."""

from dataclasses import dataclass, replace

from ledger.contract.refusal import Phrase
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.economy.cast import CAST as TRADES_CAST
from scenarios.economy.cast import JIANGLAN_ROLES, TRADES
from scenarios.economy.cast import TERMS as TRADES_TERMS
from scenarios.government.cast import BUSINESS_LICENCE, MARKET
from scenarios.government.cast import CODES as OFFICES
from scenarios.government.licence_identifiers import LicenceIdentifier
from scenarios.identifiers import organization_of
from scenarios.shipping.cast import JIANGLAN, NORDLICHT
from scenarios.supply_chain_finance.cast import MEMBERS as PARTIES
from scenarios.supply_chain_finance.cast import MINGHE

GOVERNMENT, ENERGY, FINANCE, SHIPPING = LEDGERS = ("government", "energy", "finance", "shipping")
"""Names of the ledgers, by which each also admits the others."""
CALLED = {
    GOVERNMENT: Phrase("government", "政务"),
    ENERGY: Phrase("energy", "能源"),
    FINANCE: Phrase("finance", "金融"),
    SHIPPING: Phrase("shipping", "航运"),
}
RELAYER = "xinshi.relay"
"""A member on each ledger that carries headers; nobody has to trust it."""
MINGHE_CODE = next(party["uscc"] for party in PARTIES if party["member"] == MINGHE)
MINGHE_LICENCE = LicenceIdentifier(BUSINESS_LICENCE, OFFICES[organization_of(MARKET)], "2017080452", 1).text()
"""The business licence of a supplier's supplier."""
TERMS = {
    **TRADES_TERMS,
    **CALLED,
    MINGHE_LICENCE: Phrase("Minghe's licence", "明和的执照"),
    "executed": Phrase("executed", "已成交"),
    "cancelled": Phrase("cancelled", "已取消"),
    "admitted_height": Phrase("admitted at height", "接纳于高度"),
    "until_ms": Phrase("to be relied on until", "可采信至"),
    "wrong-quorum": Phrase("too few signed it, or too many", "签名数不等于法定数"),
    "wrong-signature": Phrase("a signature is not of the key that it is said to be of", "签名与所称密钥不符"),
    "wrong-certificate": Phrase("the signatures are of another header", "签名属于另一个区块头"),
}
CAST = TRADES_CAST | {RELAYER: Phrase("Xinshi Relay", "信使中继")}
FOREIGN = ("foreign", "nodes.foreign.contract:Foreign")
BROUGHT = ("brought", "scenarios.corridor.brought:BroughtRecords")


@dataclass(frozen=True, slots=True)
class LedgerPlan:
    """One ledger: whose trade it is, who of that trade is there, and its contracts."""

    trade: str
    organizations: tuple[str, ...]
    """Beside those with a validator."""
    contracts: tuple[tuple[str, str], ...]


PLANS = {
    GOVERNMENT: LedgerPlan(
        "government", ("yanshan",), (("government", "scenarios.corridor.government:CorridorGovernment"), FOREIGN, BROUGHT)
    ),
    ENERGY: LedgerPlan(
        "energy", ("yunhai", "heyan"), (("energy", "scenarios.corridor.energy:CorridorEnergy"), FOREIGN)
    ),
    FINANCE: LedgerPlan(
        "supply-chain-finance",
        ("lulin", "minghe", "lanhai", "clearing", "regulator"),
        (
            ("supply-chain-finance", "scenarios.corridor.finance:CorridorFinance"),
            ("deals", "scenarios.corridor.payment:DealPayments"),
            FOREIGN,
            BROUGHT,
        ),
    ),
    SHIPPING: LedgerPlan(
        "shipping",
        ("yanshan", "lanhai", "nordlicht", "alster", "haijiao", "moorkai", "stapelhof", "elbwagen", "zollamt"),
        (("shipping", "scenarios.corridor.shipping:CorridorShipping"), FOREIGN, BROUGHT),
    ),
}  # fmt: skip


def specification(ledger: str) -> NetworkSpecification:
    """One ledger's network: validators, genesis and keys of its own. A member of one name on two ledgers has two keys."""
    plan = PLANS[ledger]
    network = next(trade for trade in TRADES if trade.name == plan.trade).specification()
    seated = {organization_of(member) for member in network.validators}
    there = [one for one in network.organizations if one.name in seated.union(plan.organizations)]
    added = [organization(JIANGLAN, JIANGLAN_ROLES), organization(RELAYER, ("member", "admin"))]
    if ledger == GOVERNMENT:
        added.append(organization(MINGHE, ("enterprise", "admin")))
    if ledger == FINANCE:
        added.append(organization(NORDLICHT, ("member", "admin")))
    return replace(
        network,
        organizations=(*(one for one in there if one.name != organization_of(JIANGLAN)), *added),
        contracts=plan.contracts,
    )


def organization(member: str, roles: tuple[str, ...]) -> OrganizationSpec:
    """An organization of one member."""
    name, person = member.split(".")
    return OrganizationSpec(name, (MemberSpec(person, roles),))


def governors(ledger: str) -> tuple[str, ...]:
    """An admin of each of just more than half of the organizations, in their order: enough to decide for the ledger."""
    organizations = specification(ledger).organizations
    admins = [next(f"{one.name}.{member.name}" for member in one.members if "admin" in member.roles) for one in organizations]
    return tuple(admins[: len(admins) // 2 + 1])
