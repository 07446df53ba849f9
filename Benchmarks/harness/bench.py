"""What all parts share: where things are, how a workload is run and what it cost."""
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from .kernelhooks import Guard


class Problem(Exception):
    """Why there is no result; printed, without a trace."""


class Work:
    """One run of a program: what it printed, and what it cost."""

    def __init__(self, output, wall, usage, status):
        self.values = dict(pair.split("=", 1) for pair in output.split() if "=" in pair)
        self.output = output
        self.wall = wall                                            # s
        self.cpu = usage.ru_utime + usage.ru_stime                  # s, its children included
        self.status = status
        self.times = 1

    @property
    def wall_per_op(self):
        return float(self.values["ns_per_op"])

    @property
    def cpu_per_op(self):
        return self.cpu * 1e9 / int(self.values["ops"])


class Bench:
    def __init__(self, options):
        self.rounds = options.rounds
        self.root = options.root
        self.binaries = options.binaries
        self.cpus = sorted(os.sched_getaffinity(0))
        self.children = []
        self.guard = Guard()
        self.disturbed = 0

    def __enter__(self):
        build = self.root / ".build"
        build.mkdir(exist_ok=True)
        self.disk = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=build))
        self.memory = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-", dir="/dev/shm"))
        self.tree = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
        # /tmp/bench-…/a/b/file: five components
        self.file = self.tree / "a" / "b" / "file"
        self.file.parent.mkdir(parents=True)
        self.file.touch()
        self.marker = self.tree / "marker"
        self.marker.touch()
        self.begun = (time.monotonic(), busy_time())
        return self

    def __exit__(self, *_):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        for folder in (self.disk, self.memory, self.tree):
            shutil.rmtree(folder, ignore_errors=True)

    def say(self, text):
        print(f"bench: {text}", file=sys.stderr, flush=True)

    def binary(self, name):
        return str(self.binaries / name)

    def spawn(self, arguments, cpu=None, **options):
        """Starts a program, on one CPU if asked; it ends with the run at the latest."""
        pin = (lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None else None
        child = subprocess.Popen([str(argument) for argument in arguments], preexec_fn=pin, text=True, **options)
        self.children.append(child)
        return child

    def run(self, arguments, cpu=None, **options):
        """Runs a program to its end."""
        begin = time.monotonic()
        child = self.spawn(arguments, cpu, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        output = child.stdout.read()
        child.stdout.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        return Work(output, time.monotonic() - begin, usage, child.returncode)

    def workload(self, *arguments, cpu=None):
        """Runs it, and again when somebody else's kernel programs were on the hooks meanwhile; `times` tells how often."""
        for times in (1, 2, 3):
            self.guard.wait()
            work, disturbed = self.guard.during(lambda: self.run([self.binary("workload"), *arguments], cpu))
            if work.status != 0:
                raise Problem(f"workload {arguments[0]} failed: {work.output.strip()}")
            work.times = times
            if not disturbed:
                return work
        self.disturbed += 1
        return work

    def foreign_share(self):
        """Which part of all CPUs' time went to others than this run since it began."""
        wall = (time.monotonic() - self.begun[0]) * os.cpu_count()
        own = sum(
            usage.ru_utime + usage.ru_stime
            for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        )
        return max(0.0, (busy_time() - self.begun[1] - own) / wall)


def busy_time():
    """Seconds that all CPUs have been at work, stolen time included."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, open("/proc/stat").readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def median(values):
    return statistics.median(values)


def added(rounds, baseline):
    """The median of what each round has more than the baseline's run of the same round."""
    return median([mine - base for mine, base in zip(rounds, baseline)])


def ratio(rounds, baseline):
    return median([mine / base for mine, base in zip(rounds, baseline)])
