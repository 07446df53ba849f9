"""PostgreSQL: how fast the sink writes into the default tables, and how fast tcp-audit's way is on the same server."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from .bench import Problem, median
from .report import ns, spread

EVENTS = 1_000_000
# s, of each round of tcp-audit's way
PATIENCE = 5

# As tcp-audit's sink makes them.
TABLES = """
CREATE TABLE tcp_events (uid TEXT PRIMARY KEY, timestamp TIMESTAMP, pid_on_cpu INTEGER, comm_on_cpu TEXT, src_ip INET,
    dst_ip INET, src_port INTEGER, dst_port INTEGER, old_state TEXT, new_state TEXT);
CREATE TABLE tcp_events_socket_info (uid TEXT PRIMARY KEY, tcp_event_uid TEXT REFERENCES tcp_events (uid)
    ON DELETE CASCADE, id TEXT, inode INTEGER, user_id INTEGER, group_id INTEGER, state TEXT);
"""

# As it writes an event; the UUIDs are made of random numbers, since a question for them would be a round trip more.
EVENT = r"""
\set a random(1, 9223372036854775807)
\set b random(1, 9223372036854775807)
BEGIN;
INSERT INTO tcp_events VALUES (to_hex(:a::bigint) || to_hex(:b::bigint), localtimestamp, 4711, 'curl', '10.0.0.1',
    '10.0.0.2', 40000, 443, 'SYN-SENT', 'ESTABLISHED');
INSERT INTO tcp_events_socket_info VALUES (to_hex(:b::bigint) || to_hex(:a::bigint),
    to_hex(:a::bigint) || to_hex(:b::bigint), 'ffff888012345678', 31337, 1000, 100, 'CONNECTING');
