"""Who plays: organizations, members, devices, and the network that they run."""

from nodes.network_specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.data_files import read_data
from scenarios.dates import START_MS
from scenarios.energy.contract import Energy
from scenarios.story import Words

PACKAGE = "scenarios.energy"
_PARTIES = read_data(PACKAGE, "parties.json")
MEMBERS = tuple(_PARTIES["members"])
"""Member id, names, roles; zone and code of those who get an account."""
DEVICES = tuple(_PARTIES["devices"])
CAST = {person["member"]: Words(person["en"], person["zh"]) for person in MEMBERS}

WIND, SOLAR, BATTERY = "fengling.tao", "guanghe.ren", "xuneng.bai"
DATA_CENTRE, ALUMINIUM, COLD_STORE, TEXTILES = "yunhai.shen", "hongda.lei", "bingyuan.yu", "jiangnan.pan"
ISSUER, METERS, CARBON_REGISTRY, ASSURANCE = "lvheng.fang", "jiliang.qiao", "tanku.an", "heyan.su"
BUSINESS_PARK = "huajing.xu"
"""Whose whole year is matched hour by hour."""
NORTH_EXCHANGE, SOUTH_EXCHANGE = "dianjiao.meng", "nanjiao.lin"


def specification(*, with_observers: bool = False) -> NetworkSpecification:
    """Each party is an organization of its own; four of them run a node, or all, those beyond the four without a vote."""
    organizations = []
    for person in MEMBERS:
        organization, _, name = person["member"].partition(".")
        member = MemberSpec(name, (*person["roles"], "admin"))
        role = "validator" if organization in _PARTIES["validators"] else "node" if with_observers else ""
        node = (MemberSpec("node", (role,)),) if role else ()
        organizations.append(OrganizationSpec(organization, (member, *node)))
    return NetworkSpecification(
        organizations=tuple(organizations),
        validators=tuple(f"{organization}.node" for organization in _PARTIES["validators"]),
        contracts=((Energy.name, f"{PACKAGE}.contract:Energy"),),
        start_time_ms=START_MS,
    )
