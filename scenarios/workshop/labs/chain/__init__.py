"""Exercise: how blocks hang together, and what tampering with one costs."""
