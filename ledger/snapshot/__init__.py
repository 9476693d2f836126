"""State snapshot: a chain from its newest block on, without the blocks before, and yet nothing in it taken on trust.

A node that joins checks every line against a header that the validators certified, and that against the pinned genesis.
"""
