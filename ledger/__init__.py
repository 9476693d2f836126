"""The ledger: formats, state, contracts, chain and verification. No file here touches clock, disk or network."""
