"""What rules cost: each event that is held against them, and each open that no rule wants."""
import datetime
import json
import os
import pathlib
import re
import signal
import subprocess
import time

from .agents import EmptyHooks, Martlet, Nobody
from .bench import Problem, added, median
from .pipeline import pipeline, record
from .report import ns, spread

RECORDED = 320_000
OPENS = 100_000
RATE = 50_000
# The goal, and more than it.
BPFD_TARGET, STREAM_RATE = 10_000, 30_000

# Rules that differ in what they look at and how; of the events of the workload they match none.
CONDITIONS = [
    'path = "/srv/{0}/x"', 'path.prefix = "/srv/{0}/"', 'path.suffix = "/{0}.conf"', 'path.contains = "/part{0}/"',
    'path.glob = "/srv/*/{0}/*.key"', 'path.regex = "/data{0}/[a-z]+$"', 'name.prefix = "rel{0}/"',
    'process.binary = "/opt/{0}/bin"', 'process.binary.suffix = "/tool{0}"', 'process.comm = "comm{0}"',
    'process.arguments.contains = "--flag{0}"', 'parent.binary = "/usr/{0}"', 'process.cwd.prefix = "/home/u{0}"',
    'process.pid = 4000{0}', 'inode.range = [{0}000000000, {0}000000009]', 'result.le = -1000{0}',
]


def rules(count):
    return "".join(
        f'[[rule]]\nname = "r{number}"\ntracer = "open"\nwhere.{CONDITIONS[number % len(CONDITIONS)].format(number)}\n'
        for number in range(count))


def measure(bench, report):
    matching(bench, report)
    rejecting(bench, report)
    changing(bench, report)
    streaming(bench, report)


def matching(bench, report):
    opens = record(bench, "rule-opens", "open", RECORDED, bench.file)
    counts = [len(CONDITIONS), 1000, 10_000]
    costs = {count: [] for count in [0, *counts]}
    for count in counts:
        (bench.memory / f"{count}.toml").write_text(rules(count))
    for number in range(bench.rounds):
        bench.say(f"rules, round {number + 1}")
        for count, cost in costs.items():
            options = ["--rules", bench.memory / f"{count}.toml"] if count else []
            passes = pipeline(bench, opens, "--opens", "--passes", "3", *options)
            cost += [median([one["cpu_ns"] / one["events"] for one in passes])]
    table = report.table(
        f"{RECORDED:,} opens against rules that differ in field and test, and match nothing; one core",
        ["", "CPU per event, to JSON", "added"])
    for count, cost in costs.items():
        more = f"+{added(cost, costs[0]):,.0f} ns" if count else ""
        table.row(f"{count:,} rules" if count else "no rules", spread(cost, ns), more)
    factor = median([many / few for many, few in zip(costs[counts[-1]], costs[counts[0]])])
    report.target(f"an event, 10,000 rules to {counts[0]}", "<= 2 times", f"{factor:.2f} times", factor <= 2)


class Ruled(Martlet):
    """An agent with a rule that wants the opens of the marker, and nothing of the workload."""

    def __init__(self, bench, name, condition):
        super().__init__(bench, bench.memory, name, "--event", "open")
        self.file = bench.memory / (re.sub(r"\W+", "-", name) + ".toml")
        self.file.write_text(f'tracer = "open"\nwhere.path = "{bench.marker}"\n{condition}\n')

    def command(self):
        return super().command() + ["--rules", self.file]

    def produced(self):
        """Opens that the kernel produced, the marker's and those of whoever else is there included."""
        found = re.search(r"^open +(\d+)", self.text, re.MULTILINE)
        return int(found.group(1)) if found else 0


def rejecting(bench, report):
    me = os.getpid()
    comm = pathlib.Path(f"/proc/{me}/comm").read_text().strip()
    makers = [
        lambda: Nobody(bench),
        lambda: EmptyHooks(bench),
        lambda: Ruled(bench, "not its id", f"where.process.pid = {me}"),
        lambda: Ruled(bench, "not its comm", f'where.process.comm = "{comm}"'),
        lambda: Ruled(bench, "not its control group", f'where.any = [{{process.cgroup.prefix = "/no"}}, {{process.pid = {me}}}]'),
        lambda: Ruled(bench, "not its path", ""),
    ]
    costs = {make().name: [] for make in makers}
    produced = {}
    for number in range(bench.rounds):
        for make in makers:
            with make() as watcher:
                bench.say(f"rules that want nothing of it, round {number + 1}: {watcher.name}")
                costs[watcher.name].append(bench.workload("open", OPENS, bench.file, cpu=bench.cpus[0]).cpu_per_op)
                if watcher.watches:
                    watcher.stop()
                    produced.setdefault(watcher.name, []).append(watcher.produced())
    table = report.table(
        f"rules that want nothing of {OPENS:,} opens and closes of a cached path",
        ["a rule that asks for", "CPU per open", "beyond empty programs", "opens produced"],
        ["Produced: of all processes in the run, the marker's included; what an execution does before it is judged is among them."])
    empty = costs[EmptyHooks.name]
    for name, cost in costs.items():
        more = f"+{added(cost, empty):,.0f} ns" if name in produced else ""
        table.row(name, spread(cost, ns), more, f"{median(produced[name]):,.0f}" if name in produced else "")
        if name in produced and name != "not its path":
            value = added(cost, empty)
            report.target(f"an open that no rule wants ({name}), beyond empty programs", "<= 100 ns", f"{value:,.0f} ns", value <= 100)


