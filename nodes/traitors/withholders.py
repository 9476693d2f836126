"""Traitors that do not say what they should: nothing at all, or one thing to only some of the others."""

from nodes.consensus.events import ReplicaAction, SendMessage
from nodes.messages import describe
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

    withheld: tuple[str, ...]
    """First words of such messages, as `describe` names them."""

    def betray(self, action: ReplicaAction) -> None:
        """Sends what it withholds only to the favoured."""
        match action:
            case SendMessage(receiver, message) if describe(message).split()[0] in self.withheld:
                favoured = self.peers[: self.engine.height % len(self.peers)] if self.peers else ()
                self.tell(favoured if receiver is None else tuple({receiver}.intersection(favoured)), message)
                self.confess(f"withheld {type(message).__name__}")
            case _:
                self.actions.append(action)


class ProposalWithholder(Withholder):
    """Proposes only to some."""

    withheld = ("propose",)


class BodyWithholder(Withholder):
    """Sends the bodies of blocks only to some, decided or not, when it proposes and when it is asked."""

    withheld = ("block", "decided")


class CertificateWithholder(Withholder):
    """Sends certificates, and the records made of them, only to some, when it enters a view and when it is asked."""

    withheld = ("notar-cert", "skip-cert", "commit-cert", "decided")
