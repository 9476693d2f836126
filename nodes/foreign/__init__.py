"""Other ledgers: the contract that follows them, and the relayer that carries headers and proofs to it."""
