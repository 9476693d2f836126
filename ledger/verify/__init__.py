"""Verifies what a node answers, from the genesis alone: no node, no state and no contract code is needed."""

from ledger.verify.proof import TrustedPoint
from ledger.verify.trust import VerifiedFact, trust_genesis, trust_genesis_bytes, verify_proof

__all__ = ["TrustedPoint", "VerifiedFact", "trust_genesis", "trust_genesis_bytes", "verify_proof"]