def changing(bench, report):
    """A rule comes to a daemon while events flow, and goes."""
    socket, output = bench.memory / "rules.sock", bench.memory / "ruled.json"
    configuration = bench.memory / "rules.yaml"
    defaults = bench.memory / "defaults.toml"
    defaults.write_text('[default]\nopen = "pass"\n')
    configuration.write_text(f"event: [open]\nsink: file:{output}\nformat: json\nrules: [{defaults}]\n")
    rule = bench.memory / "mark.toml"
    rule.write_text(f'name = "mark"\ntracer = "open"\nwhere.path = "{bench.file}"\n')
    martlet = bench.binary("martlet")
    come, gone, kept = [], [], []
    for number in range(bench.rounds):
        bench.say(f"a rule that comes and goes, round {number + 1}")
        with open(bench.memory / "rules.log", "w") as log:
            daemon = bench.spawn([martlet, "daemon", "--config", configuration, "--socket", socket, "--run-as", "root"], stderr=log)
        deadline = time.monotonic() + 20
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        work = bench.spawn([bench.binary("workload"), "open-rate", str(RATE), "4", str(bench.file)], stdout=subprocess.PIPE)
        time.sleep(1)
        added_at = time.time()
        subprocess.run([martlet, "rules", "add", rule, "--socket", socket], check=True, stdout=subprocess.DEVNULL)
        time.sleep(1)
        removed_at = time.time()
        subprocess.run([martlet, "rules", "rm", "mark", "--socket", socket], check=True, stdout=subprocess.DEVNULL)
        said = work.communicate()[0]
        time.sleep(0.5)
        daemon.send_signal(signal.SIGINT)
        daemon.wait(20)
        times = [(moment(line), b'"rules":[' in line) for line in output.read_bytes().splitlines() if f'"path":"{bench.file}"'.encode() in line]
        output.unlink()
        marked = [when for when, is_marked in times if is_marked]
        if not marked:
            raise Problem(f"the rule marked nothing: {(bench.memory / 'rules.log').read_text()}")
        come.append((marked[0] - added_at) * 1e3)
        gone.append((marked[-1] - removed_at) * 1e3)
        done = int(re.search(r"ops=(\d+)", said if isinstance(said, str) else said.decode()).group(1))
        inside = sum(marked[0] <= when <= marked[-1] for when, _ in times)
        kept.append((done - len(times), inside - len(marked)))
    table = report.table(
        f"a rule that comes to a daemon and goes while {RATE:,} events/s flow",
        ["", "ms after the command was started", "events lost, events in between without the rule"])
    table.row("comes", spread(come, lambda value: f"{value:.0f}"), f"{max(one for one, _ in kept)}, {max(one for _, one in kept)}")
    table.row("goes", spread(gone, lambda value: f"{value:.0f}"), "")
    worst = max(come + gone)
    report.target("a rule takes effect, and its end", "< 100 ms", f"{worst:.0f} ms", worst < 100)


def streaming(bench, report):
    """bpfd's stream, whose messages have one event each, as `bpfd trace` prints it."""
    socket, lines = bench.memory / "bpfd.sock", bench.memory / "bpfd.log"
    configuration = bench.memory / "bpfd.yaml"
    configuration.write_text(f"event: [open]\nsink: none\nbpfd-socket: {socket}\n")
    martlet = bench.binary("martlet")
    rates = []
    for number in range(bench.rounds):
        bench.say(f"bpfd's stream, round {number + 1}")
        with open(bench.memory / "rules.log", "w") as log:
            daemon = bench.spawn(
                [martlet, "daemon", "--config", configuration, "--socket", bench.memory / "own.sock", "--run-as", "root"], stderr=log)
        deadline = time.monotonic() + 20
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        with open(lines, "w") as output:
            trace = bench.spawn([martlet, "bpfd", "trace", "--grpc-addr", socket], stdout=output, stderr=output)
        time.sleep(1.5)
        seconds = 3
        said = subprocess.run(
            [bench.binary("workload"), "open-rate", str(STREAM_RATE), str(seconds), str(bench.file)],
            check=True, capture_output=True, text=True).stdout
        time.sleep(1)
        daemon.send_signal(signal.SIGINT)
        daemon.wait(20)
        trace.wait(20)
        done = int(re.search(r"ops=(\d+)", said).group(1))
        told = sum(str(bench.file) in line for line in open(lines))
        lines.unlink()
        # others may open it as well
        rates.append((done / seconds, max(0, done - told)))
    rate, missing = median([rate for rate, _ in rates]), max(missing for _, missing in rates)
    table = report.table("bpfd's stream (martlet bpfd trace), a message for each event", ["events/s", "missing"])
    table.row(f"{rate:,.0f}", f"{missing:,}")
    report.target("bpfd's stream", f">= {BPFD_TARGET:,}/s, 0 missing", f"{rate:,.0f}/s, {missing:,} missing",
                  rate >= BPFD_TARGET and missing == 0)


def moment(line):
    """When an event happened, s since 1970."""
    text = json.loads(line)["time"]
    return datetime.datetime.fromisoformat(text[:26] + "+00:00").timestamp()
