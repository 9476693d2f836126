"""Offline audit of an export, and the conviction of validators whose exports contradict each other."""

from ledger.audit.audit import NO_CONTRACTS, Auditor, audit_export
from ledger.audit.conviction import Conviction, convict_exports
from ledger.audit.report import AuditCheck, AuditError, AuditReport

__all__ = [
    "NO_CONTRACTS",
    "AuditCheck",
    "AuditError",
    "AuditReport",
    "Auditor",
    "Conviction",
    "audit_export",
    "convict_exports",
]
