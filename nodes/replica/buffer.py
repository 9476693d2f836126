"""Messages of the next height: they are judged when this one has committed, by the validators of the next."""

from nodes.consensus.state import VIEWS_AHEAD_MAX
from nodes.messages import Message, StatementMessage, weight
from nodes.settings import Limits


class Buffer:
    """What was kept of one height, bounded for each sender."""

    def __init__(self) -> None:
        self.messages: dict[str, list[Message]] = {}
        """By sender."""
        self._bytes: dict[str, int] = {}
        self._height = 0

    def keep(self, height: int, sender: str, message: Message, limits: Limits) -> None:
        """Keeps a message of that height, views <= 17, and forgets those of any other."""
        if isinstance(message, StatementMessage) and message.statement.view > VIEWS_AHEAD_MAX + 1:  # check: buffer-views
            return
        if self._height != height:
            self.messages, self._bytes, self._height = {}, {}, height
        waiting, size = self.messages.setdefault(sender, []), self._bytes.get(sender, 0)
        if len(waiting) >= limits.buffered_messages_max:  # check: buffer-share
            return
        if waiting and size + weight(message) > limits.buffered_bytes_max:  # check: buffer-bytes
            return
        waiting.append(message)
        self._bytes[sender] = size + weight(message)

    def take(self, height: int) -> list[tuple[str, Message]]:
        """What was kept of this height, with its senders; it is kept no longer."""
        if self._height > height:
            return []
        taken, self.messages, self._bytes = self.messages, {}, {}
        return [(sender, message) for sender, messages in taken.items() for message in messages]
