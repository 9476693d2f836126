"""The commands of a node and a network, without stories. `scenarios/command_line` adds its own and is the program."""

from nodes.commands.application import application
from nodes.commands.command_parts import CommandGroup, show_json

__all__ = ["CommandGroup", "application", "show_json"]
