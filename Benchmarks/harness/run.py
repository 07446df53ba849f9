"""The run as a whole."""
import datetime
import os
import shutil
import signal
import sys

from . import hooks, pipeline, processes, start
from .bench import Bench, Problem
from .report import Report

PARTS = {"pipeline": pipeline, "hooks": hooks, "processes": processes, "start": start}
NEEDED = ["martlet", "workload", "EmptyHooks", "PipelineBench"]


def check(options):
    missing = [name for name in NEEDED if not (options.binaries / name).exists()]
    if missing:
        raise Problem(f"{', '.join(missing)} not in {options.binaries}: build first, with swift build -c release")
    if os.geteuid() != 0:
        raise Problem("kernel programs can be loaded by root only: run it with sudo")
    if not (shutil.which("clang") or shutil.which("cc")):
        raise Problem("no C compiler for the allocation counter: put the Swift toolchain's clang in PATH")


def main(options):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report(options, datetime.datetime.now(datetime.timezone.utc))
    try:
        check(options)
        with Bench(options) as bench:
            for name in options.only:
                PARTS[name].measure(bench, report)
            report.machine(bench)
    except Problem as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    report.print()
    return 0
