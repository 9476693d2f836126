"""Electronic licences: issued, renewed into versions that are linked, withheld, restored, ended. One is valid at a time."""

from ledger.contract import Anyone, Collection, Context, DigestText, Role, Sealed, Timestamp, operation
from ledger.contract.calendar import date_text, day_of
from scenarios.government.argument_types import CreditCode, Name, Note, Number
from scenarios.government.licence_identifiers import LicenceIdentifier, LicenceKey, read_identifier
from scenarios.government.offices import ENTERPRISE, ISSUER, end_of
from scenarios.government.records import STATUS_CODES, Issuer, Licence, LicenceState, Payload, Standing
from scenarios.government.sharing import SharingOperations
from scenarios.identifiers import is_uscc


class LicenceOperations(SharingOperations):
    """The part of the contract that says which licence is worth what at this block's time."""

    licences = Collection(Licence)
    standings = Collection(Standing)

    @operation(signed_by=Role(ISSUER))
    def register_issuer(self, context: Context, code: CreditCode, public_key: DigestText) -> None:
        """An authority says under which code and key it issues; once, since licences in hand depend on the key."""
        # READ
        organization = self.acting(context, ISSUER)
        # CHECK
        context.require(is_uscc(code), "bad-uscc", uscc=code)
        is_taken = organization in self.issuers or any(one.code == code for _, one in self.issuers.items())
        context.require(not is_taken, "already-exists", number=code)
        # WRITE
        self.issuers[organization] = Issuer(code=code, public_key=public_key)

    @operation(signed_by=Role(ISSUER))
    def issue_licence(
        self,
        context: Context,
        licence: LicenceKey,
        item: Number,
        holder: Name,
        holder_code: CreditCode,
        valid_from_on_ms: Timestamp,
        valid_to_on_ms: Timestamp,
        content: Sealed[Payload],
        holder_key: DigestText,
    ) -> None:
        """A first licence; its identifier says type, issuer, number and version. A later one under its number is a renewal."""
        # READ
        issuer = self.acting(context, ISSUER)
        read = self._read(context, licence, issuer)
        key = f"{read.type_code}:{holder_code}:{read.number}"
        standing = self.standings.get(key)
        # CHECK
        context.require(is_uscc(holder_code), "bad-uscc", uscc=holder_code)
        context.require(self.items[item].provider == issuer, "not-provider", provider=self.items[item].provider)
        context.require(standing is None, "already-issued", licence=standing.licence if standing else "")
        context.require(licence not in self.licences, "already-exists", number=licence)
        context.require(read.version == 1, "wrong-version", expected=1, got=read.version)
        self._require_term(context, valid_from_on_ms, valid_to_on_ms)
        # WRITE
        issued = Licence(
            item=item,
            issuer=issuer,
            holder=holder,
            holder_code=holder_code,
            type_code=read.type_code,
            number=read.number,
            version=read.version,
            valid_from_on_ms=valid_from_on_ms,
            valid_to_on_ms=valid_to_on_ms,
            content=content,
            holder_key=holder_key,
            changed_at_ms=context.time_ms,
        )
        self._enter(context, licence, issued)

    @operation(signed_by=Role(ISSUER))
    def renew_licence(
        self,
        context: Context,
        previous: LicenceKey,
        licence: LicenceKey,
        valid_from_on_ms: Timestamp,
        valid_to_on_ms: Timestamp,
        content: Sealed[Payload],
    ) -> None:
        """The next version, linked to the one before, which lapses in the same block."""
        # READ
        issuer = self.acting(context, ISSUER)
        old = self.licences[previous]
        read = self._read(context, licence, issuer)
        # CHECK
        context.require(old.issuer == issuer, "wrong-issuer", issuer=old.issuer)
        context.require(old.successor == "", "already-renewed", licence=previous, successor=old.successor)
        context.require(old.state in ("valid", "lapsed"), "wrong-state", licence=previous, state=old.state)
        is_same = (read.type_code, read.number) == (old.type_code, old.number)
        context.require(is_same, "wrong-number", number=old.number)
        context.require(read.version == old.version + 1, "wrong-version", expected=old.version + 1, got=read.version)
        self._require_term(context, valid_from_on_ms, valid_to_on_ms)
        # WRITE
        if old.state == "valid":
            self._emit_move(context, previous, old, "lapsed")
        self.licences[previous] = old.replace(state="lapsed", successor=licence, changed_at_ms=context.time_ms)
        renewed = old.replace(
            state="valid",
            version=read.version,
            previous=previous,
            valid_from_on_ms=valid_from_on_ms,
            valid_to_on_ms=valid_to_on_ms,
            content=content,
            changed_at_ms=context.time_ms,
        )
        self._enter(context, licence, renewed)

    @operation(signed_by=Role(ISSUER))
    def withhold_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """The issuer suspends it: from this block on nobody can rely on it."""
        self._move(context, licence, ("valid",), "withheld", reason, in_term=True)

    @operation(signed_by=Role(ISSUER))
    def restore_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """The issuer lifts a suspension."""
        self._move(context, licence, ("withheld",), "valid", reason, in_term=True)

    @operation(signed_by=Role(ISSUER))
    def revoke_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """The issuer revokes it as a penalty."""
        self._move(context, licence, ("valid", "withheld"), "revoked", reason)

    @operation(signed_by=Role(ISSUER))
    def withdraw_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """The issuer withdraws what should never have been issued."""
        self._move(context, licence, ("valid", "withheld"), "withdrawn", reason)

    @operation(signed_by=Role(ISSUER))
    def transfer_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """It moves to another place's register."""
        self._move(context, licence, ("valid",), "transferred", reason, in_term=True)

    @operation(signed_by=Role(ISSUER))
    def cancel_licence(self, context: Context, licence: LicenceKey, reason: Note) -> None:
        """Deregistered because its holder asks: the holder signs too."""
        # READ
        holder = self.licences[licence].holder
        # CHECK
        context.require(self.signs(context, holder, ENTERPRISE), "not-holder", holder=holder)
        # WRITE
        self._move(context, licence, ("valid",), "cancelled", reason)

    @operation(signed_by=Anyone())
    def lapse_licence(self, context: Context, licence: LicenceKey) -> None:
        """Anyone marks a licence whose last day has passed; it is worth nothing since, marked or not."""
        # READ
        found = self.licences[licence]
        # CHECK
        is_live = found.state in ("valid", "withheld")
        context.require(is_live, "wrong-state", licence=licence, state=found.state)
        context.require(context.time_ms > end_of(found.valid_to_on_ms), "not-ended", until=date_text(found.valid_to_on_ms))
        # WRITE
        self.licences[licence] = found.replace(state="lapsed", changed_at_ms=context.time_ms)
        # EMIT
        self._emit_move(context, licence, found, "lapsed")

    def require_valid(self, context: Context, licence: str, found: Licence) -> None:
        """Refuses whatever is not valid at this block's time: what was shown yesterday says nothing about today."""
        context.require(found.state == "valid", "licence-not-valid", licence=licence, state=found.state)
        is_begun = day_of(found.valid_from_on_ms) <= context.time_ms
        context.require(is_begun, "licence-not-begun", since=date_text(found.valid_from_on_ms))
        is_running = context.time_ms <= end_of(found.valid_to_on_ms)
        context.require(is_running, "licence-ended", until=date_text(found.valid_to_on_ms))

    def _move(
        self,
        context: Context,
        licence: str,
        before: tuple[LicenceState, ...],
        after: LicenceState,
        reason: str,
        *,
        in_term: bool = False,
    ) -> None:
        """A change of state by the issuer; what has ended can still be revoked, withdrawn or cancelled, but nothing else."""
        # READ
        found = self.licences[licence]
        # CHECK
        context.require(self.signs(context, found.issuer, ISSUER), "wrong-issuer", issuer=found.issuer)
        context.require(found.state in before, "wrong-state", licence=licence, state=found.state)
        is_running = context.time_ms <= end_of(found.valid_to_on_ms)
        context.require(is_running or not in_term, "licence-ended", until=date_text(found.valid_to_on_ms))
        # WRITE
        self.licences[licence] = found.replace(state=after, changed_at_ms=context.time_ms)
        # EMIT
        self._emit_move(context, licence, found, after, reason)

    def _enter(self, context: Context, licence: str, issued: Licence) -> None:
        self.licences[licence] = issued
        self.standings[f"{issued.type_code}:{issued.holder_code}:{issued.number}"] = Standing(licence=licence)
        self._emit_move(context, licence, issued, "valid", before="none")

    def _emit_move(
        self, context: Context, licence: str, found: Licence, after: LicenceState, reason: str = "", before: str = ""
    ) -> None:
        context.emit(
            "licence-moved",
            licence=licence,
            standing=f"{found.type_code}:{found.holder_code}:{found.number}",
            holder=found.holder,
            before=before or found.state,
            after=after,
            status=STATUS_CODES[after],
            reason=reason,
        )

    def _read(self, context: Context, licence: str, issuer: str) -> LicenceIdentifier:
        """The parts of an identifier, whose check sign must be right and whose issuer must be the one that signs."""
        registered = self.issuers[issuer]
        read = read_identifier(licence)
        if read is None:  # check: government-identifier
            context.refuse("bad-identifier", licence=licence)
        context.require(read.is_issued_by(registered.code), "wrong-issuer", issuer=issuer)
        return read

    def _require_term(self, context: Context, start_on_ms: int, end_on_ms: int) -> None:
        is_term = start_on_ms <= end_on_ms and end_of(end_on_ms) > context.time_ms
        context.require(is_term, "no-term", start=date_text(start_on_ms), end=date_text(end_on_ms))
