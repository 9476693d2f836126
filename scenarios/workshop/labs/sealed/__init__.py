"""Lab 6: policies, sealed fields, and who sees what."""
