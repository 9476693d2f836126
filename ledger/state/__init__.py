"""Authenticated state: the `Store` boundary, the Merkle map, the overlay of an execution."""
