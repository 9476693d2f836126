"""The chain of blocks on a genesis: validate, append, look up, prove."""
