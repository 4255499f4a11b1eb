"""`python -m tests`: brings a browser where the system's package manager can, then runs every test."""

import os
import shutil
import subprocess
import sys

import pytest

WORKERS = str((os.cpu_count() or 1) + 2)  # much of a live day is waiting
INSTALL = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]


def bring_browser() -> None:
    """The browser tests use the machine's Chromium; as root on Debian it is installed, else it is said how."""
    if os.environ.get("TWOTICKS_CHROMIUM") or shutil.which("chromium"):
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("No chromium found: the browser tests will be skipped. Debian: sudo apt-get install chromium")
        return
    print("Installing chromium for the browser tests …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=quiet, stdout=subprocess.DEVNULL, check=False)
    subprocess.run(INSTALL, env=quiet, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    bring_browser()
    sys.exit(pytest.main(["-n", WORKERS, "--dist", "worksteal", *sys.argv[1:]]))
