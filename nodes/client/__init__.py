"""The Python client: `Client` for scripts and notebooks, `AsyncClient` under asyncio, `LocalMember` to sign with."""

from nodes.client.asynchronous import AsyncClient
from nodes.client.outcome import Outcome, Page, RowCount
from nodes.client.synchronous import Client
from nodes.key_files import LocalMember

__all__ = ["AsyncClient", "Client", "LocalMember", "Outcome", "Page", "RowCount"]
