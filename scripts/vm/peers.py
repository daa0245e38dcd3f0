# SPDX-License-Identifier: GPL-2.0-only
"""The host side of a guest's requests: QEMU's monitor, a tn3270 client, a terminal emulator."""
import json
import queue
import re
import socket
import subprocess
import threading


class Qmp:
    """A connection to QEMU's machine protocol, for commands of its human monitor."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(path)
        self.file = self.sock.makefile("r")
        self.file.readline()
        self.execute("qmp_capabilities")

    def execute(self, command, **arguments):
        """Run a command of the protocol: True and its answer, or False and the error."""
        request = json.dumps({"execute": command, "arguments": arguments})
        self.sock.sendall(request.encode() + b"\n")
        while True:
            line = self.file.readline()
            if not line:
                raise OSError("QEMU closed its monitor")
            answer = json.loads(line)
            if "error" in answer:
                return False, answer["error"]["desc"]
            if "return" in answer:
                return True, answer["return"]

    def monitor(self, command):
        """Run a command of the human monitor; return whether it worked, and its text.

        The monitor has no exit codes. A command that works prints nothing, but for a query.
        """
        fine, text = self.execute("human-monitor-command", **{"command-line": command})
        text = (text or "").strip()
        quiet = not text or command.startswith("info ")
        return fine and quiet and not text.startswith("Error"), text


    def port_of(self, chardev):
        """The port of 127.0.0.1 on which a chardev listens, for which QEMU chose one."""
        for found in self.execute("query-chardev")[1]:
            if found["label"] == chardev:
                return int(re.search(r"127\.0\.0\.1:(\d+)", found["filename"])[1])
        raise ValueError(f"QEMU has no chardev {chardev}")


class Screen:
    """A terminal emulator for people, without its window: s3270 of the x3270 family.

    It knows the orders of a 3270 and keeps what a user would see.
    """
    WAIT = 50       # seconds for an action: one that waits for the guest must not stop the host

    def __init__(self, port):
        """@port: of 127.0.0.1, where the terminal is connected."""
        self.port, self.process, self.lines = port, None, queue.Queue()

    def command(self, action):
        """Run an action of s3270, such as String("root") or Ascii(); its text. connect is first."""
        if action == "connect":
            self.process = subprocess.Popen(["s3270", "-model", "3278-2"], text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            threading.Thread(target=self.listen, args=(self.process,), daemon=True).start()
            # waits until the guest has written to the terminal
            action = f"Connect(127.0.0.1:{self.port})"
        if not self.process:
            return False, "not connected"
        self.process.stdin.write(action + "\n")
        self.process.stdin.flush()
        text = []
        try:
            while (line := self.lines.get(timeout=self.WAIT)) not in ("ok", "error"):
                if line.startswith("data: "):
                    text.append(line.removeprefix("data: "))
        except queue.Empty:
            self.close()
            return False, f"s3270 has no answer to {action} after {self.WAIT} s, and was ended"
        return line == "ok", "\n".join(filter(None, text))

    def listen(self, process):
        """Take the lines of the emulator."""
        for line in process.stdout:
            self.lines.put(line.rstrip())

    def close(self):
        """End the emulator."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class Tn3270:
    """The other side of an x-terminal3270: enough of TN3270 to negotiate and to move data.

    @note is called with a line for each record of the terminal, and when it closes.
    """
    IAC, SB, SE, WILL, WONT, DO, DONT, EOR = 255, 250, 240, 251, 252, 253, 254, 239
    TTYPE = 24

    def __init__(self, port, note):
        self.port, self.note, self.sock = port, note, None

    def command(self, words):
        """Run a request of the guest; return whether it worked, and a text."""
        verb, *rest = words.split() or [""]
        if verb == "connect":
            self.sock = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self.listen, args=(self.sock,), daemon=True).start()
        elif verb == "send" and self.sock and rest:
            data = bytes.fromhex("".join(rest))
            self.sock.sendall(data.replace(b"\xff", b"\xff\xff") + bytes([self.IAC, self.EOR]))
        elif verb == "close" and self.sock:
            self.sock.shutdown(socket.SHUT_RDWR)
            self.sock.close()
            self.sock = None
        elif self.sock:
            return False, f"'{words}' is not connect, send HEX or close"
        else:
            return False, "not connected"
        return True, ""

    def listen(self, sock):
        """Take what the terminal sends, until it closes."""
        stream, record = bytearray(), bytearray()
        while data := receive(sock):
            stream += data
            while used := self.parse(sock, stream, record):
                del stream[:used]
        self.note("@@TN closed")

    def parse(self, sock, stream, record):
        """Take a data byte or a telnet command off @stream; return its length, 0 if incomplete."""
        if not stream:
            return 0
        if stream[0] != self.IAC:
            record.append(stream[0])
            return 1
        if len(stream) < 2:
            return 0
        code = stream[1]
        if code == self.SB:
            return self.subnegotiate(sock, stream)
        if code in (self.DO, self.DONT, self.WILL, self.WONT):
            return self.negotiate(sock, stream)
        if code == self.IAC:
            record.append(255)
        elif code == self.EOR:
            self.note("@@TN data " + record.hex())
            record.clear()
        return 2

    def negotiate(self, sock, stream):
        """Agree to every option: binary, end of record, terminal type."""
        if len(stream) < 3:
            return 0
        reply = {self.DO: self.WILL, self.WILL: self.DO}.get(stream[1])
        if reply:
            sock.sendall(bytes([self.IAC, reply, stream[2]]))
        return 3

    def subnegotiate(self, sock, stream):
        """Tell the type of the terminal."""
        end = stream.find(bytes([self.IAC, self.SE]))
        if end < 0:
            return 0
        if stream[2] == self.TTYPE:
            sock.sendall(bytes([self.IAC, self.SB, self.TTYPE, 0]) + b"IBM-3278-2-E"
                         + bytes([self.IAC, self.SE]))
        return end + 2


def receive(sock):
    """The next bytes of a socket; none if it was closed."""
    try:
        return sock.recv(4096)
    except OSError:
        return b""
