"""A PostgreSQL server of the benchmark's own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from harness.process import free_port

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "max_connections": "50",
}


class Server:
    """Where a server is, and its databases."""

    def __init__(self, programs, port, pid):
        self.programs = programs
        self.port = port
        self.pid = pid

    def url(self, database):
        # dlt insists on a password, even where the server asks for none.
        return f"postgres://postgres:none@127.0.0.1:{self.port}/{database}"

    def psql(self, database, statement):
        """Runs a statement; what it gives, a line for each row, cells separated by tabs."""
        command = [self.programs / "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        command += ["--field-separator=\t", "--set=ON_ERROR_STOP=1", "--dbname", self.url(database)]
        done = subprocess.run([*command, "--command", statement], check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{statement}\n{done.stderr}")
        return done.stdout

    def fresh(self, database):
        """An empty database of this name."""
        self.drop(database)
        self.psql("postgres", f"CREATE DATABASE {database}")
        return self.url(database)

    def drop(self, database):
        self.psql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def programs():
    """The folder of the newest server programs."""
    named = os.environ.get("CENTIME_TEST_POSTGRES_BIN")
    if named:
        return Path(named)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise SystemExit("PostgreSQL is missing: run crates/test-database/install.sh")
    return found[-1].parent


@contextmanager
def server(folder):
    """Starts a server in a folder of its own, and removes both at the end."""
    bin_folder = programs()
    home = Path(tempfile.mkdtemp(prefix="postgres-", dir=folder))
    # It refuses to be run by root.
    owner = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}
    if owner:
        shutil.chown(home, "nobody")
        for parent in home.parents:
            if not os.stat(parent).st_mode & 0o001:
                raise SystemExit(f"{parent} must be open to others, so that PostgreSQL can be run")
    data = home / "data"

    def control(program, *arguments):
        command = [bin_folder / program, "--pgdata", data, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=home, **owner)

    control("initdb", "--username=postgres", "--auth=trust", "--locale=C.UTF-8")
    port = free_port()
    settings = SETTINGS | {"port": port, "unix_socket_directories": home}
    with open(data / "postgresql.auto.conf", "a") as lines:
        lines.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    control("pg_ctl", "--wait", "--log", home / "log", "start")
    try:
        yield Server(bin_folder, port, int((data / "postmaster.pid").read_text().split()[0]))
    finally:
        control("pg_ctl", "--mode=immediate", "stop")
        shutil.rmtree(home)
