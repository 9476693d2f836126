"""Who plays the one day: members of the four trades, and one company that has to do with all of them."""

from dataclasses import replace

from ledger.contract.refusal import Phrase
from nodes.network.specification import MemberSpec, NetworkSpecification
from scenarios.catalogue import SCENARIOS
from scenarios.government.cast import BUSINESS_LICENCE, CODES, MARKET
from scenarios.government.licence_identifiers import LicenceIdentifier
from scenarios.identifiers import organization_of
from scenarios.shipping.cast import JIANGLAN
from scenarios.story.play import joint_specification
from scenarios.supply_chain_finance.trade_files import default_trade

TRADES = tuple(SCENARIOS.values())
CAST = {member: words for trade in TRADES for member, words in trade.cast.items()}
JIANGLAN_CODE = "91310115MA1H4JLN1A"
"""Invented, like all codes of the cast; the check sign is right."""
JIANGLAN_ROLES = ("shipper", "supplier", "power-consumer", "enterprise", "admin")
"""Jianglan Solar ships, supplies a core enterprise, consumes power and holds a licence, all under one name and one key."""
LICENCE = LicenceIdentifier(BUSINESS_LICENCE, CODES[organization_of(MARKET)], "2019061137", 1).text()
"""Jianglan's business licence."""

TERMS = {LICENCE: Phrase("Jianglan's licence", "江澜的执照"), organization_of(JIANGLAN): CAST[JIANGLAN]}
"""What stands in refusals -> how people call it."""


def specification() -> NetworkSpecification:
    """One network of the members of all stories; Jianglan has its roles in each trade. The companies of a month stay away."""
    joint = joint_specification(TRADES)
    jianglan, member = JIANGLAN.split(".")
    away = {organization.name for organization in default_trade().organizations}
    organizations = []
    for one in joint.organizations:
        if one.name in away:
            continue
        members = (MemberSpec(member, JIANGLAN_ROLES),) if one.name == jianglan else one.members
        organizations.append(replace(one, members=members))
    return replace(joint, organizations=tuple(organizations))
