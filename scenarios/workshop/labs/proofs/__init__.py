"""Lab 3: a proof that anybody verifies alone, and proofs that are none."""
