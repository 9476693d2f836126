"""The HTTP face of a node: a file for each resource, and what they share."""
