"""Run a command where there is no network but loopback: `unshare --net python .ci/offline.py COMMAND...`

Notebook kernels talk to their caller over loopback, which a new network namespace has switched off. It is
switched on here by ioctl, since `ip` is not on every machine.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys

SIOCSIFFLAGS = 0x8914
IFF_UP, IFF_RUNNING = 0x1, 0x40


def reaches_outside() -> bool:
    """Whether there is a route to an address elsewhere (one kept for documentation; nothing is sent)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        try:
            handle.connect(("192.0.2.1", 9))
        except OSError:
            return False
    return True


def main(command: list[str]) -> None:
    """Switch loopback on, make sure that it is all there is, and become the command."""
    if not command:
        sys.exit(__doc__)
    if reaches_outside():
        sys.exit("The network is not cut: there is a way out of this machine.")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        flags = struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING)
        fcntl.ioctl(handle, SIOCSIFFLAGS, flags)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
