"""Two contracts of which one reads the other, for tests of `reads`."""

from ledger.contract import (
    Absent,
    Anyone,
    Collection,
    Context,
    Contract,
    Identifier,
    MemberId,
    Record,
    RecordView,
    Refusal,
    Sealed,
    operation,
)


class Licence(Record):
    """What a registry knows of a trader."""

    holder: MemberId
    grade: int
    capital: Sealed[int]
    note: str | None = None
    is_withdrawn: bool = False


class Licences(Contract):
    """Licences, given and withdrawn."""

    name = "licences"
    licences = Collection(Licence)

    @operation(signed_by=Anyone())
    def give(self, context: Context, number: Identifier, holder: MemberId, grade: int, capital: Sealed[int]) -> None:
        """Gives one."""
        self.licences[number] = Licence(holder=holder, grade=grade, capital=capital)

    @operation(signed_by=Anyone())
    def withdraw(self, context: Context, number: Identifier) -> None:
        """Withdraws it."""
        self.licences[number] = self.licences[number].replace(is_withdrawn=True)


class LicenceView(RecordView):
    """What a lender wants to know of a licence; `district` no version has so far."""

    grade: int
    capital: Sealed[int]
    is_withdrawn: bool
    district: str = "-"


class OrganizationView(RecordView):
    """The roles that an organization may give."""

    roles: tuple[str, ...]


class Loan(Record):
    """What was lent, and on what it stands."""

    grade: int
    capital: str
    why: str = ""


class Loans(Contract):
    """Loans to whoever has a licence, as long as the ledger has licences."""

    name = "loans"
    reads = {"licences.licences": LicenceView, "membership.organizations": OrganizationView}
    loans = Collection(Loan)
    refusals = {"withdrawn": Refusal(en="Licence {licence} was withdrawn.", zh="许可 {licence} 已撤销。")}

    @operation(signed_by=Anyone())
    def lend(self, context: Context, number: Identifier, licence: Identifier) -> None:
        """Lends on a licence; without one the loan says why."""
        # READ
        found = context.read(LicenceView, licence)
        # CHECK
        if isinstance(found, LicenceView):
            context.require(not found.is_withdrawn, "withdrawn", licence=licence)
        # WRITE
        if isinstance(found, Absent):
            self.loans[number] = Loan(grade=0, capital="", why=found.value)
        else:
            self.loans[number] = Loan(grade=found.grade, capital=found.capital.sealed)
