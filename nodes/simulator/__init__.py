"""The simulator: the very replica of a node, on a seeded queue with virtual time and a simulated disk and network."""
