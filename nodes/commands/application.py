"""All commands of the nodes in one group; `scenarios/command_line` has them among its own."""

from nodes.commands.command_group import add_commands, command_group

COMMANDS = {
    "Start here": {
        "network": ("nodes.commands.network:application", "Start, stop and look at a network, here or over several hosts."),
    },
    "Use": {
        "submit": ("nodes.commands.ledger:submit", "Sign a transaction, submit it and wait until it is final."),
        "show": ("nodes.commands.ledger:show", "Show a block, transaction, member, contract, or a list of them."),
        "query": ("nodes.commands.ledger:query", "Read the state."),
        "token": ("nodes.commands.members:token", "Make a token: it opens one node for one request."),
    },
    "Verify": {
        "export": ("nodes.commands.ledger:export", "Copy the whole ledger into a file, on request with a verifier."),
        "verify": ("nodes.commands.verify:verify", "Check an export, a proof or a saved answer without any node."),
        "crossing": ("nodes.commands.ledger:crossing", "Show in a file that a transaction relied on another ledger."),
        "convict": (
            "nodes.commands.verify:convict",
            "Find who signed both of two exports that contradict each other.",
        ),
    },
    "Teach": {
        "contract": ("nodes.commands.authoring:application", "Write a contract of your own: begin, check, install it."),
        "simulate": (
            "nodes.commands.simulate:simulate",
            "Play nodes that fail and messages that get lost, from a seed.",
        ),
    },
    "Operate": {
        "node": ("nodes.commands.one_node:application", "Make, run, copy and prune one node."),
        "member": ("nodes.commands.members:application", "Make, enrol and revoke members."),
        "governance": ("nodes.commands.members:governance", "Propose and approve changes of the network."),
        "follow": ("nodes.commands.follow:follow", "Keep a PostgreSQL schema at the head of a ledger."),
        "relay": ("nodes.commands.relay:relay", "Carry a ledger's new blocks and forks to one that follows it."),
        "bench": ("nodes.commands.measure:bench", "Measure throughput, latency, memory and growth on this machine."),
    },
}
"""By heading, in the order of the list: import string and summary of each command and group."""

SUMMARY = "A small permissioned ledger in pure Python that runs as several local nodes."
application = command_group(SUMMARY)
add_commands(application, COMMANDS)
