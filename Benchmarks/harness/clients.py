"""A daemon and those who stream its events: is all of it there, how late, and what does it cost when nothing happens?"""
import re
import subprocess
import time

from .agents import threads_time
from .bench import Problem, median
from .report import spread

RATE = 100_000
SECONDS = 5
IDLE = 10
CLIENTS = 3


class Daemon:
    """`martlet daemon` without an output, whose events only clients want."""

    def __init__(self, bench):
        self.bench = bench
        self.socket = bench.memory / "martlet.sock"
        self.messages = bench.memory / "daemon"
        self.configuration = bench.memory / "martlet.yaml"

    def __enter__(self):
        self.configuration.write_text("sink: none\nmetrics-socket: none\n")
        self.bench.guard.expect()
        with open(self.messages, "w") as messages:
            self.process = self.bench.spawn(
                [self.bench.binary("martlet"), "daemon", "-v", "--config", self.configuration, "--socket", self.socket],
                stdout=subprocess.DEVNULL, stderr=messages)
        self.wait_for(self.messages, "watching ", self.process)
        self.bench.guard.expect(self.process.pid)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.text = self.messages.read_text()

    @staticmethod
    def wait_for(path, text, process):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None:
            if text in path.read_text():
                return
            time.sleep(0.02)
        raise Problem(f"the daemon or its client did not start: {path.read_text().strip()}")

    def client(self, number):
        """`martlet trace`, and the counter behind it."""
        messages = self.bench.memory / f"client-{number}"
        with open(messages, "w") as errors:
            trace = self.bench.spawn(
                [self.bench.binary("martlet"), "trace", "-v", "-o", "json", "--socket", self.socket, "--event", "open",
                 "--path", self.bench.file],
                stdout=subprocess.PIPE, stderr=errors)
        counter = self.bench.spawn(
            [self.bench.binary("workload"), "lines"], stdin=trace.stdout, stdout=subprocess.PIPE)
        trace.stdout.close()
        self.wait_for(messages, "from now on", trace)
        return trace, counter, messages


def measure(bench, report):
    rates, latencies = [], []
    for number in range(bench.rounds):
        bench.say(f"clients, round {number + 1}")
        rates.append(stream(bench, RATE, SECONDS))
        latencies.append(stream(bench, 1_000, 3))
    table = report.table(
        f"{CLIENTS} clients of a daemon (martlet trace -o json)",
        ["", "events/s", "of so many", "missing", "hook → client p50", "p99"],
        ["Opens of one file, by one thread, at a rate. A client's age is that of the first whole line of each read of its "
         "output, behind a pipe: the one that waited longest. The worst of three clients; medians of rounds.",
         "Everything shares the same CPUs: workload, daemon, clients and counters."])
    for title, rounds in [("flood", rates), ("trickle", latencies)]:
        rate, due, missing, p50, p99 = zip(*rounds)
        table.row(title, f"{median(rate):,.0f}", f"{due[0]:,}", f"{max(missing):,}", spread(p50, milliseconds),
                  spread(p99, milliseconds))
    worst = max(round[2] for round in rates)
    slowest = min(round[0] for round in rates)
    report.target(f"{CLIENTS} clients at {RATE:,}/s", "0 missing", f"{worst:,} missing at {slowest:,.0f}/s",
                  worst == 0 and slowest > 0.97 * RATE)
    idle(bench, report)


def milliseconds(value):
    return f"{value / 1e6:.1f} ms"


def stream(bench, rate, seconds):
    """(events/s, events due, the most that a client misses, p50 and p99 of the slowest client)"""
    with Daemon(bench) as daemon:
        clients = [daemon.client(number) for number in range(CLIENTS)]
        work = bench.workload("open-rate", rate, seconds, bench.file)
        time.sleep(0.5)
        results = []
        for trace, counter, messages in clients:
            trace.terminate()
            trace.wait(30)
            output, _ = counter.communicate(timeout=30)
            results.append({key: int(value) for key, value in re.findall(r"(\w+)=(-?\d+)", output)})
    due = rate * seconds
    missing = max(due - result["lines"] for result in results)
    return (due / work.wall, due, missing, max(result["p50_ns"] for result in results),
            max(result["p99_ns"] for result in results))


def idle(bench, report):
    shares = {"no client": [], f"{CLIENTS} clients": []}
    for number in range(min(bench.rounds, 3)):
        bench.say(f"idle daemon, round {number + 1}")
        with Daemon(bench) as daemon:
            time.sleep(1)
            shares["no client"].append(share(daemon))
            clients = [daemon.client(number) for number in range(CLIENTS)]
            time.sleep(1)
            shares[f"{CLIENTS} clients"].append(share(daemon))
            for trace, counter, _ in clients:
                trace.terminate()
                trace.wait(30)
                counter.communicate(timeout=30)
    table = report.table("An idle daemon", ["", "of one CPU"], [
        f"Over {IDLE} s in which this benchmark does nothing; what the machine does by itself is watched all the same."])
    for title, values in shares.items():
        table.row(title, spread(values, percent))
    worst = median(shares[f"{CLIENTS} clients"])
    report.target("idle daemon", "< 0.5 % of one CPU", percent(worst), worst < 0.005)


def percent(value):
    return f"{value:.2%}"


def share(daemon):
    before, begin = threads_time(daemon.process.pid), time.monotonic()
    time.sleep(IDLE)
    return (threads_time(daemon.process.pid) - before) / ((time.monotonic() - begin) * 1e9)
