"""A request to a publisher, and the publisher at the end of a bare socket, whose bytes a test writes itself."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable

from iapt_ledger.sources.base import Request

HOST = "files.publisher.example"
CSV = b"month,referrals\n" + b"".join(b"2025-05,%06d\n" % n for n in range(4000))
SHORT = b"month,referrals\n2025-05,150000\n2025-06,151234\n"
OK = b"HTTP/1.1 200 OK\r\n"


def asked(path="/data.csv", **more):
    given = {"url": f"https://{HOST}{path}", "what": "Monthly activity", "content": "csv", **more}
    return Request(**given)


def statuses(server):
    return [response.status_code for _, response in server.log]


class Wire:
    """A bare socket server: each connection is handed to the next script with the head of its request."""

    def __init__(self, *scripts: Callable[[socket.socket, bytes], None]) -> None:
        self.scripts = list(scripts)
        self.heads: list[bytes] = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            threading.Thread(target=self.talk, args=(connection, script), daemon=True).start()

    def talk(self, connection: socket.socket, script: Callable) -> None:
        with connection:
            try:
                while head := self.head(connection):
                    self.heads.append(head)
                    if script(connection, head) != "keep":
                        return
            except OSError:
                return

    @staticmethod
    def head(connection: socket.socket) -> bytes:
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            piece = connection.recv(1)
            if not piece:
                return b""
            data += piece
        return data


def says(*parts: bytes) -> Callable[[socket.socket, bytes], None]:
    return lambda connection, head: connection.sendall(b"".join(parts))


def headers(**values: object) -> bytes:
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in values.items())
    return lines.encode() + b"\r\n"


def whole(body: bytes = CSV, **more: object) -> Callable[[socket.socket, bytes], None]:
    return says(OK, headers(Content_Length=len(body), **more), body)


def range_of(head: bytes) -> int | None:
    match = re.search(rb"\r\nRange: bytes=(\d+)-\r\n", head)
    return int(match[1]) if match else None


def rest(body: bytes = CSV, **more: object) -> Callable[[socket.socket, bytes], None]:
    """The part that was asked for."""

    def script(connection, head):
        start = range_of(head)
        told = f"bytes {start}-{len(body) - 1}/{len(body)}"
        values = {"Content_Length": len(body) - start, "Content_Range": told, **more}
        connection.sendall(b"HTTP/1.1 206 Partial Content\r\n" + headers(**values) + body[start:])

    return script


def broken(at: int, body: bytes = CSV, **more: object):
    """The head of the whole and only its first bytes."""
    return says(OK, headers(Content_Length=len(body), **more), body[:at])
