"""A mail server on a real socket that does at one step what a script says: refuse, hang up, hang, babble, dawdle."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

Step = str  # greeting, ehlo, mail, rcpt, data, chunk (not the last), content, after (content taken, but not answered)


@dataclass
class Envelope:
    """What a connection has begun."""

    begun: bool = False
    sender: str = ""
    recipient: str = ""
    content: bytes = b""

    def clear(self) -> None:
        """Begin anew."""
        self.begun, self.sender, self.recipient, self.content = False, "", "", b""


@dataclass
class Scripted:
    """``script``: step -> what to do the first ``times`` times it is reached for a mail to ``whom``: a reply in full, ``close``,
    ``abort``, ``hang``. ``boxes`` holds what was taken: recipient and content; ``paths`` the return path of each
    recipient. ``deaf_after`` so many chunks it takes BDAT for no command, and what follows for commands.
    """

    script: dict[Step, str] = field(default_factory=dict)
    whom: str = ""
    times: int = 1
    pipelining: bool = True
    chunking: bool = False
    deaf_after: int | None = None
    slowly: bool = False  # one byte at a time
    at_once: int = 100  # connections
    boxes: list[tuple[str, bytes]] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)  # taken, and the client cannot know
    connections: int = 0
    commands: list[str] = field(default_factory=list)

    def start(self) -> int:
        """Listen; returns the port."""
        self._left = dict.fromkeys(self.script, self.times)
        self._stop = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self._server.getsockname()[1]

    def stop(self) -> None:
        """Close everything and wait for it."""
        self._stop.set()
        port = self._server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()  # wakes the one that accepts
        for thread in self._threads:
            thread.join(10)
        self._server.close()

    def _accept(self) -> None:
        while True:
            sock, _ = self._server.accept()
            if self._stop.is_set():
                sock.close()
                return
            self.connections += 1
            if sum(thread.is_alive() for thread in self._threads[1:]) >= self.at_once:
                with sock:
                    sock.sendall(b"421 4.7.0 too many connections\r\n")
                continue
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, sock.makefile("rb") as stream, suppress(OSError, EOFError):
            self._answer(sock, "greeting", "220 ready")
            envelope = Envelope()
            while line := stream.readline():
                command = line.decode("utf-8", "replace").rstrip("\r\n")
                self.commands.append(command)
                verb = getattr(self, f"_{command[:4].lower()}", None)
                if verb is None:
                    self._say(sock, "500 5.5.2 what?")
                else:
                    verb(sock, stream, envelope, command)

    def _ehlo(self, sock, stream, envelope, command) -> None:
        offered = "250-PIPELINING\r\n" * self.pipelining + "250-CHUNKING\r\n" * self.chunking
        self._answer(sock, "ehlo", f"250-scripted\r\n{offered}250-SIZE 1000000\r\n250 8BITMIME")

    def _mail(self, sock, stream, envelope, command) -> None:
        if envelope.begun:
            self._say(sock, "503 5.5.1 nested MAIL command")
        else:
            envelope.sender = command[11:-1]
            envelope.begun = not self._answer(sock, "mail", "250 2.1.0 ok")

    def _rcpt(self, sock, stream, envelope, command) -> None:
        recipient = command[9:-1]
        if not envelope.begun:
            self._say(sock, "503 5.5.1 need MAIL first")
        elif not self._answer(sock, "rcpt", "250 2.1.5 ok", recipient):
            envelope.recipient = recipient

    def _data(self, sock, stream, envelope, command) -> None:
        if not envelope.recipient and "forgetful" not in self.script:
            self._say(sock, "503 5.5.1 no valid recipients")
        elif not self._answer(sock, "data", "354 go on", envelope.recipient):
            envelope.content = self._read(stream)
            self._take(sock, envelope)

    def _bdat(self, sock, stream, envelope, command) -> None:
        if self.deaf_after is not None and len([one for one in self.commands if one[:4] == "BDAT"]) > self.deaf_after:
            self._say(sock, "500 5.5.2 what?")
            return
        _, size, *last = command.split()
        envelope.content += stream.read(int(size))
        if not envelope.recipient and "forgetful" not in self.script:
            self._say(sock, "503 5.5.1 no valid recipients")
        elif not last:
            self._answer(sock, "chunk", f"250 2.0.0 {size} octets", envelope.recipient)
        elif self._due("data", envelope.recipient):
            self._act(sock, self.script["data"])
        else:
            self._take(sock, envelope)

    def _rset(self, sock, stream, envelope, command) -> None:
        envelope.clear()
        self._say(sock, "250 2.0.0 ok")

    def _quit(self, sock, stream, envelope, command) -> None:
        self._say(sock, "221 2.0.0 bye")
        raise EOFError

    def _read(self, stream) -> bytes:
        lines = []
        while (line := stream.readline()) != b".\r\n":
            if not line:
                raise EOFError
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def _take(self, sock: socket.socket, envelope: Envelope) -> None:
        recipient, content, sender = envelope.recipient, envelope.content, envelope.sender
        envelope.clear()
        if not recipient:
            self._say(sock, "554 5.5.1 no recipients")
            return
        self.paths[recipient] = sender
        if self._due("after", recipient):
            self.boxes.append((recipient, content))
            self.unanswered.append(recipient)
            self._act(sock, self.script["after"])
        if self._due("content", recipient):
            self._act(sock, self.script["content"])
        else:
            self.boxes.append((recipient, content))
            self._say(sock, "250 2.0.0 queued")

    def _answer(self, sock: socket.socket, step: Step, usual: str, whom: str | None = None) -> bool:
        """Do what the script says here, else answer as usual; returns whether the script had a word."""
        if self._due(step, whom):
            self._act(sock, self.script[step])
            return True
        self._say(sock, usual)
        return False

    def _due(self, step: Step, whom: str | None) -> bool:
        if step not in self.script or not self._left[step] or (whom is not None and self.whom not in whom):
            return False
        self._left[step] -= 1
        return True

    def _act(self, sock: socket.socket, what: str) -> None:
        if what == "hang":
            self._stop.wait(20)
            raise EOFError
        if what == "abort":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            raise EOFError
        if what == "close":
            raise EOFError
        self._say(sock, what)
        if what.startswith("421"):
            raise EOFError

    def _say(self, sock: socket.socket, text: str) -> None:
        data = text.encode() + b"\r\n"
        for part in [data[at : at + 1] for at in range(len(data))] if self.slowly else [data]:
            sock.sendall(part)
