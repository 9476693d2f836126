"""The HTTP face of a node: FastAPI routes split by idea, and two bare routes for the other nodes."""
