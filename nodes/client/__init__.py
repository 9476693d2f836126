"""The Python client: `Client` for scripts and notebooks, `AsyncClient` under asyncio, `LocalMember` to sign as somebody."""

from nodes.client.asynchronous import AsyncClient
from nodes.client.member import LocalMember
from nodes.client.outcome import Outcome, Page
from nodes.client.synchronous import Client

__all__ = ["AsyncClient", "Client", "LocalMember", "Outcome", "Page"]
