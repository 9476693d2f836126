"""A replica: the consensus engine with mempool, bodies and store around it, without I/O."""
