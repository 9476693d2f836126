"""Who plays the one day: members of the four trades, and one company that has to do with all of them."""

from dataclasses import replace

from ledger.contract.refusal import Phrase
from nodes.network.specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.catalogue import SCENARIOS
from scenarios.government.cast import BUSINESS_LICENCE, CODES, MARKET
from scenarios.government.licence_identifiers import LicenceIdentifier
from scenarios.identifiers import organization_of
from scenarios.shipping.cast import JIANGLAN
from scenarios.supply_chain_finance.trade_files import default_trade

TRADES = tuple(SCENARIOS.values())
CAST = {member: words for trade in TRADES for member, words in trade.cast.items()}
JIANGLAN_CODE = "91310115MA1H4JLN1A"
"""Invented, like all codes of the cast; the check sign is right."""
JIANGLAN_ROLES = ("shipper", "supplier", "power-consumer", "enterprise", "admin")
"""Jianglan Solar ships, supplies a core enterprise, consumes power and holds a licence, all under one name and one key."""
VALIDATORS = ("haihe.node", "canghai.node", "lvheng.node", "data-bureau.node")
"""One of each trade."""
LICENCE = LicenceIdentifier(BUSINESS_LICENCE, CODES[organization_of(MARKET)], "2019061137", 1).text()
"""Jianglan's business licence."""

TERMS = {LICENCE: Phrase("Jianglan's licence", "江澜的执照"), organization_of(JIANGLAN): CAST[JIANGLAN]}
"""What stands in refusals -> how people call it."""


def specification() -> NetworkSpecification:
    """One network of the members of all stories; Jianglan has its roles in each trade. The companies of a month stay away."""
    networks = [trade.specification() for trade in TRADES]
    away = {organization.name for organization in default_trade().organizations}
    roles: dict[str, dict[str, tuple[str, ...]]] = {}
    for organization in (one for network in networks for one in network.organizations if one.name not in away):
        own = roles.setdefault(organization.name, {})
        for member in organization.members:  # a bank may be the same in several trades
            if "validator" not in member.roles or f"{organization.name}.{member.name}" in VALIDATORS:
                own[member.name] = tuple(dict.fromkeys((*own.get(member.name, ()), *member.roles)))
    company, person = JIANGLAN.split(".")
    roles[company][person] = JIANGLAN_ROLES
    return replace(
        networks[0],
        organizations=tuple(
            OrganizationSpec(name, tuple(MemberSpec(*one) for one in own.items())) for name, own in roles.items()
        ),
        validators=VALIDATORS,
        contracts=tuple(contract for network in networks for contract in network.contracts),
    )
