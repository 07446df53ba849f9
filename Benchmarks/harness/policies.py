"""What policies cost those whom they watch, and what they cost to load and to keep."""
import json
import pathlib
import re
import subprocess
import tempfile
import time

from .agents import Martlet, Nobody
from .bench import added, median, ratio
from .report import ns, spread
from .start import milliseconds

OPENS = 100_000
GETPIDS = 1_000_000
# Only what must be: no observation sits on the hooks of the policies.
OPTIONS = ["--event", "exec,kprobe,tracepoint,lsm"]

HEAD = """apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {{name: {name}}}
spec:
"""
OPENAT = HEAD + """  kprobes:
    - call: sys_openat
      args: [{{index: 1, type: string}}]
      selectors: [{{matchArgs: [{{index: 1, operator: {operator}, values: [{values}]}}]}}]
---
"""
SYS_ENTER = HEAD + """  tracepoints:
    - subsystem: raw_syscalls
      event: sys_enter
      raw: true
      args: [{{index: 1, type: int64}}]
      selectors: [{{matchArgs: [{{index: 1, operator: Equal, values: ["9999"]}}]}}]
---
"""


class Policed(Martlet):
    """The agent with policies; the first of them tells opens of the marker, so that it is seen when all are loaded."""

    # What others had in the kernel before the first one.
    before = 0

    def __init__(self, bench, folder, name, text):
        super().__init__(bench, bench.memory, name)
        self.file = folder / (re.sub(r"\W+", "-", name) + ".yaml")
        self.file.write_text(text)
        self.ready = 0

    def command(self):
        return super().command() + [*OPTIONS, "--policy", self.file]

    def start(self):
        # The kernel takes its time to free what the last one had.
        deadline = time.monotonic() + 10
        while kernel_bytes() > Policed.before and time.monotonic() < deadline:
            time.sleep(0.05)
        begin = time.monotonic()
        super().start()
        # less what the last look waited for
        self.ready = time.monotonic() - begin - 0.2

    def kernel_bytes(self):
        """Of all maps and programs that came with it, those in maps of maps, which nobody holds open, too."""
        return kernel_bytes() - Policed.before


def kernel_bytes():
    """Of all maps and programs of the machine."""
    return sum(
        each.get("bytes_memlock", 0)
        for kind in ("map", "prog")
        for each in json.loads(subprocess.run(["bpftool", "-j", kind, "show"], capture_output=True, check=True).stdout))


def rejecting(bench, count, values=1, operator="Equal"):
    """Policies on openat, none of which has the file of the workload."""
    text = ""
    for policy in range(count):
        paths = [f"/nothing/of/policy{policy}/value{value}" for value in range(values)]
        if policy == 0:
            paths[0] = str(bench.marker)
        text += OPENAT.format(name=f"p{policy}", operator=operator, values=", ".join(paths))
    return text


def posting(bench):
    return OPENAT.format(name="all", operator="Equal", values=f"{bench.marker}, {bench.file}")


class Series:
    def __init__(self, make, opens=OPENS, getpids=GETPIDS):
        self.make, self.opens, self.getpids = make, opens, getpids
        self.name = make().name
        self.open, self.getpid, self.ready, self.bytes = [], [], [], []

    def round(self, bench):
        with self.make() as watcher:
            if watcher.watches:
                self.ready.append(watcher.ready)
                self.bytes.append(watcher.kernel_bytes())
            self.open.append(bench.workload("open", self.opens, bench.file, cpu=bench.cpus[0]).cpu_per_op)
            if self.getpids:
                self.getpid.append(bench.workload("getpid", self.getpids, cpu=bench.cpus[0]).cpu_per_op)
            if watcher.watches:
                watcher.stop()


def measure(bench, report):
    Policed.before = kernel_bytes()
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)

        def policed(name, text):
            return Series(lambda: Policed(bench, place, name, text))

        none = Series(lambda: Nobody(bench))
        one = policed("1 policy that rejects", rejecting(bench, 1))
        told = policed("1 policy that posts", posting(bench))
        ten = policed("10 policies that reject", rejecting(bench, 10))
        hundred = policed("100 policies that reject", rejecting(bench, 100))
        few = policed("10 beginnings of paths", rejecting(bench, 1, 10, "Prefix"))
        many = policed("10,000 beginnings of paths", rejecting(bench, 1, 10_000, "Prefix"))
        texts = policed("10 paths", rejecting(bench, 1, 10))
        more = policed("10,000 paths", rejecting(bench, 1, 10_000))
        entry = policed("1 policy on every sys_enter", rejecting(bench, 1) + SYS_ENTER.format(name="entry"))
        series = [none, one, told, ten, hundred, texts, more, few, many, entry]
        for number in range(bench.rounds):
            for each in series:
                bench.say(f"policies, round {number + 1}: {each.name}")
                each.round(bench)
    tables(report, series, none)
    targets(report, none, one, hundred, (texts, more), (few, many))


def tables(report, series, none):
    table = report.table(
        f"policies on openat: open and close of a cached path {OPENS:,} times, getpid {GETPIDS:,} times",
        ["", "CPU per open", "added", "CPU per getpid", "added", "ready after", "kernel memory"],
        ["Added: beside nobody, in the same round. getpid is watched by none but the last one: it pays for the kernel's "
         "tracing path and one tail call. Ready: from the start of the agent until a policy tells its first call. Kernel "
         "memory: of all maps and programs of the agent, rings included."])
    for each in series:
        is_none = each is none
        table.row(
            each.name, spread(each.open, ns), "" if is_none else f"+{added(each.open, none.open):,.0f} ns",
            spread(each.getpid, ns), "" if is_none else f"+{added(each.getpid, none.getpid):,.0f} ns",
            "" if is_none else milliseconds(median(each.ready)),
            "" if is_none else f"{median(each.bytes) / 1024:,.0f} KB")


def times(many, few, none):
    """How many times as much one adds as the other."""
    return ratio([a - b for a, b in zip(many.open, none.open)], [max(a - b, 1) for a, b in zip(few.open, none.open)])


def targets(report, none, one, hundred, paths, beginnings):
    factor = times(hundred, one, none)
    report.target("100 policies on one hook, to one", "<= 3 times", f"{factor:.2f} times", factor <= 3)
    for what, (few, many) in (("paths", paths), ("beginnings of paths", beginnings)):
        factor = times(many, few, none)
        report.target(f"10,000 {what} in a policy, to 10", "<= 1.3 times", f"{factor:.2f} times", factor <= 1.3)
    loads = median([a - b for a, b in zip(hundred.ready, one.ready)])
    report.target("loading 100 policies, beyond one", "< 5 s", milliseconds(loads), loads < 5)
    each = median([(a - b) / 99 / 1024 for a, b in zip(hundred.bytes, one.bytes)])
    report.target("kernel memory of each of 100 policies on one hook", "< 100 KB", f"{each:.1f} KB", each < 100)
