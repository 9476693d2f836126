"""Contract framework."""
