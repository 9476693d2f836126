"""All commands of the nodes in one group, for `scenarios/command_line` to add to."""

from nodes.commands.command_group import add_commands, command_group

COMMANDS = {
    "submit": ("nodes.commands.ledger:submit", "Sign a transaction, submit it and wait until it is final."),
    "show": ("nodes.commands.ledger:show", "Show a block, transaction, member, contract, or a list of them."),
    "query": ("nodes.commands.ledger:query", "Read the state."),
    "export": (
        "nodes.commands.ledger:export",
        "Copy the whole ledger as JSON Lines, or as an archive with a verifier in it.",
    ),
    "verify": (
        "nodes.commands.verify:verify",
        "Check a file without any node, rule by rule: an export, a proof, or an answer saved with its proof.",
    ),
    "convict": ("nodes.commands.verify:convict", "Find who signed both of two exports that contradict each other."),
    "token": (
        "nodes.commands.members:token",
        "Make a token: good for one request to one node, and for a minute at most by default.",
    ),
    "simulate": (
        "nodes.commands.simulate:simulate",
        "Play replicas on a simulated network with loss, delay, duplication, partitions, crashes and changing validators.",
    ),
    "bench": (
        "nodes.commands.measure:bench",
        "Measure throughput, latency, memory, queries and growth on this machine.",
    ),
    "network": ("nodes.commands.network:application", "Start, stop and look at a network of nodes on this machine."),
    "node": ("nodes.commands.one_node:application", "Make, run, copy and prune one node."),
    "member": ("nodes.commands.members:application", "Make, enrol and revoke members."),
    "governance": ("nodes.commands.members:governance", "Propose and approve changes of the network."),
    "contract": (
        "nodes.commands.authoring:application",
        "Write a contract of your own: begin, check, install on a running network.",
    ),
}
"""Import string and summary of each command and group, in the order of the list."""

application = command_group("A small permissioned ledger in pure Python that runs as several local nodes.")
add_commands(application, COMMANDS)
