"""A small mail server that keeps what it gets, to compare what two senders say to a recipient."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field


@dataclass
class Recorder:
    """A mail server that keeps what it gets."""

    mails: list[bytes] = field(default_factory=list)
    chunking: bool = False

    def start(self) -> int:
        """Listen; returns the port."""
        server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, args=(server,), daemon=True).start()
        return int(server.getsockname()[1])

    def _accept(self, server: socket.socket) -> None:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        stream = connection.makefile("rwb")
        stream.write(b"220 ready\r\n")
        stream.flush()
        content = b""
        while line := stream.readline():
            verb, answer = line[:4].upper(), b"250 ok\r\n"
            if verb == b"EHLO":
                answer = b"250-recorder\r\n" + b"250-CHUNKING\r\n" * self.chunking + b"250 PIPELINING\r\n"
            elif verb == b"DATA":
                stream.write(b"354 go on\r\n")
                stream.flush()
                lines = iter(stream.readline, b".\r\n")
                self.mails.append(b"".join(one.removeprefix(b".") for one in lines))
            elif verb == b"BDAT":
                _, size, *last = line.split()
                content += stream.read(int(size))
                if last:
                    self.mails.append(content)
                    content = b""
            elif verb == b"QUIT":
                answer = b"221 bye\r\n"
            stream.write(answer)
            stream.flush()
            if verb == b"QUIT":
                connection.shutdown(socket.SHUT_RDWR)
