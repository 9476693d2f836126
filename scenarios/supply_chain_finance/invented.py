"""Companies that do not exist: names from syllables and characters, codes with a right check sign."""

from collections.abc import Sequence
from dataclasses import dataclass

from stdnum.cn import uscc

from nodes.simulator.chance import Chance

TIER_SIZES = (12, 13, 9, 6)
BANK_COUNT = 3
CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Signs of a unified social credit code."""
SYLLABLES = (
    ("heng", "恒"), ("xin", "鑫"), ("tai", "泰"), ("rui", "瑞"), ("jia", "嘉"), ("sheng", "晟"), ("hao", "昊"), ("yuan", "元"),
    ("lan", "岚"), ("qing", "清"), ("dong", "栋"), ("he", "禾"), ("mu", "沐"), ("chuan", "川"), ("ling", "凌"), ("zhou", "洲"),
    ("bai", "柏"), ("song", "松"), ("jing", "璟"), ("wei", "巍"), ("feng", "沣"), ("ning", "宁"), ("shuo", "朔"), ("lu", "麓"),
)  # fmt: skip
TRADES: tuple[tuple[tuple[str, str], ...], ...] = (
    (("Motors", "汽车"), ("Appliances", "电器"), ("Turbines", "风机")),
    (("Gearboxes", "变速器"), ("Axles", "车桥"), ("Compressors", "压缩机"), ("Blades", "叶片"), ("Control Units", "控制器")),
    (("Castings", "铸造"), ("Bearings", "轴承"), ("Wiring", "线束"), ("Forgings", "锻造"), ("Resins", "树脂")),
    (("Steel", "钢材"), ("Copper", "铜材"), ("Moulds", "模具"), ("Fasteners", "紧固件")),
    (("Tooling", "刀具"), ("Packaging", "包装"), ("Coatings", "涂装")),
)
BANK = ("Bank", "银行")
REGIONS = ("110105", "120116", "130202", "310115", "320505", "330106", "370103", "410105", "420106", "440305")


@dataclass(frozen=True, slots=True)
class Firm:
    """A company."""

    code: str
    kind: str
    tier: int
    en: str
    zh: str
    uscc: str


def invent(chance: Chance) -> Sequence[Firm]:
    """Three cores, three banks, and the suppliers tier by tier."""
    kinds = [("core", 0, name) for name in TRADES[0]] + [("bank", 0, BANK)] * BANK_COUNT
    kinds += [
        ("supplier", tier, TRADES[tier][number % len(TRADES[tier])])
        for tier, size in enumerate(TIER_SIZES, 1)
        for number in range(size)
    ]
    firms: list[Firm] = []
    for kind, tier, (en, zh) in kinds:
        code, name_zh = _name(chance, {firm.code for firm in firms})
        firms.append(Firm(code, kind, tier, f"{code.capitalize()} {en}", f"{name_zh}{zh}", _uscc(chance)))
    return firms


def _name(chance: Chance, taken: set[str]) -> tuple[str, str]:
    """A name that no other has, in both scripts."""
    while True:
        first, second = chance.pick(SYLLABLES), chance.pick(SYLLABLES)
        code = first[0] + second[0]
        if first != second and code not in taken:
            return code, first[1] + second[1]


def _uscc(chance: Chance) -> str:
    body = "91" + chance.pick(REGIONS) + "MA" + "".join(chance.pick(CODE_SIGNS) for _ in range(7))
    return body + str(uscc.calc_check_digit(body))
