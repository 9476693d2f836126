"""Offline audit of an export, and the conviction of validators whose exports contradict each other."""

from ledger.audit.audit import NO_CONTRACTS, Auditor, AuditReport, audit_export
from ledger.audit.conviction import Conviction, convict_exports

__all__ = [
    "NO_CONTRACTS",
    "AuditReport",
    "Auditor",
    "Conviction",
    "audit_export",
    "convict_exports",
]
