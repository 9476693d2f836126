"""Electronic licences: issued, renewed into versions that are linked, withheld, restored, ended. One is valid at a time."""

from ledger.contract import Anyone, Context, DigestText, Role, operation
from ledger.contract.calendar import date_text
from scenarios.government import records
from scenarios.government.licence_identifiers import LicenceIdentifier, LicenceKey, read_identifier
from scenarios.government.records import STATUS_CODES, CreditCode, Issuer, Licence, LicenceHolder, LicenceTerm, Note, Standing
from scenarios.government.rules import DATA_BUREAU, ISSUER, acting, require_holder, require_own_code, signs
from scenarios.government.state import GovernmentState
from scenarios.government.transitions import LICENCES
from scenarios.identifiers import is_uscc
from scenarios.working_days import end_of_day


class LicenceOperations(GovernmentState):
    """The part of the contract that says which licence is worth what at this block's time."""

    @operation(signed_by=Role(DATA_BUREAU))
    def register_code(self, context: Context, organization: records.Name, code: CreditCode) -> None:
        """The data bureau enters the credit code that an organization's registering authority gave it, once for both."""
        # CHECK
        context.require(is_uscc(code), "bad-uscc", uscc=code)
        taken = [key for key in (organization, code) if key in self.codes]
        context.require(taken == [], "already-exists", number=taken)
        # WRITE
        for key in (organization, code):
            self.codes[key] = records.CodeHolder(organization=organization, code=code)

    @operation(signed_by=Role(ISSUER))
    def register_issuer(self, context: Context, code: CreditCode, public_key: DigestText) -> None:
        """An authority says under which code and key it issues; once, since licences in hand depend on the key."""
        # READ
        organization = acting(context, ISSUER)
        # CHECK
        context.require(organization not in self.issuers, "already-exists", number=code)
        require_own_code(self, context, organization, code)
        # WRITE
        self.issuers[organization] = Issuer(code=code, public_key=public_key)

    @operation(signed_by=Role(ISSUER))
    def issue_licence(self, context: Context, licence: LicenceKey, about: LicenceHolder, term: LicenceTerm) -> None:
        """A first licence; its identifier says type, issuer, number and version. A later one under its number is a renewal."""
        # READ
        issuer = acting(context, ISSUER)
        read = self._read(context, licence, issuer)
        standing = self.standings.get(f"{read.type_code}:{about.holder_code}:{read.number}")
        provider = self.items[about.item].provider
        # CHECK
        require_own_code(self, context, about.holder, about.holder_code)
        context.require(provider == issuer, "not-provider", provider=provider)
        context.require(standing is None, "already-issued", licence=standing.licence if standing else "")
        context.require(licence not in self.licences, "already-exists", number=licence)
        context.require(read.version == 1, "wrong-version", expected=1, got=read.version)
        _require_term(context, term)
        # WRITE
        issued = Licence(
            **dict(about),
            **dict(term),
            issuer=issuer,
            type_code=read.type_code,
            number=read.number,
            version=read.version,
            issued_at_ms=context.time_ms,
            changed_at_ms=context.time_ms,
        )
        self._enter(context, licence, issued)

    @operation(signed_by=Role(ISSUER))
    def renew_licence(self, context: Context, previous: LicenceKey, licence: LicenceKey, term: LicenceTerm) -> None:
        """The next version, linked to the one before, which lapses in the same block."""
        # READ
        issuer = acting(context, ISSUER)
        old = self.licences[previous]
        read = self._read(context, licence, issuer)
        # CHECK
        context.require(old.issuer == issuer, "wrong-issuer", issuer=old.issuer)
        context.require(old.successor == "", "already-renewed", licence=previous, successor=old.successor)
        context.require(old.state in LICENCES["renew_licence"], "wrong-state", licence=previous, state=old.state)
        is_same = (read.type_code, read.number) == (old.type_code, old.number)
        context.require(is_same, "wrong-number", number=old.number)
        context.require(read.version == old.version + 1, "wrong-version", expected=old.version + 1, got=read.version)
        _require_term(context, term)
        # WRITE
        if old.state == "valid":
            _announce(context, previous, old, "lapsed")
        self.licences[previous] = old.replace(state="lapsed", successor=licence, changed_at_ms=context.time_ms)
        times = {"issued_at_ms": context.time_ms, "changed_at_ms": context.time_ms}
        renewed = old.replace(**dict(term), **times, version=read.version, previous=previous, state="valid")
        self._enter(context, licence, renewed)

    @operation(signed_by=Role(ISSUER))
    def withhold_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """The issuer suspends it: from this block on no member can rely on it."""
        self._move(context, "withhold_licence", licence, reason, in_term=True)

    @operation(signed_by=Role(ISSUER))
    def restore_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """The issuer lifts a suspension."""
        self._move(context, "restore_licence", licence, reason, in_term=True)

    @operation(signed_by=Role(ISSUER))
    def revoke_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """The issuer revokes it as a penalty."""
        self._move(context, "revoke_licence", licence, reason)

    @operation(signed_by=Role(ISSUER))
    def withdraw_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """The issuer withdraws what should never have been issued."""
        self._move(context, "withdraw_licence", licence, reason)

    @operation(signed_by=Role(ISSUER))
    def transfer_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """It moves to another place's register."""
        self._move(context, "transfer_licence", licence, reason, in_term=True)

    @operation(signed_by=Role(ISSUER))
    def cancel_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """Deregistered because its holder asks: the holder signs too."""
        # CHECK
        require_holder(context, self.licences[licence].holder)
        # WRITE
        self._move(context, "cancel_licence", licence, reason)

    @operation(signed_by=Anyone())
    def lapse_licence(self, context: Context, licence: LicenceKey) -> None:
        """Anyone marks a licence whose last day has passed; it is worth nothing since, marked or not."""
        # READ
        certificate = self.licences[licence]
        # CHECK
        is_live = certificate.state in LICENCES["lapse_licence"]
        context.require(is_live, "wrong-state", licence=licence, state=certificate.state)
        is_over = context.time_ms > end_of_day(certificate.valid_to_on_ms)
        context.require(is_over, "not-ended", until=date_text(certificate.valid_to_on_ms))
        # WRITE
        self._turn(context, "lapse_licence", licence, certificate)

    def _move(self, context: Context, operation: str, licence: str, reason: str, *, in_term: bool = False) -> None:
        """A change of state by the issuer; what has ended can still be revoked, withdrawn or cancelled, but nothing else."""
        # READ
        certificate = self.licences[licence]
        # CHECK
        context.require(signs(context, certificate.issuer, ISSUER), "wrong-issuer", issuer=certificate.issuer)
        context.require(certificate.state in LICENCES[operation], "wrong-state", licence=licence, state=certificate.state)
        is_running = context.time_ms <= end_of_day(certificate.valid_to_on_ms)
        context.require(is_running or not in_term, "licence-ended", until=date_text(certificate.valid_to_on_ms))
        # WRITE
        self._turn(context, operation, licence, certificate, reason)

    def _turn(self, context: Context, operation: str, licence: str, certificate: Licence, reason: str = "") -> None:
        after = LICENCES[operation][certificate.state]
        self.licences[licence] = certificate.replace(state=after, changed_at_ms=context.time_ms)
        _announce(context, licence, certificate, after, reason)

    def _enter(self, context: Context, licence: str, issued: Licence) -> None:
        self.licences[licence] = issued
        self.standings[_standing(issued)] = Standing(licence=licence)
        _announce(context, licence, issued, "valid", before="none")

    def _read(self, context: Context, licence: str, issuer: str) -> LicenceIdentifier:
        """The parts of an identifier, whose check sign must be right and whose issuer must be the one that signs."""
        registered = self.issuers[issuer]
        read = read_identifier(licence)
        if read is None:  # check: government-identifier
            context.refuse("bad-identifier", licence=licence)
        context.require(read.is_issued_by(registered.code), "wrong-issuer", issuer=issuer)
        return read


def _require_term(context: Context, term: LicenceTerm) -> None:
    start_on_ms, end_on_ms = term.valid_from_on_ms, term.valid_to_on_ms
    is_term = start_on_ms <= end_on_ms and end_of_day(end_on_ms) > context.time_ms
    context.require(is_term, "no-term", start=date_text(start_on_ms), end=date_text(end_on_ms))


def _standing(certificate: Licence) -> str:
    """Under which only one version is valid at a time."""
    return f"{certificate.type_code}:{certificate.holder_code}:{certificate.number}"


def _announce(context: Context, licence: str, certificate: Licence, after: str, reason: str = "", before: str = "") -> None:
    """The event of a change of state."""
    moved = {"before": before or certificate.state, "after": after, "status": STATUS_CODES[after], "reason": reason}
    context.emit("licence-moved", licence=licence, standing=_standing(certificate), holder=certificate.holder, **moved)
