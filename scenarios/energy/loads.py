"""What clients do with sealed loads outside the ledger: seal a month hour by hour, show a verifier what one claim needs."""

from collections.abc import Callable, Sequence

from ledger.disclosure import disclose, verify_disclosure
from ledger.encoding import encode
from ledger.errors import JsonValue, VerificationError
from ledger.sealed import Opening, verify_opening
from scenarios.client_files import ClientFiles
from scenarios.energy.quantities import WH_PER_MWH
from scenarios.energy.records import Claim, ClaimEvidence, Consumption, HourClaim
from scenarios.story.story import PreparedArgument, Snapshot, sealing

Examination = Callable[[ClientFiles, Snapshot], str]


def sealed_load(label: str, consumed_wh: Sequence[int]) -> PreparedArgument:
    """An argument: a month of consumption, each hour a field with a salt of its own under one digest."""
    return sealing(label, {f"{hour:03}": value for hour, value in enumerate(consumed_wh)})


def sealed_evidence(
    label: str, consumer: str, month: str, hours: Sequence[HourClaim], consumed_wh: Sequence[int]
) -> PreparedArgument:
    """An argument: what the meter operator lets a claim's verifier see of a load; without hours the sum of the month."""
    metered: list[JsonValue] = [consumed_wh[part.hour] for part in hours] or [sum(consumed_wh)]
    named: list[JsonValue] = [part.hour for part in hours]
    return sealing(label, {"consumer": consumer, "month": month, "hours": named, "metered_wh": metered})


def examine_claim(verifier: str, label: str, claim: str, first_wh: int | None = None) -> Examination:
    """The verifier of a claim compares the opening that it was given with the ledger: empty, or what is wrong with it.

    With `first_wh` the evidence was forged: the load of its first hour is another.
    """

    def examined(files: ClientFiles, state: Snapshot) -> str:
        opening = files.opening(verifier, label)
        if first_wh is not None:
            evidence = ClaimEvidence.model_validate_json(encode(opening.value))
            forged = evidence.replace(metered_wh=(first_wh, *evidence.metered_wh[1:]))
            opening = Opening(opening.salt, forged.model_dump(mode="json"))
        return fault_of_claim(opening, state, claim)

    return examined


def examine_hour(owner: str, label: str, consumer: str, month: str, hour: int, other_wh: int | None = None) -> Examination:
    """A reader is shown one hour of a sealed month, and nothing of the others; `other_wh` is a lie about it."""

    def examined(files: ClientFiles, state: Snapshot) -> str:
        record = state["consumptions"][f"{consumer}:{month}"]
        assert isinstance(record, Consumption)
        opening = files.opening(owner, label)
        assert isinstance(opening.value, dict)
        field = f"{hour:03}"
        if other_wh is not None:
            opening = Opening(opening.salt, {**opening.value, field: other_wh})
        try:
            verify_disclosure(record.load, disclose(opening, [field]))
        except VerificationError as error:
            return error.code
        return ""

    return examined


def fault_of_claim(opening: Opening, state: Snapshot, claim: str) -> str:
    """What a verifier finds wrong: an opening of something else, or an hour claimed beyond what was metered.

    Of green certificates all that were consumed for the month are within it.
    """
    record = state["claims"][claim]
    assert isinstance(record, Claim)
    try:
        verify_opening(record.evidence, opening)
    except VerificationError as error:
        return error.code
    evidence = ClaimEvidence.model_validate_json(encode(opening.value))
    claimed = [part.energy_wh for part in record.hours]
    if record.lot:
        load = state["consumptions"][f"{record.consumer}:{record.month}"]
        assert isinstance(load, Consumption)
        claimed = [load.green_count * WH_PER_MWH]
    vouched = (evidence.consumer, evidence.month, evidence.hours, len(evidence.metered_wh))
    if vouched != (
        record.consumer,
        record.month,
        tuple(part.hour for part in record.hours),
        len(claimed),
    ):  # check: energy-evidence-of-claim
        return "other-claim"
    for energy_wh, metered_wh in zip(claimed, evidence.metered_wh, strict=True):
        if energy_wh > metered_wh:  # check: energy-claimed-within-metered
            return "above-metered"
    return ""
