"""From the start of martlet to its first event."""
import signal
import subprocess
import time

from .bench import Problem
from .report import spread


def measure(bench, report):
    bench.say("start")
    opener = bench.spawn([bench.binary("workload"), "stop-after", 10_000_000, bench.file, "--pause-ns", 1_000_000],
                         stdout=subprocess.DEVNULL)
    try:
        times = [first_event(bench) for _ in range(bench.rounds)]
    finally:
        opener.kill()
        opener.wait()
    table = report.table("Start", ["", "time"])
    table.row("from exec of martlet to its first line of JSON", spread(times, milliseconds))
    report.target("first event after the start", "< 1 s", milliseconds(max(times)), max(times) < 1)


def milliseconds(value):
    return f"{value * 1e3:,.0f} ms"


def first_event(bench):
    begin = time.monotonic()
    agent = bench.spawn(
        [bench.binary("martlet"), "run", "-o", "json", "-q"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    line = agent.stdout.readline()
    end = time.monotonic()
    if not line.startswith("{"):
        raise Problem("martlet ended before its first event")
    agent.send_signal(signal.SIGINT)
    agent.communicate(timeout=30)
    return end - begin
