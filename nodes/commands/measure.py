"""`tallystick simulate` and `tallystick bench`: commands that run the nodes in order to learn something about them."""

from collections.abc import Callable

COMMANDS: tuple[Callable[..., None], ...] = ()
"""In the order in which `--help` lists them."""
