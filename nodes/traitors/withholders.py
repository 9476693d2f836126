"""Traitors that do not say what they should: nothing at all, or one thing to only some of the others."""

from nodes.consensus.events import ReplicaAction, SendMessage
from nodes.messages import BlockMessage, CertificateMessage, DecidedMessage, Message, StatementMessage
from nodes.traitors.traitor import Traitor


class Silent(Traitor):
    """Hears everything and says nothing."""

    def betray(self, action: ReplicaAction) -> None:
        """Swallows what would be sent."""
        if isinstance(action, SendMessage):
            self.confess("said-nothing")
        else:
            self.actions.append(action)


class Withholder(Traitor):
    """Lets only some of the others have what it withholds: as many as the height gives, from none to all but one."""

    def is_withheld(self, message: Message) -> bool:
        """Whether it withholds such a message."""
        raise NotImplementedError

    def betray(self, action: ReplicaAction) -> None:
        """Sends what it withholds to the favoured alone."""
        match action:
            case SendMessage(receiver, message) if self.is_withheld(message):
                favoured = self.peers[: self.engine.height % len(self.peers)] if self.peers else ()
                self.tell(favoured if receiver is None else tuple({receiver}.intersection(favoured)), message)
                self.confess(f"withheld {type(message).__name__}")
            case _:
                self.actions.append(action)


class ProposalWithholder(Withholder):
    """Proposes to some alone."""

    def is_withheld(self, message: Message) -> bool:
        """Proposals."""
        return isinstance(message, StatementMessage) and message.statement.kind == "propose"


class BodyWithholder(Withholder):
    """Sends the bodies of blocks to some alone, when it proposes and when it is asked."""

    def is_withheld(self, message: Message) -> bool:
        """Bodies, decided or not."""
        return isinstance(message, BlockMessage | DecidedMessage)


class CertificateWithholder(Withholder):
    """Sends certificates to some alone, when it enters a view and when it is asked."""

    def is_withheld(self, message: Message) -> bool:
        """Certificates, and the records that are made of them."""
        return isinstance(message, CertificateMessage | DecidedMessage)
