"""The last moment of a listening socket: what is on its way in is accepted, and nothing more comes.

A connection that is complete but not yet accepted is reset when the socket is closed, and one may become complete
between the last look at the queue and the close. So the way in is closed first.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from contextlib import suppress

#: Seconds that connections which have begun have to become complete.
HANDSHAKE_SECONDS = 0.05
#: Linux, socket(7): a filter of what reaches a socket. The number is the same on all its platforms but one.
_ATTACH_FILTER = 26
#: Classic BPF, on the TCP header: drop packets with SYN and without ACK, which ask for a connection; pass all others.
_NO_MORE = (
    (0x30, 0, 0, 13),  # load the byte of the flags
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone?
    (0x06, 0, 0, 0),  # then drop
    (0x06, 0, 0, 0xFFFFFFFF),  # else pass
)


def admit_no_more(number: int) -> bool:
    """Let no new connection begin at a listening socket, in all processes that listen on it.

    A client that connects meanwhile tries again after a second, as TCP does, and is refused then.

    Args:
        number: The descriptor of the socket.

    Returns:
        Whether that was done, so that it makes sense to wait for `HANDSHAKE_SECONDS`. Only Linux can.
    """
    if not sys.platform.startswith("linux"):
        return False
    with suppress(OSError, ValueError), socket.socket(fileno=os.dup(number)) as listener:
        if listener.family == socket.AF_UNIX:
            os.unlink(listener.getsockname())  # a connection to it is complete at once
        else:
            code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in _NO_MORE))
            program = struct.pack("@HP", len(_NO_MORE), ctypes.addressof(code))
            listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
        return True
    return False
