"""The lock files: complete, by hash, and silent about where a bank downloads from (docs/decisions/0001)."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;]+)", re.MULTILINE)


def pinned(lock: Path) -> dict[str, set[str]]:
    """Each library of a lock file with the versions it may have (more than one where Python versions differ)."""
    found: dict[str, set[str]] = {}
    for match in PINNED.finditer(lock.read_text()):
        found.setdefault(canonicalize_name(match["name"]), set()).add(match["version"])
    return found


def declared() -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for: the wheel's libraries, and each group's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = {"runtime": project["project"]["dependencies"], **project["dependency-groups"]}
    return {group: [Requirement(line) for line in lines] for group, lines in groups.items()}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_names_no_host(lock):
    assert "://" not in lock.read_text()


def test_the_front_end_lock_names_no_host():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_library_has_its_hashes(lock):
    for block in re.split(r"\n(?=[a-z])", lock.read_text().strip()):
        assert "--hash=sha256:" in block, block


@pytest.mark.parametrize(
    ("group", "lock"),
    [
        ("runtime", "requirements.lock"),
        ("setup", "requirements-setup.lock"),
        ("dev", "requirements-dev.lock"),
    ],
)
def test_what_the_project_declares_is_locked_in_the_range_it_declares(group, lock):
    locked = pinned(ROOT / lock)
    for wanted in declared()[group]:
        versions = locked.get(canonicalize_name(wanted.name), set())
        assert versions, f"{wanted} is not in {lock}: run setup/lock.sh"
        assert all(wanted.specifier.contains(version) for version in versions), (wanted, versions)


def test_a_library_has_the_same_version_in_every_lock_file():
    everywhere = pinned(ROOT / "requirements-dev.lock")
    for lock in LOCKS:
        for name, versions in pinned(lock).items():
            assert everywhere[name] == versions, (lock.name, name)
