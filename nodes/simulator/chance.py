"""The one source of chance in simulations: `getrandbits` of a seeded generator, which is the same in every Python."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws by seed. `shuffle` and `sample` of the library may change between versions, so they are not used."""

    def __init__(self, seed: int) -> None:
        self._bits = Random(seed)  # noqa: S311  a simulation must be repeatable

    def below(self, limit: int) -> int:
        """An integer from 0 to limit - 1."""
        bits = (limit - 1).bit_length()
        while True:
            drawn = self._bits.getrandbits(bits) if bits else 0
            if drawn < limit:
                return drawn

    def between(self, least: int, most: int) -> int:
        """An integer from least to most, both included."""
        return least + self.below(most - least + 1)

    def happens(self, permille: int) -> bool:
        """True `permille` times in a thousand."""
        return self.below(1000) < permille

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def hexadecimal(self, digits: int) -> str:
        """Hexadecimal digits."""
        return f"{self._bits.getrandbits(4 * digits):0{digits}x}"
