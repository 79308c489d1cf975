"""Prefect's temporary server, as a process that flows.server starts. It prints its port and serves.

Its folder is the working directory, so that neither a path in an address nor a file of settings that lies about where
the user works can disturb it.
"""

import socket
import sys

from warehouse.parent import die_with_parent


def main() -> None:
    """Serve until killed, at the latest when the parent ends."""
    die_with_parent(*map(int, sys.argv[-2:]))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        import uvicorn
        from prefect.server.api.server import create_app

        config = uvicorn.Config(create_app, factory=True, log_level="critical", lifespan="on")
        uvicorn.Server(config).run(sockets=[listener])
