"""Who plays: organizations, members, and the network that they run."""

from nodes.network.specification import NetworkSpecification
from scenarios.data_files import read_cast
from scenarios.shipping.contract import Shipping

PACKAGE = "scenarios.shipping"
_PARTIES = read_cast(PACKAGE, "parties.json")
MEMBERS = _PARTIES.members
"""Member id, names, roles."""
CAST = _PARTIES.words

JIANGLAN, QIAOSHAN = "jianglan.fang", "qiaoshan.tan"
CANGHAI, BEIFAN = "canghai.ye", "beifan.shen"
YUNTU, NORDKETTE = "yuntu.desk", "nordkette.desk"
YANSHAN, LANHAI, ELBKONTOR = "yanshan.liu", "lanhai.gao", "elbkontor.krause"
NORDLICHT, ALSTER = "nordlicht.weber", "alster.brandt"
HAIJIAO, MOORKAI = "haijiao.luo", "moorkai.petersen"
STAPELHOF, ELBWAGEN = "stapelhof.jansen", "elbwagen.koch"
ZOLLAMT, HANWEN = "zollamt.vogt", "hanwen.sensor"


def specification() -> NetworkSpecification:
    """Each party is an organization of its own."""
    return _PARTIES.network(Shipping)
