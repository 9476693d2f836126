"""Who may read: short-lived tokens of members, and what each reader sees of a record."""
