"""A network that is laid out over the hosts of organizations that trust each other little."""
