"""Organizations, members, validators, parameters and policies."""
