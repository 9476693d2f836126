"""Replicas, their storage, transport, HTTP interface, client, local network and simulator."""
