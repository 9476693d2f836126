"""The server of a node: its sockets, and what one connection may cost."""
