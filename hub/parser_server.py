"""The parser server: a small process that has the parsers loaded and forks one limited child per answer.

Starting Python and a parsing library costs a hundred times more than a fork. The server itself never sees a byte of
foreign input: it imports the kinds of this project, forks, and tells how each child ended.

Its stdin is a Unix socket. A message ``{"kind": "rss"}`` comes with two descriptors: the socket on which the child
reads its request and writes its answer, and the control on which the server writes the child's wait status (four
bytes, big-endian, signed) when it has ended. Closing the other end of the control kills the child. The server ends
when its stdin does, or after ``IDLE`` seconds without work.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import selectors
import signal
import socket
from dataclasses import dataclass, field

from hub.parser_child import answer_on

IDLE = 60.0  # seconds
STATUS = 4  # bytes
_LONGEST_MESSAGE = 4096


@dataclass
class Server:
    """The loop: one thread, so that forking is safe."""

    entry: socket.socket
    ready: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)
    controls: dict[int, socket.socket] = field(default_factory=dict)  # by the child's process id
    wakers: tuple[socket.socket, ...] = ()

    def run(self) -> None:
        """Serve until the hub is gone or nothing came for ``IDLE`` seconds."""
        woken, wake = self.wakers = socket.socketpair()
        for one in self.wakers:
            one.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only the wake-up is wanted
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self.ready.register(self.entry, selectors.EVENT_READ)
        self.ready.register(woken, selectors.EVENT_READ)
        while True:
            events = self.ready.select(IDLE)
            if not events and not self.controls:
                return
            for key, _ in events:
                if key.fileobj is self.entry:
                    if not self._take():
                        self._kill_all()
                        return
                elif key.fileobj is woken:
                    woken.recv(4096)
                else:
                    self._given_up(key.data)
            self._bury()

    def _take(self) -> bool:
        """Start a child for one message; ``False`` when the hub has closed its end."""
        try:
            message, handles, _, _ = socket.recv_fds(self.entry, _LONGEST_MESSAGE, 2)
        except ConnectionError:
            return False
        if not message:
            return False
        data, control = (socket.socket(fileno=handle) for handle in handles)
        _load(str(json.loads(message)["kind"]))
        child = os.fork()
        if child == 0:
            self._become_child(data, control)
        data.close()
        self.controls[child] = control
        self.ready.register(control, selectors.EVENT_READ, child)
        return True

    def _become_child(self, data: socket.socket, control: socket.socket) -> None:
        """Answer one request and end; nothing of the server stays open."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.ready.close()
            for one in (self.entry, control, *self.wakers, *self.controls.values()):
                one.close()
            answer_on(data.detach())
            code = 0
        finally:
            os._exit(code)

    def _given_up(self, child: int) -> None:
        """Kill a child whose answer nobody awaits any more."""
        if child in self.controls:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            self.ready.unregister(self.controls[child])

    def _bury(self) -> None:
        """Tell how the children that have ended did."""
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not child:
                return
            control = self.controls.pop(child)
            with contextlib.suppress(KeyError):
                self.ready.unregister(control)
            with contextlib.suppress(OSError):
                control.sendall(os.waitstatus_to_exitcode(status).to_bytes(STATUS, "big", signed=True))
            control.close()

    def _kill_all(self) -> None:
        for child in self.controls:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def _load(kind: str) -> None:
    """Import the doors of one of our own kinds, so that its children have them; a plug-in is the child's own risk."""
    if re.fullmatch(r"[a-z][a-z0-9_]*", kind):
        for door in ("parse", "normalise"):
            with contextlib.suppress(ImportError):
                importlib.import_module(f"feeds.{kind}.{door}")


def main() -> None:
    """Serve on stdin. Whatever a parser prints goes to the null device."""
    entry = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(null, handle)
    os.close(null)
    Server(entry).run()


if __name__ == "__main__":
    main()