COMMIT;
"""


def measure(bench, report):
    tools = find_tools()
    if not tools:
        report.table("PostgreSQL", ["left out", ""]).row("no server in /usr/lib/postgresql", "install postgresql")
        return
    with Server(bench, tools) as server:
        ours, theirs, splits, sizes = [], [], [], []
        for number in range(bench.rounds):
            bench.say(f"postgres, round {number + 1}")
            rate, split, size = sink(bench, server, number)
            ours.append(rate)
            splits.append(split)
            sizes.append(size)
            theirs.append(tcp_audit(bench, server, number))
        table = report.table("PostgreSQL", ["", "events/s", "CPU per event: agent", "helper", "server"], [
            f"{server.version} on a unix socket in a temporary folder, its settings as they come (fsync, "
            "synchronous_commit = on); all on the same CPUs.",
            f"Sink: {EVENTS:,} opens by 300 processes of 5,000 files into martlet.events, 16,384 a transaction; "
            "{:,.0f} bytes a row, {:,.0f} more in its {} indexes.".format(*map(median, zip(*sizes))),
            "tcp-audit: a transaction with two prepared inserts per event, by pgbench on one connection."])
        table.row("martlet's sink", spread(ours, lambda value: f"{value:,.0f}"),
                  *[spread([split[part] for split in splits], ns) for part in ("agent", "helper", "server")])
        table.row("tcp-audit's way", spread(theirs, lambda value: f"{value:,.0f}"), "", "", "")
    report.target("PostgreSQL, default tables", "≥ 50,000/s", f"{median(ours):,.0f}/s", median(ours) >= 50_000)
    times = median([our / their for our, their in zip(ours, theirs)])
    report.target("PostgreSQL, against tcp-audit's way", "≥ 10 times", f"{times:,.0f} times", times >= 10)


def find_tools():
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def sink(bench, server, number):
    """Events/s, the CPU ns per event of each process, and the sizes of a row."""
    database = server.database(f"sink{number}")
    before = server.cpu()
    child = bench.spawn([bench.binary("PostgresBench"), f"host={server.folder} user=postgres dbname={database}",
                         "--events", EVENTS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    line = child.stdout.readline()
    path = os.path.realpath(bench.binary("martlet-postgres"))
    helpers = [pid for pid in pids() if program(pid) == path]
    split = {"helper": sum(map(cpu_time, helpers)), "server": server.cpu() - before}
    child.communicate()
    if child.returncode != 0 or not line:
        raise Problem(f"PostgresBench ended with status {child.returncode}")
    values = {key: int(value) for key, value in (pair.split("=") for pair in line.split())}
    split["agent"] = values["cpu_ns"] / 1e9
    split = {key: value * 1e9 / EVENTS for key, value in split.items()}
    # Without what is there before the first event.
    heap, indexes, count = server.query(database, """
        SELECT sum(pg_relation_size(oid)), sum(pg_indexes_size(oid)),
            (SELECT count(*) FROM pg_index WHERE indrelid = 'martlet.events'::regclass)
        FROM pg_class WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'martlet.events'::regclass)
        """).split("|")
    server.drop(database)
    return values["events"] * 1e9 / values["wall_ns"], split, (int(heap) / EVENTS, int(indexes) / EVENTS, int(count))


def tcp_audit(bench, server, number):
    """Events/s."""
    database = server.database(f"audit{number}")
    server.query(database, TABLES)
    script = server.folder / "event.sql"
    script.write_text(EVENT.replace("\n    ", " "))
    connection = ["-h", server.folder, "-U", "postgres", database]
    work = bench.run([server.tools / "pgbench", "-n", "-M", "prepared", "-c", "1", "-T", PATIENCE, "-f", script,
                      *connection])
    count = int(server.query(database, "SELECT count(*) FROM tcp_events_socket_info"))
    if work.status != 0 or count == 0:
        raise Problem(f"pgbench failed: {work.output.strip()[:300]}")
    server.drop(database)
    return count / PATIENCE


class Server:
    """A server in a folder of its own, which is gone at the end."""

    def __init__(self, bench, tools):
        self.bench = bench
        self.tools = tools

    def __enter__(self):
        # not below the build, whose folders may be root's alone
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="martlet-bench-pg-", dir="/tmp"))
        self.folder.chmod(0o755)
        user = pwd.getpwnam("postgres")
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        # it refuses to run as root
        self.as_server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "env", "-C", "/",
                          "LC_ALL=C"]
        self.version = self.bench.run([self.tools / "postgres", "--version"]).output.strip()
        self.process = None
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        data = self.folder / "data"
        work = self.bench.run([*self.as_server, self.tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust"])
        if work.status != 0:
            raise Problem(f"initdb failed: {work.output.strip()[-300:]}")
        with open(self.folder / "log", "w") as log:
            self.process = self.bench.spawn(
                [*self.as_server, self.tools / "postgres", "-D", data, "-c", f"unix_socket_directories={self.folder}",
                 "-c", "listen_addresses="], stdout=log, stderr=log)
        for _ in range(300):
            if self.bench.run([self.tools / "pg_isready", "-q", "-h", self.folder]).status == 0:
                return
            time.sleep(0.1)
        raise Problem(f"the server does not start: {(self.folder / 'log').read_text()[-300:]}")

    def __exit__(self, *_):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def query(self, database, sql):
        work = self.bench.run([self.tools / "psql", "-h", self.folder, "-U", "postgres", "-d", database, "-qAtX", "-v",
                               "ON_ERROR_STOP=1", "-c", sql])
        if work.status != 0:
            raise Problem(f"psql: {work.output.strip()}")
        return work.output.strip()

    def database(self, name):
        self.query("postgres", f"CREATE DATABASE {name}")
        return name

    def drop(self, name):
        self.query("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def cpu(self):
        """Seconds that all its processes have taken, those that ended included."""
        own = self.process.pid
        return cpu_time(own, ended=True) + sum(cpu_time(pid) for pid in pids() if parent(pid) == own)


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def stat(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ["0"] * 50


def parent(pid):
    return int(stat(pid)[1])


def cpu_time(pid, ended=False):
    """Seconds; with those of its children that it waited for."""
    return sum(map(int, stat(pid)[11:15 if ended else 13])) / os.sysconf("SC_CLK_TCK")


def program(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None
