"""Lab 8: be the auditor. Three copies of one ledger, two of them falsified; and a fraud that no signature shows."""
