"""Between nodes: signed batches (`sessions`, pure) and the connections that carry them (`links`)."""
