"""Copies the front-end files that Guanxi serves from node_modules to src/guanxi/web/static/vendor/.

Only what a page loads is copied, with each package's licence; nothing of it is committed. The icons become
one SVG sprite of those that setup/icons.txt names. References to source maps are cut, because the maps are
not served and a static-file manifest would look for them.
"""

import re
import shutil
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "guanxi" / "web" / "static" / "vendor"
ICONS = ROOT / "setup" / "icons.txt"

FILES = {
    "echarts": ("dist/echarts.min.js", "LICENSE", "NOTICE"),
    "htmx.org": ("dist/htmx.min.js", "LICENSE"),
    "tom-select": ("dist/js/tom-select.popular.min.js", "LICENSE"),
    # Its licence (MIT) stands at the head of each file.
    "@tabler/core": ("dist/css/tabler.min.css", "dist/css/tabler-vendors.min.css", "dist/js/tabler.min.js"),
    "@tabler/icons": ("LICENSE",),
}

SVG = "http://www.w3.org/2000/svg"
SOURCE_MAP = re.compile(r"(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")


def copy_package(package: str, names: tuple[str, ...], into: Path) -> None:
    """Copy the named files of one package, flat, into its own folder."""
    into.mkdir(parents=True, exist_ok=True)
    for name in names:
        source = MODULES / package / name
        text = source.read_text(encoding="utf-8")
        (into / source.name).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")


def icon_names() -> list[str]:
    """The icons asked for, in order, without comments and empty lines."""
    lines = (line.strip() for line in ICONS.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def symbol(name: str) -> ET.Element:
    """One icon as a <symbol id="tabler-NAME">, without its invisible frame path."""
    source = MODULES / "@tabler/icons/icons/outline" / f"{name}.svg"
    if not source.exists():
        raise SystemExit(f"setup/icons.txt names {name!r}, which Tabler has not.")
    drawing = ET.parse(source).getroot()  # noqa: S314  # from a package whose hash is locked
    made = ET.Element(f"{{{SVG}}}symbol", {"id": f"tabler-{name}", "viewBox": drawing.get("viewBox", "")})
    made.extend(part for part in drawing if part.get("stroke") != "none")
    return made


def write_sprite(into: Path) -> int:
    """Write the sprite and return how many icons it holds."""
    ET.register_namespace("", SVG)
    sprite = ET.Element(f"{{{SVG}}}svg")
    sprite.extend(symbol(name) for name in icon_names())
    ET.ElementTree(sprite).write(into, encoding="unicode")
    return len(sprite)


def main() -> int:
    """Make the vendor folder anew; a file that is no longer named does not stay."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for package, names in FILES.items():
        copy_package(package, names, VENDOR / package.removeprefix("@").replace("/", "-"))
    icons = write_sprite(VENDOR / "icons.svg")
    size = sum(file.stat().st_size for file in VENDOR.rglob("*") if file.is_file())
    print(f"front end: {len(FILES)} packages, {icons} icons, {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
