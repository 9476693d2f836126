"""Who plays: organizations and members."""

from scenarios.data_files import read_cast

PACKAGE = "scenarios.shipping"
PARTIES = read_cast(PACKAGE, "parties.json")
MEMBERS = PARTIES.members
"""Member id, names, roles."""
CAST = PARTIES.words

JIANGLAN, QIAOSHAN = "jianglan.fang", "qiaoshan.tan"
CANGHAI, BEIFAN = "canghai.ye", "beifan.shen"
YUNTU, NORDKETTE = "yuntu.desk", "nordkette.desk"
YANSHAN, LANHAI, ELBKONTOR = "yanshan.liu", "lanhai.gao", "elbkontor.krause"
NORDLICHT, ALSTER = "nordlicht.weber", "alster.brandt"
HAIJIAO, MOORKAI = "haijiao.luo", "moorkai.petersen"
STAPELHOF, ELBWAGEN = "stapelhof.jansen", "elbwagen.koch"
ZOLLAMT, HANWEN = "zollamt.vogt", "hanwen.sensor"
USERS = {YUNTU: (JIANGLAN, ELBKONTOR, YANSHAN, NORDLICHT), NORDKETTE: (NORDLICHT, LANHAI, ALSTER)}
"""Whom each platform knows."""
