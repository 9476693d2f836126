"""The picture of a run: a page in plain ES modules, and the writer that makes one file of it."""
