"""Who watches while a workload runs: nobody, empty programs, martlet, bpftrace."""
import pathlib
import re
import shutil
import signal
import subprocess
import time

from .bench import Problem


def threads_time(pid):
    """CPU time of a process' threads so far, ns."""
    return sum(int(thread.read_text().split()[0]) for thread in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))


class Nobody:
    """The baseline."""

    name = "none"
    # how its lines are told, see works.py
    kind = None
    watches = False
    # whether its output is of the workload and of nobody else
    is_alone = False

    def __init__(self, bench):
        self.bench = bench
        self.process = None

    def __enter__(self):
        self.bench.guard.expect()
        self.bench.guard.wait()
        self.start()
        if self.process:
            self.bench.guard.expect(self.process.pid)
        return self

    def start(self):
        """Returns when it watches."""

    def __exit__(self, *_):
        pass

    def cpu(self):
        """Its CPU time so far, ns."""
        return threads_time(self.process.pid)


class EmptyHooks(Nobody):
    """Programs that do nothing, on the hooks that martlet is on."""

    name = "empty programs"

    def start(self):
        self.process = self.bench.spawn(
            [self.bench.binary("EmptyHooks")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != "ready\n":
            raise Problem("EmptyHooks could not attach its programs")

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


class Watcher(Nobody):
    """Writes events to a file, which is gone afterwards."""

    watches = True

    def __init__(self, bench, folder):
        super().__init__(bench)
        self.output = folder / "events"
        self.messages = folder / "messages"
        self.text = ""

    def command(self):
        raise NotImplementedError

    def is_open_line(self, line):
        raise NotImplementedError

    def start(self):
        with open(self.messages, "w") as messages:
            self.process = self.bench.spawn(self.command(), stdout=subprocess.DEVNULL, stderr=messages)
        self.wait_until_ready()

    def wait_until_ready(self):
        """It is ready when it shows what we do."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            marker = self.provoke()
            time.sleep(0.05)
            if self.output.exists() and marker in self.output.read_bytes():
                time.sleep(0.2)
                return
        raise Problem(f"{self.name} shows no events: {self.messages.read_text().strip()}")

    def provoke(self):
        """Does what it watches, often enough to fill whatever its output waits in; what the output then has."""
        for _ in range(100):
            open(self.bench.marker).close()
        return str(self.bench.marker).encode()

    def settle(self):
        """Returns when what has happened is in the output."""
        time.sleep(0.4)

    def stop(self):
        """Ends it and keeps what it said; the file of events stays until the end of the block."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.text = self.messages.read_text()

    def __exit__(self, *_):
        self.stop()
        self.output.unlink(missing_ok=True)
        self.messages.unlink(missing_ok=True)

    def lost(self):
        """How many events it says it lost."""
        raise NotImplementedError

    def reasons(self):
        """What it says of why."""
        return set()

    def events(self):
        """How many events it has seen so far, whoever did them."""
        raise NotImplementedError


class Martlet(Watcher):
    kind = "martlet"

    def __init__(self, bench, folder, name, *options):
        super().__init__(bench, folder)
        self.name = name
        self.options = options
        self.needle = f'"name":"{bench.file}"'.encode()

    def command(self):
        return [self.bench.binary("martlet"), "run", "-o", "json", "--to", self.output, *self.options]

    def is_open_line(self, line):
        return self.needle in line

    def events(self):
        said = self.messages.read_text()
        self.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            time.sleep(0.02)
            found = re.search(r"(\d+) events: .*\n", self.messages.read_text()[len(said):])
            if found:
                return int(found.group(1))
        raise Problem("martlet does not print its books on SIGUSR1")

    def reasons(self):
        return set(re.findall(r"^lost \d+ by \w+", self.text, re.MULTILINE))

    def lost(self):
        *_, last = re.finditer(r"(\d+) lost", self.text)
        return int(last.group(1))


class Bpftrace(Watcher):
    """The same fields of an open, by the tool that is at hand everywhere."""

    name = "bpftrace"
    kind = "bpftrace"
    program = """
        tracepoint:syscalls:sys_enter_openat { @open[tid] = (args->filename, args->flags); }
        tracepoint:syscalls:sys_exit_openat /@open[tid].0/ {
            printf("%s %d %d %d %s\\n", str(@open[tid].0), @open[tid].1, args->ret, pid, comm);
            delete(@open[tid]);
        }
        END { clear(@open); }
        """
    # It wants tracefs, and looks below debugfs: in a mount namespace of its own, so that nothing stays.
    script = """
        mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
        mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
        exec bpftrace -o "$1" -e "$2"
        """

    def __init__(self, bench, folder):
        super().__init__(bench, folder)
        self.needle = f"{bench.file} ".encode()

    @staticmethod
    def missing():
        """The Debian package that it lacks."""
        return None if shutil.which("bpftrace") else "bpftrace"

    def command(self):
        return ["unshare", "--mount", "sh", "-c", self.script, "sh", self.output, self.program]

    def settle(self):
        """It may be behind by seconds on a busy machine, and what it has not read at its end is not told as lost."""
        size, deadline = 0, time.monotonic() + 10
        while (now := self.output.stat().st_size) - size > 65536 and time.monotonic() < deadline:
            size = now
            time.sleep(0.4)

    def is_open_line(self, line):
        return line.startswith(self.needle)

    def events(self):
        with open(self.output, "rb") as lines:
            return sum(1 for _ in lines)

    def lost(self):
        # some versions tell it among their events
        told = self.text + self.output.read_text(errors="replace")
        return sum(map(int, re.findall(r"^Lost (\d+) events", told, re.MULTILINE)))
