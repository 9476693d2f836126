"""Lab 5: who is the traitor, and what two of four can do."""
