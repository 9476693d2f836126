"""Who plays: organizations, members, companies, and the network that they run."""

from nodes.network_specification import MemberSpec, NetworkSpecification, OrganizationSpec
from scenarios.data_files import read_data
from scenarios.dates import START_MS
from scenarios.story import Words
from scenarios.supply_chain_finance.contract import SupplyChainFinance
from scenarios.supply_chain_finance.trade_files import default_trade

PACKAGE = "scenarios.supply_chain_finance"
_PARTIES = read_data(PACKAGE, "parties.json")
MEMBERS = tuple(_PARTIES["members"])
"""Member id, kind of party (empty for those who serve), names, roles, code."""
CAST = {person["member"]: Words(person["en"], person["zh"]) for person in MEMBERS}
TIERS = tuple(read_data(PACKAGE, "illustrative.json")["tiers"])
"""What finance costs and how long money takes without the ledger, by tier: assumptions."""
HOLIDAYS = tuple(read_data("scenarios", "holidays.json")["holidays"])

HAIHE, TUOHAI = "haihe.wang", "tuohai.sun"
BEICHEN, LULIN, MINGHE, XINYUAN = "beichen.li", "lulin.zhao", "minghe.chen", "xinyuan.he"
YANSHAN, LANHAI = "yanshan.liu", "lanhai.gao"
TONGDA, REGISTRY, CLEARING, REGULATOR = "tongda.ops", "registry.qian", "clearing.desk", "regulator.zheng"
JINQIAO, COURT = "jinqiao.lin", "jinghai.lu"


def specification(*, with_observers: bool = False) -> NetworkSpecification:
    """Each party is an organization of its own; four of them run a node, or all, those beyond the four without a vote.

    The companies of the month of trade run none.
    """
    organizations = []
    for person in MEMBERS:
        organization, _, name = person["member"].partition(".")
        member = MemberSpec(name, (*person["roles"], "admin"))
        role = "validator" if organization in _PARTIES["validators"] else "node" if with_observers else ""
        node = (MemberSpec("node", (role,)),) if role else ()
        organizations.append(OrganizationSpec(organization, (member, *node)))
    return NetworkSpecification(
        organizations=(*organizations, *default_trade().organizations),
        validators=tuple(f"{organization}.node" for organization in _PARTIES["validators"]),
        contracts=((SupplyChainFinance.name, f"{PACKAGE}.contract:SupplyChainFinance"),),
        start_time_ms=START_MS,
    )
