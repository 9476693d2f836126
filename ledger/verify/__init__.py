"""Verifies a node's answers from the genesis, without another node, the state or contract code.

Reading order: `proof` (the shape of each kind, and how it leads to its header), `trust` (the four steps); then the files.
"""

from ledger.verify.proof import TrustedPoint
from ledger.verify.trust import VerifiedFact, trust_genesis, trust_genesis_bytes, verify_proof

__all__ = ["TrustedPoint", "VerifiedFact", "trust_genesis", "trust_genesis_bytes", "verify_proof"]
