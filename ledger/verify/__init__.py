"""Verifies what a node answers, from the genesis alone: no node, no state and no contract code is needed."""

from ledger.verify.trust import TrustedPoint, trust_genesis, trust_genesis_bytes
from ledger.verify.verification import VerifiedFact, verify_proof

__all__ = ["TrustedPoint", "VerifiedFact", "trust_genesis", "trust_genesis_bytes", "verify_proof"]
