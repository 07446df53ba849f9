"""From the start of martlet to its first event."""
import signal
import subprocess
import time

from .agents import threads_time
from .bench import Problem, median
from .report import spread


def measure(bench, report):
    bench.say("start")
    opener = bench.spawn([bench.binary("workload"), "stop-after", 10_000_000, bench.file, "--pause-ns", 1_000_000],
                         stdout=subprocess.DEVNULL)
    try:
        times, cpu = zip(*[first_event(bench) for _ in range(bench.rounds)])
    finally:
        opener.kill()
        opener.wait()
    table = report.table("Start", ["from exec of martlet to its first line of JSON", ""])
    table.row("time", spread(times, milliseconds))
    table.row("martlet's CPU time", spread(cpu, milliseconds))
    report.target("first event after the start", "< 1 s", milliseconds(median(times)), median(times) < 1)


def milliseconds(value):
    return f"{value * 1e3:,.0f} ms"


def first_event(bench):
    """Seconds, and CPU seconds."""
    begin = time.monotonic()
    agent = bench.spawn(
        [bench.binary("martlet"), "run", "-o", "json", "-q"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    line = agent.stdout.readline()
    end = time.monotonic()
    cpu = threads_time(agent.pid) / 1e9
    if not line.startswith("{"):
        raise Problem("martlet ended before its first event")
    agent.send_signal(signal.SIGINT)
    agent.communicate(timeout=30)
    return end - begin, cpu
