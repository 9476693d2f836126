"""A network on this machine: its specification, its folder, its nodes as processes or in one process."""
