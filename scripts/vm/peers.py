# SPDX-License-Identifier: GPL-2.0-only
"""The host side of a guest's requests: QEMU's monitor, and a tn3270 client on its terminal."""
import json
import socket
import threading


class Qmp:
    """A connection to QEMU's machine protocol; commands go as a person at its monitor would type them."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(path)
        self.file = self.sock.makefile("r")
        self.file.readline()
        self.execute("qmp_capabilities")

    def execute(self, command, **arguments):
        self.sock.sendall((json.dumps({"execute": command, "arguments": arguments}) + "\n").encode())
        while True:
            line = self.file.readline()
            if not line:
                raise OSError("the machine's monitor is gone")
            answer = json.loads(line)
            if "error" in answer:
                return False, answer["error"]["desc"]
            if "return" in answer:
                return True, answer["return"]

    def monitor(self, command):
        """The monitor's commands say nothing when they work: any text but a query's is a refusal."""
        fine, text = self.execute("human-monitor-command", **{"command-line": command})
        text = (text or "").strip()
        return fine and (not text or command.startswith("info ")) and not text.startswith("Error"), text


class Tn3270:
    """The other side of an x-terminal3270: enough of TN3270 to agree on a terminal and to move data."""
    IAC, SB, SE, WILL, WONT, DO, DONT, EOR = 255, 240 + 10, 240, 251, 252, 253, 254, 239
    TTYPE = 24

    def __init__(self, path, note):
        self.path, self.note, self.sock = path, note, None

    def command(self, words):
        verb, *rest = words.split() or [""]
        if verb == "connect":
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(self.path)
            threading.Thread(target=self.listen, args=(self.sock,), daemon=True).start()
        elif verb == "send" and self.sock and rest:
            data = bytes.fromhex("".join(rest))
            self.sock.sendall(data.replace(b"\xff", b"\xff\xff") + bytes([self.IAC, self.EOR]))
        elif verb == "close" and self.sock:
            self.sock.shutdown(socket.SHUT_RDWR)
            self.sock.close()
            self.sock = None
        else:
            return False, f"'{words}' is not connect, send HEX or close" if self.sock else "not connected"
        return True, ""

    def answer(self, verb, option):
        """Agree to all that is offered: binary, end of record, terminal type."""
        reply = {self.DO: self.WILL, self.WILL: self.DO}.get(verb)
        if reply:
            self.sock.sendall(bytes([self.IAC, reply, option]))

    def listen(self, sock):
        record, stream = bytearray(), bytearray()
        while True:
            try:
                data = sock.recv(4096)
            except OSError:
                data = b""
            if not data:
                self.note("@@TN closed")
                return
            stream += data
            while stream:
                if stream[0] != self.IAC:
                    record.append(stream.pop(0))
                    continue
                if len(stream) < 2:
                    break
                code = stream[1]
                if code == self.IAC:
                    record.append(255)
                    del stream[:2]
                elif code == self.EOR:
                    self.note("@@TN data " + record.hex())
                    record.clear()
                    del stream[:2]
                elif code == self.SB:
                    end = stream.find(bytes([self.IAC, self.SE]))
                    if end < 0:
                        break
                    if stream[2] == self.TTYPE:
                        sock.sendall(bytes([self.IAC, self.SB, self.TTYPE, 0]) + b"IBM-3278-2-E" + bytes([self.IAC, self.SE]))
                    del stream[:end + 2]
                elif code in (self.DO, self.DONT, self.WILL, self.WONT):
                    if len(stream) < 3:
                        break
                    self.answer(code, stream[2])
                    del stream[:3]
                else:
                    del stream[:2]
