"""Who runs the embedded server: the person who runs Guanxi, or a system user where that person is root."""

import logging
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SystemUser:
    """A user by number; `switch` when a program must be started as that user instead of as ourselves."""

    uid: int
    gid: int
    switch: bool

    def run_options(self) -> dict[str, Any]:
        """Options for subprocess.run: run as this user, with none of root's groups."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}


def current_or_system_user(name: str, home: Path) -> SystemUser:
    """The current user; for root, the system user `name`, made on this machine when it is missing.

    `home` becomes that user's home folder on paper, and is made so that it may be entered.
    """
    if os.getuid() != 0:
        return SystemUser(os.getuid(), os.getgid(), switch=False)
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    found = _lookup(name) or _add(name, home)
    return SystemUser(found.pw_uid, found.pw_gid, switch=True)


def _lookup(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _add(name: str, home: Path) -> pwd.struct_passwd:
    logger.warning(
        "PostgreSQL does not run as root: adding the system user %r (useradd --system) to run it.", name
    )
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell=/usr/sbin/nologin"]
    subprocess.run([*command, f"--home-dir={home}", name], check=True, stdin=subprocess.DEVNULL)
    return pwd.getpwnam(name)
