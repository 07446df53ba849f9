"""What one open, one getpid and one exec cost with nobody watching, and with each of those who can."""
import time

from .agents import Bpftrace, EmptyHooks, Martlet, Nobody
from .bench import added, median, ratio
from .memory import Memory
from .report import ns, spread, us

OPENS = 300_000
GETPIDS = 3_000_000
EXECS = 3_000
PROGRAM = ["/bin/true", "one", "two"]


class Series:
    """The rounds of one variant."""

    def __init__(self, make, works):
        self.make = make
        self.name = make().name
        self.works = works
        self.cpu = {work: [] for work in works}      # ns per op, of the workload
        self.wall = {work: [] for work in works}
        self.agent = []                              # CPU ns per event, of the agent
        self.missing = []                            # opens of the file that are not in the output
        self.lost = []
        self.reasons = set()
        self.sizes = {"open": [], "exec": []}
        self.idle = []
        self.loaded = []

    def round(self, bench):
        opens = 0
        with self.make() as watcher:
            if isinstance(watcher, Martlet):
                self.idle.append(Memory(watcher.process.pid))
            for work in self.works:
                if work == "open" and watcher.watches:
                    opens = OPENS * self.work_watched(bench, work, watcher)
                else:
                    self.work(bench, work)
            if isinstance(watcher, Martlet):
                self.loaded.append(Memory(watcher.process.pid))
            if watcher.watches:
                watcher.stop()
                self.count(watcher, opens)

    def work_watched(self, bench, work, watcher):
        """Other processes open files too: the agent's time is divided by all events that it saw."""
        cpu, events = watcher.cpu(), watcher.events()
        times = self.work(bench, work)
        time.sleep(0.4)
        self.agent.append((watcher.cpu() - cpu) / (watcher.events() - events))
        return times

    def work(self, bench, work):
        """Returns how often it had to be done."""
        if work == "open":
            done = bench.workload("open", OPENS, bench.file, cpu=bench.cpus[0])
        elif work == "getpid":
            done = bench.workload("getpid", GETPIDS, cpu=bench.cpus[0])
        else:
            done = bench.workload("exec", EXECS, *PROGRAM, cpu=bench.cpus[0])
        self.cpu[work].append(done.cpu_per_op)
        self.wall[work].append(done.wall_per_op)
        return done.times

    def count(self, watcher, opens):
        shown = size = execs = exec_size = 0
        with open(watcher.output, "rb") as lines:
            for line in lines:
                if watcher.is_open_line(line):
                    shown += 1
                    size += len(line)
                elif line.startswith(b'{"process_exec"') and b'"arguments":"one two"' in line:
                    execs += 1
                    exec_size += len(line)
        self.missing.append(opens - shown)
        self.lost.append(watcher.lost())
        self.reasons |= watcher.reasons()
        if shown:
            self.sizes["open"].append(size / shown)
        if execs:
            self.sizes["exec"].append(exec_size / execs)


def measure(bench, report):
    everything = ["open", "getpid", "exec"]
    none = Series(lambda: Nobody(bench), everything)
    empty = Series(lambda: EmptyHooks(bench), everything)
    full = Series(lambda: Martlet(bench, bench.memory, "martlet, to tmpfs"), everything)
    disk = Series(lambda: Martlet(bench, bench.disk, "martlet, to disk"), ["open", "exec"])
    raw = Series(lambda: Martlet(bench, bench.memory, "martlet --raw-paths", "--raw-paths"), ["open"])
    series = [none, empty, full, disk, raw]
    missing = Bpftrace.missing()
    if not missing:
        series.append(Series(lambda: Bpftrace(bench, bench.memory), ["open", "getpid"]))
    for number in range(bench.rounds):
        for one in series:
            bench.say(f"hooks, round {number + 1}: {one.name}")
            one.round(bench)

    opens(report, series, none)
    if missing:
        report.tables[-1].notes.append(f"bpftrace is not here and so not in the table: apt-get install {missing}")
    getpids(report, series, none, empty)
    execs(report, series, none)
    memory(report, full)
    targets(report, none, empty, full, disk, raw)


