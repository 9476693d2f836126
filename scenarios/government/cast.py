"""Who plays: offices, banks and companies, and what is known of them outside the ledger."""

from scenarios.data_files import read_cast, read_data
from scenarios.government.licence_identifiers import LicenceIdentifier
from scenarios.identifiers import organization_of

PACKAGE = "scenarios.government"
NETWORK = read_cast(PACKAGE, "members.json")
"""With the roles of its members, who is a validator, and who is not in its story."""
MEMBERS = NETWORK.members
"""Member id, names, roles, code of the office or company."""
CAST = NETWORK.words
ORGANIZATIONS = {member.partition(".")[0]: words for member, words in reversed(CAST.items())}
"""Organization -> how people call it."""
CODES = {person["member"].partition(".")[0]: person["uscc"] for person in MEMBERS if person["uscc"]}
PEOPLE = read_data(PACKAGE, "people.json")
"""Personal data, which stay outside of the ledger."""
HOLIDAYS = tuple(read_data("scenarios", "holidays.json")["holidays"])
ILLUSTRATIVE = read_data(PACKAGE, "illustrative.json")

BUREAU, PLATFORM, MARKET = "data-bureau.catalogue", "data-bureau.licences", "market-bureau.desk"
SOCIAL, TAX, HOUSING = "social-security.desk", "tax-office.desk", "housing-bureau.desk"
WINDOW, COUNTER, DIRECTOR = "permit-office.window", "permit-office.counter", "permit-office.director"
FIRE, CITIZEN = "fire-service.window", "person-7k2m.phone"
YANSHAN, LANHAI = "yanshan.liu", "lanhai.gao"
QINGTENG, BAIHUA, JINNONG = "qingteng.office", "baihua.office", "jinnong.office"
NOTARY, COURT, AUDITOR = "notary-office.desk", "hexi-court.registry", "inspection.auditor"

BUSINESS_LICENCE = f"{NETWORK.data['definer']}001"
"""Type code of the business licence: the code of the office that defined it, and three digits."""
_NUMBERS = {QINGTENG: "2026040137", BAIHUA: "2024110512", JINNONG: "2023041709"}


def identifier(holder: str, version: int = 1) -> str:
    """Of the business licence of a company in the story."""
    return LicenceIdentifier(BUSINESS_LICENCE, CODES["market-bureau"], _NUMBERS[holder], version).text()


def particulars(holder: str) -> dict[str, str]:
    """What the business licence of a company says."""
    company = organization_of(holder)
    return {"uscc": CODES[company], **PEOPLE["companies"][company]}


def identity(subject: str) -> str:
    """By which a provider finds somebody in its register; of a citizen it stays outside of the ledger."""
    name = organization_of(subject)
    return CODES[name] if name in CODES else str(PEOPLE["citizens"][name]["identity_number"])
