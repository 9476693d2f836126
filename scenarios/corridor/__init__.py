"""One container, four ledgers: what crosses from one to another, and the story of it."""
