"""The commands of a node and a network, without stories. `scenarios/command_line` adds its own and is the program."""
