"""What is shipped: bookings, boxes, documents, ship and days of all chapters.

A  two boxes of solar modules under a letter of credit, to order of the issuing bank; the main line
B  one box of modules to order of the shipper, pledged for an advance; another bank is offered it too; then paper and back
C  a refrigerated box, straight to the buyer
D  one box on a sea waybill to the forwarder; its shipper says general cargo
E  one box of modules under a second credit whose latest day of shipment is the day before it was loaded
G  twelve boxes on a sea waybill, transhipped at Singapore
"""

from dataclasses import dataclass
from typing import Any

from scenarios.dates import on
from scenarios.shipping.cast import ALSTER, CANGHAI, ELBKONTOR, JIANGLAN, NORDLICHT, QIAOSHAN
from scenarios.shipping.voyage import voyage

VESSEL, VOYAGE = "1234567", "026W"
"""An invented ship: the number only satisfies the check digit."""
LOADING, HUB, DISCHARGE = "CNSHA", "SGSIN", "DEHAM"
ON_BOARD = on("2026-04-10")
"""The day on which every box of the story is loaded."""


@dataclass(frozen=True, slots=True)
class BoxPlan:
    """A container as shipper and document name it."""

    reference: str
    iso_code: str
    gross_weight_kg: int
    seal: str
    packages: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """One booking with its papers."""

    letter: str
    shipper: str
    boxes: tuple[BoxPlan, ...]
    goods: str
    hs_code: str
    type_code: str = "BOL"
    consignee: str = ""
    """Of a straight document."""
    endorsee: str = ""
    """Of one to order."""
    notify: str = ""

    @property
    def booking(self) -> str:
        """The carrier's booking reference."""
        return f"BK-{self.letter}"

    @property
    def instructions(self) -> str:
        """The shipper's reference."""
        return f"SI-{self.letter}"

    @property
    def document(self) -> str:
        """The transport document's reference."""
        return f"TD-{self.letter}"


A = Shipment(
    "A", JIANGLAN,
    (BoxPlan("TLYU1000018", "45G1", 21_400, "CH100441", 720), BoxPlan("TLYU1000023", "45G1", 21_400, "CH100442", 720)),
    "photovoltaic modules", "8541.43", endorsee=ELBKONTOR, notify=NORDLICHT,
)  # fmt: skip
B = Shipment(
    "B", JIANGLAN, (BoxPlan("TLYU2000012", "45G1", 20_900, "CH100443", 700),),
    "photovoltaic modules", "8541.43", endorsee=JIANGLAN, notify=NORDLICHT,
)  # fmt: skip
C = Shipment(
    "C", JIANGLAN, (BoxPlan("TLYU3000017", "45R1", 18_200, "CH100444", 340),),
    "encapsulant film, to be kept at 12 degrees", "3920.10", consignee=NORDLICHT, notify=ALSTER,
)  # fmt: skip
D = Shipment(
    "D", QIAOSHAN, (BoxPlan("TLYU4000011", "22G1", 16_050, "CH100445", 900),),
    "household goods", "3924.90", type_code="SWB", consignee=ALSTER,
)  # fmt: skip
E = Shipment(
    "E", JIANGLAN, (BoxPlan("TLYU5000016", "45G1", 21_100, "CH100446", 710),),
    "photovoltaic modules", "8541.43", endorsee=ELBKONTOR, notify=NORDLICHT,
)  # fmt: skip
G = Shipment(
    "G", QIAOSHAN,
    tuple(BoxPlan(box["reference"], "22G1", box["gross_weight_kg"], box["seal"], 400) for box in voyage()["boxes"]),
    "household goods", "3924.90", type_code="SWB", consignee=ALSTER,
)  # fmt: skip


def space(containers: int, carrier: str = CANGHAI) -> dict[str, Any]:
    """What is asked for with a booking from Shanghai to Hamburg."""
    ports = {"port_of_loading": LOADING, "port_of_discharge": DISCHARGE}
    return {"carrier": carrier, **ports, "containers": containers}
