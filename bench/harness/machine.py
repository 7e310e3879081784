"""What the machine is, so that figures can be understood elsewhere."""

import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "none"
    return (done.stdout.splitlines() or ["none"])[0].strip()


def value_of(path, name):
    for line in Path(path).read_text().splitlines():
        key, _, value = line.replace("=", ":", 1).partition(":")
        if key.strip() == name:
            return value.strip().strip('"')
    return "unknown"


def description(python, postgres):
    """Names and values, in the order they are told."""
    memory = int(value_of("/proc/meminfo", "MemTotal").split()[0]) / 1024**2
    peers = (
        "import importlib.metadata as m; print(', '.join(f'{n} {m.version(n)}' for n in ("
        + ("'dlt', 'pandas', 'SQLAlchemy', 'duckdb', 'Flask', 'gunicorn', 'datasette', 'weasyprint'")
        + ")))"
    )
    return {
        "processor": f"{value_of('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": f"{value_of('/etc/os-release', 'PRETTY_NAME')}, Linux {platform.release()}",
        "PostgreSQL": first_line(str(postgres / "postgres"), "--version"),
        "Rust": first_line("rustc", "--version"),
        "Python": f"{platform.python_version()} with {first_line(str(python), '-c', peers)}",
        "Chromium": first_line("chromium", "--version"),
    }


def stamp():
    """When something was measured, and of which commit."""
    when = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    changed = first_line("git", "status", "--porcelain", "--", "Cargo.lock", "Cargo.toml", "crates", "web")
    dirty = "" if changed == "none" else ", changed since"
    return f"{when}, commit {first_line('git', 'rev-parse', '--short', 'HEAD')}{dirty}"


def load():
    """How many processes wanted to run in the last minute."""
    return os.getloadavg()[0]
