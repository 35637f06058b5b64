"""The sockets on which this process listens."""

import socket
from contextlib import suppress
from pathlib import Path

OPEN_FILES = Path("/dev/fd")
"""Every open file of the process, by number; Windows has none."""


def send_at_once() -> None:
    """Have answers leave in the moment they are written, on connections taken from now on.

    A small answer is two writes, head and body. On a connection that is used again the second
    waits for the client's acknowledgement of the first, 40 ms on Linux. asyncio prevents that on
    sockets that were made with a protocol number; Streamlit's, like uvicorn's own, are not.
    """
    if not OPEN_FILES.is_dir():
        return
    for entry in [*OPEN_FILES.iterdir()]:
        with suppress(OSError):  # no socket, not one of TCP, or closed meanwhile
            each = socket.socket(fileno=int(entry.name))
            try:
                if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            finally:
                each.detach()  # it stays open: another part of the server owns it
