"""Between nodes: signed batches (`batches`, pure) and the connections that carry them (`links`)."""
