"""What a forked process finds, printed as JSON: `python -m tests.fork_probe EXIT_CODE`."""

import gc
import json
import os
import random
import secrets
import ssl
import sys
import threading
from asyncio import run, sleep

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

random.random()  # so that there is a state that a fork copies
ssl.RAND_bytes(1)
Ed25519PrivateKey.generate()


def main(arguments: list[str]) -> int:
    """Tells, waits for the end of its input, and ends as it is told to: by a code, or an exception where that is none."""
    found = {
        "order": [*{f"member{number}" for number in range(100)}],
        "chance": [
            random.random(),
            secrets.token_hex(),
            ssl.RAND_bytes(16).hex(),
            Ed25519PrivateKey.generate().private_bytes_raw().hex(),
        ],
        "files": sorted(os.listdir("/proc/self/fd")),
        "threads": threading.active_count(),
        "session": os.getsid(0) == os.getpid(),
        "folder": [os.getcwd(), sys.path[0]],
        "frozen": gc.get_freeze_count(),
    }
    run(sleep(0))
    print(json.dumps(found), flush=True)
    sys.stdin.read()
    return int(arguments[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
