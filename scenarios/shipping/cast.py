"""Who plays: organizations, members, and the network that they run."""

from nodes.network.specification import NetworkSpecification
from scenarios.casting import network_of
from scenarios.data_files import read_data
from scenarios.shipping.contract import Shipping
from scenarios.story.story import Words

PACKAGE = "scenarios.shipping"
_PARTIES = read_data(PACKAGE, "parties.json")
MEMBERS = tuple(_PARTIES["members"])
"""Member id, names, roles."""
CAST = {person["member"]: Words(person["en"], person["zh"]) for person in MEMBERS}

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
    return network_of(MEMBERS, _PARTIES["validators"], Shipping)
