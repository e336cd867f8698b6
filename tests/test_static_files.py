"""Is what the browser loads small, whole, and all our own?"""

import gzip
import hashlib
import json
import re
import struct
from html.parser import HTMLParser
from pathlib import Path

STATIC = Path(__file__).parents[1] / "motion_tracking" / "dashboard" / "static"
VENDOR = STATIC / "vendor"

HEAVIEST = 120 * 1024
"""Bytes of the first load, gzipped."""

OURS = [path for path in sorted(STATIC.iterdir()) if path.is_file() and path.suffix != ".png"]

NAMES_OF_NOTHING = {"http://www.w3.org/2000/svg"}
"""Names that look like addresses; nothing is fetched there."""

_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""")
_LATER = re.compile(r"""import\(["'](\.[^"']+)["']\)""")


class Tags(HTMLParser):
    """The elements of a page: (name, attributes, text)."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found:
            self.texts[self.found[-1][0]] = data.strip()


def loaded(page: str, later: bool) -> set[Path]:
    """Return the files that a page loads at once, or, with `later`, ever."""
    files = {STATIC / page}
    for tag, attributes in Tags(STATIC / page).found:
        if tag in ("script", "link"):
            files.add(STATIC.parent / str(attributes.get("src") or attributes.get("href")))
    waiting = [path for path in files if path.suffix == ".js"]
    while waiting:
        module = waiting.pop()
        text = module.read_text("utf-8")
        named = set(_IMPORT.findall(text)) - (set() if later else set(_LATER.findall(text)))
        for found in {(module.parent / name).resolve() for name in named} - files:
            files.add(found)
            waiting.append(found)
    return files


def packed(files: set[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 6)) for path in files)


def test_the_first_load_is_small() -> None:
    files = loaded("app.html", later=False)
    assert STATIC / "floor.js" in files
    assert STATIC / "machine.js" not in files
    assert packed(files) <= HEAVIEST


def test_all_that_is_ever_loaded_is_small_too() -> None:
    files = loaded("app.html", later=True) | {VENDOR / "uplot.js", VENDOR / "uplot.css"}
    assert STATIC / "machine.js" in files
    assert packed(files) <= HEAVIEST


def test_every_file_is_loaded_by_a_page() -> None:
    files = loaded("app.html", later=True) | loaded("calibration.html", later=True)
    named = "".join(path.read_text("utf-8") for path in files if path.suffix != ".png")
    there = [path for path in STATIC.iterdir() if path.is_file()]
    assert [path.name for path in there if path not in files and path.name not in named] == []


def test_nothing_is_fetched_from_anywhere_else() -> None:
    for path in OURS:
        text = path.read_text("utf-8")
        addresses = set(re.findall(r"(?:https?|wss?)://[^\s\"'`)<>]*", text))
        assert addresses <= NAMES_OF_NOTHING, path.name
        assert not re.search(r"""["'(]//[a-z]""", text), path.name


def test_pages_have_no_script_and_no_style_of_their_own() -> None:
    """The policy forbids them; a page that needed one would not work."""
    for path in STATIC.glob("*.html"):
        tags = Tags(path)
        for tag, attributes in tags.found:
            assert tag != "style", path.name
            assert not [name for name in attributes if name == "style" or name.startswith("on")]
            if tag == "script":
                assert attributes["src"]
    for path in STATIC.glob("*.js"):
        text = path.read_text("utf-8")
        for never in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert never not in text, f"{path.name}: what is shown is text"
        assert "dangerouslySetInnerHTML" not in text


def test_what_is_of_others_is_as_they_published_it_with_its_licence() -> None:
    held = json.loads((VENDOR / "vendored.json").read_text("utf-8"))
    names = {path.name for path in VENDOR.iterdir()} - {"vendored.json"}
    assert names == set(held)
    for name, said in held.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == said["sha256"], name
        assert f"{said['package']}.LICENSE" in names
        assert said["version"]
        assert said["licence"]


def test_each_of_our_files_says_what_it_answers() -> None:
    for path in OURS:
        first = path.read_text("utf-8").partition("\n")[0]
        if path.suffix in (".js", ".css"):
            assert first.startswith(("// ", "/* ")), path.name
            assert "?" in first, path.name


def test_a_phone_is_given_what_it_needs_to_install_the_page() -> None:
    said = json.loads((STATIC / "manifest.json").read_text("utf-8"))
    assert (said["start_url"], said["scope"], said["display"]) == ("../", "../", "standalone")
    sizes = set()
    for icon in said["icons"]:
        raw = (STATIC / icon["src"]).read_bytes()
        assert raw.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", raw[16:24])
        assert icon["sizes"] == f"{width}x{height}"
        sizes.add((width, icon["purpose"]))
    assert sizes >= {(192, "any"), (512, "any"), (512, "maskable")}
    linked = [str(attributes.get("rel")) for _, attributes in Tags(STATIC / "app.html").found]
    assert {"manifest", "apple-touch-icon"} <= set(linked)
    assert "fetch" not in (STATIC / "notifying.js").read_text("utf-8"), "nothing old is shown"


def test_the_dark_palette_is_written_once_and_names_what_the_light_one_does() -> None:
    def named(text: str) -> set[str]:
        return set(re.findall(r"^ +(--[a-z-]+):", text, re.M))

    light, dark = [(STATIC / name).read_text("utf-8") for name in ("page.css", "dark.css")]
    assert named(dark) <= named(light)
    for path in STATIC.glob("*.css"):
        assert "prefers-color-scheme" not in path.read_text("utf-8"), path.name
