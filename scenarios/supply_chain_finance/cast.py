"""Who plays: organizations, members, companies, and the network that they run."""

from nodes.network.specification import NetworkSpecification
from scenarios.data_files import read_cast, read_data
from scenarios.supply_chain_finance.contract import SupplyChainFinance
from scenarios.supply_chain_finance.trade_files import default_trade

PACKAGE = "scenarios.supply_chain_finance"
_PARTIES = read_cast(PACKAGE, "parties.json")
MEMBERS = _PARTIES.members
"""Member id, kind of party (empty for those who serve), names, roles, code."""
CAST = _PARTIES.words
TIERS = tuple(read_data(PACKAGE, "illustrative.json")["tiers"])
"""What finance costs and how long money takes without the ledger, by tier: assumptions."""
HOLIDAYS = tuple(read_data("scenarios", "holidays.json")["holidays"])

HAIHE, TUOHAI = "haihe.wang", "tuohai.sun"
BEICHEN, LULIN, MINGHE, XINYUAN = "beichen.li", "lulin.zhao", "minghe.chen", "xinyuan.he"
YANSHAN, LANHAI = "yanshan.liu", "lanhai.gao"
TONGDA, REGISTRY, CLEARING, REGULATOR = "tongda.ops", "registry.qian", "clearing.desk", "regulator.zheng"
JINQIAO, COURT = "jinqiao.lin", "jinghai.lu"


def specification(*, with_observers: bool = False) -> NetworkSpecification:
    """Each party is an organization of its own. The companies of the month of trade run no node."""
    return _PARTIES.network(SupplyChainFinance, others=default_trade().organizations, with_observers=with_observers)
