"""Where a node keeps its bytes: SQLite on disk."""
