"""The corridor under seeded faults: four networks, relayers and clients on one queue, judged at the end by a model of its own."""
