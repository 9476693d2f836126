"""Exercise: nodes that stop, and why the others wait."""