def opens(report, series, none):
    table = report.table(
        f"open and close of a cached path of five components, {OPENS:,} times",
        ["", "CPU per op", "added", "wall per op", "added", "missing", "lost", "agent's CPU/event", "bytes/event"],
        ["CPU is the workload's own user and system time, in which the hooks run; it is the number that other processes "
         "of a busy machine disturb least, and the targets are for it. The workload is bound to one CPU, the agent is "
         "not. Missing: opens that are not in the output; lost: events of anyone that the agent says it lost; both in the "
         "worst round."])
    for one in series:
        watches = bool(one.missing)
        table.row(
            one.name, spread(one.cpu["open"], ns), plus(one, none, "cpu", "open"), ns(median(one.wall["open"])),
            plus(one, none, "wall", "open"), f"{worst(one):,}" if watches else "",
            f"{max(one.lost):,}" if watches else "", us(median(one.agent)) if watches else "",
            f"{median(one.sizes['open']):,.0f}" if one.sizes["open"] else "")
        table.notes += [f"{one.name}: {reason}." for reason in sorted(one.reasons)]


def worst(one):
    return max(one.missing, key=abs)


def plus(one, none, kind, work):
    return "" if one is none else f"+{added(getattr(one, kind)[work], getattr(none, kind)[work]):,.0f} ns"


def getpids(report, series, none, empty):
    table = report.table(
        f"getpid, {GETPIDS:,} times", ["", "CPU per op", "added", "above empty programs", "wall per op"])
    for one in series:
        if "getpid" in one.works:
            above = "" if one in (none, empty) else f"{added(one.cpu['getpid'], empty.cpu['getpid']):+,.0f} ns"
            table.row(one.name, spread(one.cpu["getpid"], ns), plus(one, none, "cpu", "getpid"), above,
                      ns(median(one.wall["getpid"])))


def execs(report, series, none):
    table = report.table(
        f"exec: spawn of {' '.join(PROGRAM)} and wait, {EXECS:,} times",
        ["", "wall per op", "added", "CPU per op", "added", "bytes per exec event"],
        ["CPU includes that of the children. Parent and children are bound to one CPU, the agent is not."])
    for one in series:
        if "exec" in one.works:
            percent = ["" if one is none else f"{share(one, none, kind):+.1%}" for kind in ("wall", "cpu")]
            table.row(one.name, spread(one.wall["exec"], us), percent[0], spread(one.cpu["exec"], us), percent[1],
                      f"{median(one.sizes['exec']):,.0f}" if one.sizes["exec"] else "")


def share(one, none, kind):
    """What an exec costs more, as a part of what it costs."""
    return ratio(getattr(one, kind)["exec"], getattr(none, kind)["exec"]) - 1


def memory(report, full):
    table = report.table("Memory of martlet", ["", "PSS without rings", "rings"], [
        "PSS from /proc/PID/smaps_rollup; rings: the mappings of anon_inode:bpf-map, from smaps."])
    for title, times in [("idle, after the start", full.idle), ("after the load", full.loaded)]:
        sizes = (median([getattr(one, key) for one in times]) / 1e6 for key in ("own", "rings"))
        table.row(title, *(f"{size:,.1f} MB" for size in sizes))


def targets(report, none, empty, full, disk, raw):
    for one, limit in [(full, 2400), (disk, 2400), (raw, 1200)]:
        value = added(one.cpu["open"], none.cpu["open"])
        report.target(f"open, {one.name}", f"≤ +{us(limit)}", f"+{us(value)}", value <= limit)
    for one in (full, disk, raw):
        report.target(f"{OPENS:,} opens in a tight loop, {one.name}", "0 missing, 0 lost",
                      f"{worst(one):,} missing, {max(one.lost):,} lost", worst(one) == max(one.lost) == 0)
    for one in (full, disk, raw):
        value = median(one.agent)
        report.target(f"agent's CPU per event, {one.name}", "≤ 1.50 µs", us(value), value <= 1500)
    value = added(full.cpu["getpid"], empty.cpu["getpid"])
    report.target("getpid, above empty programs", "≤ 40 ns", f"{value:.1f} ns", value <= 40)
    for one in (full, disk):
        cpu, wall = share(one, none, "cpu"), share(one, none, "wall")
        report.target(f"exec, {one.name}", "≤ +8 %", f"{cpu:+.1%} CPU, {wall:+.1%} wall", max(cpu, wall) <= 0.08)
    value = max(one.own for one in full.loaded) / 1e6
    report.target("PSS after the load, rings apart", "≤ 60 MB", f"{value:,.1f} MB", value <= 60)
