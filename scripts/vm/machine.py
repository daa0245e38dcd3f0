# SPDX-License-Identifier: GPL-2.0-only
"""A test VM: QEMU's command line, the guest's terminals, the end of a run."""
import os
import queue
import shlex
import socket
import subprocess
import threading
import time

from lib.common import CannotRun, say
from vm.emulator import emulator
from vm.pace import Pace
from vm.peers import Qmp, Screen, Tn3270
from vm.reports import find, read

# terminals: the kernel's console, and the one that init gives to the tests ("words"). On s390 they
# are one: the SCLP console driver keeps the bytes of a write together, and the kernel would print
# on a second terminal as well.
MACHINES = {
    "x86": {
        "qemu": "qemu-system-x86_64",
        "args": "-M pc -cpu qemu64 -nodefaults -display none -no-user-config "
                "-serial chardev:kernel -serial chardev:words",
        # SeaBIOS's MP table lists one processor of each socket
        "smp": "{0},sockets={0},cores=1,threads=1",
        "append": "console=ttyS0 words=ttyS1 mitigations=off no_timer_check",
        "terminals": ("kernel", "words"),
    },
    "s390": {
        "qemu": "qemu-system-s390x",
        "args": "-M s390-ccw-virtio -cpu max -nodefaults -display none -no-user-config "
                "-device sclpconsole,chardev=words",
        "smp": "{0}",
        "append": "words=ttysclp0",
        "terminals": ("words",),
    },
}
# A crash ends the machine at once; every report is printed, not only the first; all messages reach
# the console.
APPEND = "rdinit=/init panic=-1 oops=panic kasan_multi_shot loglevel=7 printk.time=1"
TAIL = 25               # lines of the console that a failure shows


