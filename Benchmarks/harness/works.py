"""What the workload does, and how each of those who watch tells it."""
import re

PROGRAM = ["/bin/true", "one", "two"]


class Work:
    """A number of things that are counted again in the output."""

    # lines for each of them, by who tells; several where it is told step by step
    lines = {"martlet": 1, "bpftrace": 1, "auditd": 1}

    def __init__(self, count):
        self.count = count

    def run(self, bench):
        """Does it on one CPU, and again when it was disturbed."""
        raise NotImplementedError

    def due(self, kind, done):
        """How many lines there must be."""
        return self.count * self.lines[kind] * done.times

    def pattern(self, kind, done):
        """What they look like."""
        raise NotImplementedError


class Open(Work):
    name = "open and close of a cached path"

    def run(self, bench):
        self.file = re.escape(str(bench.file))
        return bench.workload("open", self.count, bench.file, cpu=bench.cpus[0])

    def pattern(self, kind, done):
        return {
            "martlet": f'"name":"{self.file}"',
            "bpftrace": f"^(open )?{self.file} ",
            "auditd": f'^type=PATH .*name="{self.file}"',
        }[kind]


class Exec(Work):
    name = f"spawn of {' '.join(PROGRAM)} and wait"
    # the arguments are a line of their own there
    lines = {"martlet": 1, "bpftrace": 2, "auditd": 1}

    def run(self, bench):
        return bench.workload("exec", self.count, *PROGRAM, cpu=bench.cpus[0])

    def pattern(self, kind, done):
        return {
            "martlet": '^{"process_exec".*"arguments":"one two"',
            "bpftrace": "^(exec /bin/true |/bin/true one two$)",
            "auditd": '^type=EXECVE .*a1="one" a2="two"',
        }[kind]


class Connect(Work):
    """Closed by a reset, so that nothing stays in TIME_WAIT and ports do not run out."""

    name = "connect, accept, reset and close on loopback"
    # six changes of state; martlet has the port of an accept as well
    lines = {"martlet": 7, "bpftrace": 6, "auditd": 1}

    def run(self, bench):
        return bench.workload("tcp-connect", self.count, "127.0.0.1", cpu=bench.cpus[0])

    def due(self, kind, done):
        # By its port, which each run has for itself; the listener's own changes, to LISTEN and from it, are told too.
        return self.count * self.lines[kind] + (0 if kind == "auditd" else 2)

    def pattern(self, kind, done):
        port = int(done.values["port"])
        return {
            "martlet": rf'"[sd]port":{port}\b',
            "bpftrace": rf"^tcp \d+ \d+ (\d+ )?{port} ",
            "auditd": rf"^type=SOCKADDR .*saddr=0200{port:04X}7F000001",
        }[kind]
