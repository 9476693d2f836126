"""The invariants of consensus, held against everything that honest validators of one height ever signed.

It shares no code with the engine: quorum and certificates are counted here. What could be certified counts as certified,
with the traitor's signature on anything, whether or not somebody holds the certificate.
"""

from collections.abc import Iterable

Said = tuple[str, int, str, int]
"""Kind, view, block and signer of a statement."""
Held = tuple[str, int, str]
"""Kind, view and block of a certificate."""
PARTS = {"vote": "notar", "skip": "skip", "final": "commit"}


def broken(n: int, said: Iterable[Said], formed: Iterable[Held], decided: Iterable[str]) -> str | None:
    """The first broken invariant in a sentence; `formed` and `decided` is what engines made of it."""
    honest = set(said)
    by_key: dict[tuple[int, int], dict[str, set[str]]] = {}
    signers: dict[Held, int] = {}
    for kind, view, block, signer in honest:
        by_key.setdefault((view, signer), {}).setdefault(kind, set()).add(block)
        if kind in PARTS:
            key = (PARTS[kind], view, block)
            signers[key] = signers.get(key, 0) + 1
    for (view, signer), kinds in by_key.items():
        for kind, blocks in kinds.items():
            if len(blocks) > 1:
                return f"Honest validator {signer} signed two {kind}s in view {view}."
        if "skip" in kinds and "final" in kinds:
            return f"Honest validator {signer} signed Skip and Final in view {view}."
    quorum = n - (n - 1) // 3
    certified = {key for key, count in signers.items() if count + 1 >= quorum} | set(formed)
    held: dict[int, dict[str, set[str]]] = {}
    for kind, view, block in certified:
        held.setdefault(view, {}).setdefault(kind, set()).add(block)
    for view, certificates in held.items():
        if len(certificates.get("notar", ())) > 1:
            return f"Two NotarCert blocks in view {view}."
        if "skip" in certificates and "commit" in certificates:
            return f"SkipCert and CommitCert in view {view}."
    blocks = {block for kind, _, block in certified if kind == "commit"} | set(decided)
    return f"Two blocks of one height: {', '.join(sorted(blocks))}." if len(blocks) > 1 else None
