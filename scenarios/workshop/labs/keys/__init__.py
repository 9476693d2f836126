"""Exercise: what a signature shows, and what it takes to speak for somebody else."""
