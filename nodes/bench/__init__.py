"""The benchmark: what this implementation does on this machine. Production code holds no clocks for it."""
