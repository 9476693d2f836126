"""State snapshot: a chain from its newest block on, without the blocks before it, and verified from the genesis all the same.

A node that joins checks every line against a header that the validators certified, and the header from the pinned genesis.
"""
