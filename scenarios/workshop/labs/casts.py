"""Members and numbers that an exercise draws for a group."""

from nodes.simulator.chance import Chance

ORGANIZATIONS = ("north", "south", "east", "west")
MEMBERS = tuple(f"{organization}.member{number}" for organization in ORGANIZATIONS for number in range(1, 5))
"""Of the workshop's network, without validators and admins."""


def draw_members(chance: Chance, count: int) -> tuple[str, ...]:
    """So many different members."""
    return _draw(chance, MEMBERS, count)


def draw_organizations(chance: Chance, count: int, among: tuple[str, ...] = ORGANIZATIONS) -> tuple[str, ...]:
    """So many different organizations."""
    return _draw(chance, among, count)


def draw_numbers(chance: Chance, prefix: str, count: int) -> tuple[str, ...]:
    """So many different numbers of assets, such as LOT-417."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[f"{prefix}-{100 + chance.below(900)}"] = None
    return tuple(found)


def _draw(chance: Chance, among: tuple[str, ...], count: int) -> tuple[str, ...]:
    left = list(among)
    return tuple(left.pop(chance.below(len(left))) for _ in range(count))
