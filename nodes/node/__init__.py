"""One running node: what it keeps on disk, what it watches, and its process."""
