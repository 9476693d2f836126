"""Where a node keeps its bytes: SQLite on disk, or a simulated disk in memory."""
