"""Lab 9: same seed, same hash; checkpoints that restore, step back and branch."""
