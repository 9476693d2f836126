"""Genesis, and the chain of blocks on it: validate, append, look up, prove."""
