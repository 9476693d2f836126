"""One day in one economy: the four trades on one ledger, each relying on what the others have recorded."""