class Machine:
    """A guest under QEMU. @a: arguments of vm/run; @folder: for the sockets and the disks."""

    def __init__(self, a, folder):
        self.a, self.folder = a, folder
        self.lines, self.tail = queue.Queue(), []
        self.started = self.ended = self.seconds = None
        self.begin = 0.0
        self.pace = Pace(a.timeout, a.boot)
        self.qmp = self.tn = self.screen = self.words = None

    def command(self, kernel, initrd):
        """QEMU's command line; creates the disk images."""
        conf = MACHINES[self.a.arch]
        # -icount needs one thread for all processors
        threads = "single" if any("-icount" in q for q in self.a.qemu) else "multi"
        cmd = [emulator(conf["qemu"]), "-accel", f"tcg,thread={threads}", *conf["args"].split(),
               "-smp", conf["smp"].format(self.a.smp), "-m", self.a.mem, "-no-reboot",
               "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off"]
        for name in conf["terminals"]:
            cmd += ["-chardev", f"socket,id={name},path={self.folder}/{name},server=on,wait=on"]
        for number, disk in enumerate(self.a.disk, 1):
            cmd += self.disk(number, *disk.partition(":")[::2])
        if self.a.terminal:
            # terminal emulators know no UNIX sockets; QEMU takes a free port
            cmd += ["-chardev", "socket,id=tn,host=127.0.0.1,port=0,server=on,wait=off,tn3270=on",
                    "-device", f"x-terminal3270,chardev=tn,devno={self.a.terminal},id=tn1"]
        for extra in self.a.qemu:
            cmd += shlex.split(extra)
        return cmd + ["-kernel", kernel, "-initrd", initrd, "-append", " ".join(self.append(conf))]

    def disk(self, number, devno, ident):
        """The arguments for one disk of 16 MiB."""
        image = os.path.join(self.folder, f"disk{number}")
        with open(image, "wb") as f:
            f.truncate(16 << 20)
        # device_del frees the backend of a -drive, which device_add then cannot use again
        return ["-blockdev", f"driver=file,node-name=d{number},filename={image}",
                "-device", f"virtio-blk-ccw,drive=d{number},devno={devno},"
                           f"id={ident or f'blk{number}'}"]

    def append(self, conf):
        """The words of the kernel's command line."""
        a = self.a
        words = [conf["append"], APPEND,
                 f'"run={a.run}"' if " " in a.run else f"run={shlex.quote(a.run)}"]
        if a.column:
            words.append(f"column={a.column}")
        if a.arch == "x86":
            # The guest may calibrate the TSC wrongly on a busy host. Debian's kernels use the HPET
            # instead; those of configs/ have no driver for it.
            folder = os.path.basename(os.path.dirname(os.path.abspath(a.kernel)))
            words.append("tsc=unstable clocksource=hpet" if "image" in folder else "tsc=reliable")
        if a.slub_debug is not None:
            words.append(f"slub_debug={a.slub_debug}")
        return words + a.append

    def reader(self, name):
        """Put the lines of one terminal of the guest into the queue."""
        sock = self.connect(name)
        if not sock:
            return
        if name == "words":
            self.words = sock
        rest = b""
        while True:
            try:
                data = sock.recv(65536)
            except OSError:
                data = b""
            if not data:
                break
            *whole_lines, rest = (rest + data.replace(b"\r", b"")).split(b"\n")
            for line in whole_lines:
                self.lines.put(line)
        if rest:
            self.lines.put(rest)

    def connect(self, name):
        """A connection to a socket that QEMU is about to create, or None after 20 seconds."""
        sock = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                sock.connect(f"{self.folder}/{name}")
                return sock
            except OSError:
                time.sleep(0.05)
        return None

    def serve(self, line):
        """Answer a request of the guest: a line that begins with @@MON, @@TN or @@SCREEN."""
        kind, _, rest = line.partition(" ")
        if kind == "@@TN" and rest.startswith(("data ", "closed")):
            return
        try:
            self.qmp = self.qmp or Qmp(f"{self.folder}/qmp")
            if kind == "@@MON":
                fine, text = self.qmp.monitor(rest)
            elif not self.a.terminal:
                fine, text = False, "the VM has no --terminal"
            elif kind == "@@TN":
                self.tn = self.tn or Tn3270(self.qmp.port_of("tn"),
                                            lambda text: self.lines.put(text.encode()))
                fine, text = self.tn.command(rest)
            else:
                self.screen = self.screen or Screen(self.qmp.port_of("tn"))
                fine, text = self.screen.command(rest)
        except (OSError, ValueError) as e:
            fine, text = False, str(e)
        reply = "".join(f"@@REPLY {x}\n" for x in text.splitlines())
        self.words.sendall(f"{reply}@@REPLY end {0 if fine else 1}\n".encode())
        for x in text.splitlines():
            self.lines.put(f"@@HOST {x}".encode())

    def take(self, line, log):
        """Log a line of the guest; note its start, its end and its requests."""
        text, now = line.decode(errors="replace"), time.monotonic()
        log.write(text + "\n")
        log.flush()
        if self.a.verbose:
            print(text, flush=True)
        self.tail = self.tail[1 - TAIL:] + [text]
        self.pace.hear(text, now - self.begin)
        if text.startswith("@@GUEST start"):
            self.started = now
            self.pace.boot(now - self.begin)
        elif text.startswith("@@GUEST end "):
            self.ended = int(text.split()[2])
        elif text.startswith(("@@MON ", "@@TN ", "@@SCREEN ")):
            self.serve(text)

    def drain(self, log, wait):
        """Take the lines in the queue, until none comes for @wait seconds."""
        try:
            while not self.pace.over(time.monotonic() - self.begin):
                self.take(self.lines.get(timeout=wait), log)
        except queue.Empty:
            pass

    def boot(self, cmd, log):
        """Run the guest to its end. Return QEMU's exit code, or None if the time limit ended it."""
        self.begin = time.monotonic()
        with open(f"{self.folder}/qemu.err", "wb") as err:
            qemu = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=err, stderr=err)
        threads = [threading.Thread(target=self.reader, args=(n,), daemon=True)
                   for n in MACHINES[self.a.arch]["terminals"]]
        for t in threads:
            t.start()
        try:
            while qemu.poll() is None:
                self.drain(log, 0.2)
                if self.pace.over(time.monotonic() - self.begin):
                    return None
            for t in threads:
                t.join(5)
            self.drain(log, 0.01)
            return qemu.returncode
        finally:
            if qemu.poll() is None:
                qemu.kill()
                qemu.wait()
            if self.screen:
                self.screen.close()
            self.seconds = time.monotonic() - self.begin

    def verdict(self, code, log_name):
        """Print how the guest ended; return the exit code of vm/run. @code: of boot()."""
        with open(f"{self.folder}/qemu.err", errors="replace") as f:
            # QEMU prints this at every start
            words = "".join(x for x in f if "QEMU waiting for connection" not in x).strip()
        if code and self.started is None:
            raise CannotRun(f"{MACHINES[self.a.arch]['qemu']} ended with {code}: "
                            f"{words or 'it printed nothing'}")
        if self.ended is not None and code == 0:
            boot = f"{self.started - self.begin:.1f} s to its init, " if self.started else ""
            say(f"vm/run: the guest came to its end in {self.seconds:.1f} s "
                f"({boot}script returned {self.ended}); log: {log_name}")
            return 1 if self.a.require_ok and self.ended else 0
        say(f"vm/run: the guest {self.how(code)}; log: {log_name}; its last lines:\n"
            + "\n".join("    " + x for x in self.tail))
        lines = read(log_name)
        for index, kind in find(lines)[:1]:
            say(f"    the first kernel report in it (line {index + 1}, {kind}):\n"
                + "\n".join("    " + x for x in lines[index:index + 8]))
        if words:
            say(f"    qemu: {words}")
        return 1

    def how(self, code):
        """How a guest ended that did not power off after its script."""
        if code is None:
            after = " although its script ended" if self.ended is not None else ""
            return f"was not off after {self.seconds:.0f} s{after} ({self.pace.progress()})"
        if self.started is None:
            return "crashed before its init ran"
        if self.ended is not None:
            return "crashed while it went down, with its console off"
        return "crashed or went off before its script ended"
