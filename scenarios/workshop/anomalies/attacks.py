"""The attacks, each the same code for every system: it tries, looks, and says in the common vocabulary what happened."""

from collections.abc import Callable, Mapping

from scenarios.workshop.anomalies.system import (
    ALICE,
    BOB,
    CAROL,
    MALLORY,
    NotNowError,
    Observed,
    System,
    Transfer,
    TurnedAwayError,
)

FIRST, BACK, AGAIN = Transfer(ALICE, BOB), Transfer(BOB, ALICE), Transfer(ALICE, CAROL)
ONWARD = Transfer(BOB, CAROL)
STOLEN = Transfer(ALICE, MALLORY)


def edit_history(system: System) -> Observed:
    """The operator of a server changes the oldest transfer."""
    system.submit(FIRST)
    kept = system.mark()
    system.rewrite(MALLORY)
    try:
        said = system.holder()
    except TurnedAwayError as error:
        return Observed("refused", "anybody", (str(error), system.verify()))
    complaint = system.verify()
    if complaint:
        return Observed("detected-later", "anybody", (complaint,))
    missed = system.misses(kept)
    if missed:
        return Observed("detected-later", "keeper", ("the chain verifies", missed))
    return Observed("undetected" if said == MALLORY else "refused", "nobody", (f"a reader is told {said}", "every check holds"))


def replay(system: System) -> Observed:
    """Alice gave the item to Bob and got it back; somebody sends her old request again."""
    wire = system.submit(FIRST)
    system.submit(BACK)
    try:
        system.replay(wire)
    except TurnedAwayError as error:
        return Observed("refused", "nobody", (str(error),))
    return _after(system, BOB)


def double_spend(system: System) -> Observed:
    """Alice passes one item on to two, at the same moment."""
    refused = system.race(FIRST, AGAIN)
    holder = system.holder()
    if len(refused) == 1:
        return Observed("refused", "nobody", (*refused, f"the item is {holder}'s"))
    return _after(system, holder)


def forged_signature(system: System) -> Observed:
    """In Alice's name without her key: by an outsider, then by the operator of a server. The worse of both counts."""
    try:
        system.pretend(STOLEN)
    except TurnedAwayError as error:
        outsider = f"an outsider: {error}"
    else:
        return _after(system, MALLORY)
    try:
        system.insert(STOLEN)
    except TurnedAwayError as error:
        return Observed("refused", "nobody", (outsider, str(error)))
    found = _after(system, MALLORY)
    return Observed(found.outcome, found.by, (outsider, *(f"from within: {line}" for line in found.evidence)))


def equivocation_by_f(system: System) -> Observed:
    """As many servers lie as may lie."""
    if system.faulty_max == 0:
        return Observed("not-applicable", "no-fault", (f"n = {system.servers}, f = 0",))
    return _fork(system, system.faulty_max)


def equivocation_by_more(system: System) -> Observed:
    """As many lie as it takes to make two quorums of honest servers miss each other: n - 2f."""
    return _fork(system, system.servers - 2 * system.faulty_max)


def partition(system: System) -> Observed:
    """The network falls apart in the middle; Alice passes the item on to one here and to another there."""
    sides = system.part()
    notes, taken = list[str](), list[str]()
    for at, transfer in zip(sides, (FIRST, AGAIN), strict=True):
        try:
            system.submit(transfer, at)
            taken.append(transfer.to)
        except (NotNowError, TurnedAwayError) as error:
            notes.append(str(error))
    system.heal()
    after = f"after healing the item is {system.holder()}'s"
    if len(taken) > 1:
        return Observed("lost", "nobody", (f"taken on both sides: {' and '.join(taken)}", after))
    if taken:
        return Observed("goes-on", "one-side", (*notes, after))
    return Observed("waits", "nobody", (*notes, after))


def leader_crash(system: System) -> Observed:
    """The server that leads is gone; somebody wants to pass the item on."""
    system.submit(FIRST)
    at = system.crash_leader()
    try:
        system.submit(ONWARD, at)
        outcome, note = Observed("goes-on", "nobody", ()), "the others decided without it"
        expected = CAROL
    except NotNowError as error:
        outcome, note = Observed("waits", "nobody", ()), str(error)
        expected = BOB
    system.restart()
    holder = system.holder()
    if holder != expected:
        return Observed("lost", "nobody", (note, f"after the start the item is {holder}'s, not {expected}'s"))
    return Observed(outcome.outcome, "nobody", (note, f"after the start the item is {holder}'s: nothing is lost"))


def lost_disk(system: System) -> Observed:
    """A disk is gone, after the last backup somebody passed the item on."""
    system.submit(FIRST)
    system.backup()
    system.submit(ONWARD)
    kept = system.mark()
    system.lose_disk()
    holder, missed = system.holder(), system.misses(kept)
    if holder != CAROL:
        notes = [f"the item is {holder}'s again, not {CAROL}'s", *([missed] if missed else [])]
        return Observed("lost", "nobody", tuple(notes))
    return Observed("goes-on", "nobody", (f"the item is {holder}'s; {system.verify() or 'every check holds'}",))


ATTACKS: Mapping[str, Callable[[System], Observed]] = {
    "edit-history": edit_history,
    "replay": replay,
    "double-spend": double_spend,
    "forged-signature": forged_signature,
    "equivocation-f": equivocation_by_f,
    "equivocation-n-2f": equivocation_by_more,
    "partition": partition,
    "leader-crash": leader_crash,
    "lost-disk": lost_disk,
}


def _after(system: System, holder: str) -> Observed:
    """Something wrong went through, and gave the item to somebody: who finds that out?"""
    complaint = system.verify()
    if complaint:
        return Observed("detected-later", "anybody", (complaint,))
    return Observed("undetected", "nobody", (f"the item is {holder}'s", "every check holds"))


def _fork(system: System, count: int) -> Observed:
    fork = system.equivocate(count)
    told = f"told here: {fork.told[0]}; told there: {fork.told[1]} ({', '.join(fork.acts)})"
    assert fork.acts, "the liars lied"
    complaints = tuple(complaint for complaint in fork.complaints if complaint)
    convicted = f"convicted: {', '.join(fork.convicted)}"
    if fork.told[0] == fork.told[1] and not complaints:
        return Observed("goes-on", "nobody", (told, convicted) if fork.convicted else (told,))
    if complaints:
        return Observed("detected-later", "anybody", (told, *complaints))
    if fork.convicted:
        return Observed("detected-later", "convicted", (fork.compared, convicted))
    if fork.compared:
        return Observed("detected-later", "readers", (told, fork.compared))
    return Observed("undetected", "nobody", (told, "an answer carries no place in an order, so nothing can be compared"))
