"""A traitor that says again, to everybody, what was said long ago: by others and by itself, of this height or earlier ones."""

from collections import deque
from collections.abc import Callable

from ledger.chain.chain import Chain
from ledger.state.store import Store
from nodes.consensus.events import MessageReceived, ReplicaAction, ReplicaEvent, SendMessage, Timer, TimerFired
from nodes.messages import Message
from nodes.settings import ReplicaSettings
from nodes.traitors.traitor import Traitor

KEPT_MAX = 300
AGAIN_MAX = 20
"""Messages that it says again each resend interval."""


class Replayer(Traitor):
    """Replays old messages."""

    def __init__(self, chain: Chain, store: Store, settings: ReplicaSettings, draw_nonce: Callable[[], str]) -> None:
        super().__init__(chain, store, settings, draw_nonce)
        self.kept: deque[Message] = deque(maxlen=KEPT_MAX)

    def betray(self, action: ReplicaAction) -> None:
        """Keeps what it says."""
        self.actions.append(action)
        if isinstance(action, SendMessage):
            self.kept.append(action.message)

    def listen(self, event: ReplicaEvent) -> None:
        """Keeps what it hears; says some of it again, the oldest first."""
        match event:
            case MessageReceived(_, message):
                self.kept.append(message)
            case TimerFired(Timer("resend")):
                for message in list(self.kept)[:AGAIN_MAX]:
                    self.send(None, message)
                self.kept.rotate(-AGAIN_MAX)
                self.confess("replayed")
