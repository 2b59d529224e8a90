"""One xml file of Pascal VOC -> its objects as they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

EDGES = ("xmin", "ymin", "xmax", "ymax")
LARGEST_SIDE = (1 << 31) - 1
HEAD = 256
ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
MARKED = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
UNDERSTOOD = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "iso-8859-1"})
"""The encodings that expat knows by itself; of the others it takes none with several bytes a letter."""
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "euc-kr": "cp949"}
"""What files of an encoding are really in, where its makers have added letters."""


@dataclass
class VocFile:
    """Lists of one entry an object; `size` is width and height, zeros where the file does not say."""

    size: tuple[int, int] = (0, 0)
    names: list[str] = field(default_factory=list)
    xyxy: list[tuple[float, ...]] = field(default_factory=list)
    difficult: list[bool] = field(default_factory=list)
    truncated: list[bool] = field(default_factory=list)

    @property
    def lowest(self) -> float:
        """The smallest left or upper edge."""
        return min((min(box) for box in self.xyxy), default=1.0)


def read_voc(path: Path, problems: list[str]) -> VocFile:
    """Read one file; what is wrong with it is added to `problems`."""
    found = VocFile()
    shown = f"{path.parent.name}/{path.name}"
    try:
        root = _parsed(path.read_bytes())
    except OSError as error:
        problems.append(f"{shown} cannot be read: {error.strerror or error}.")
        return found
    except (ElementTree.ParseError, UnicodeError) as error:
        problems.append(f"{shown} is no xml: {error}.")
        return found
    except LookupError:
        problems.append(f"{shown} names an encoding that is not known: save it as UTF-8.")
        return found
    if root.tag != "annotation":
        problems.append(f"{shown} is no annotation of VOC: it is about '{root.tag}'.")
        return found
    found.size = _size(root)
    for number, item in enumerate(root.iter("object"), 1):
        _add(item, f"{shown}: object {number}", found, problems)
    return found


def _parsed(content: bytes) -> ElementTree.Element:
    """The root of the xml. Raises `ParseError`, `UnicodeError`, and `LookupError` for an unknown encoding."""
    named = ENCODING.search(content[:HEAD])
    name = named[1].decode().lower() if named else ""
    if not name or content.startswith(MARKED) or name in UNDERSTOOD:
        return ElementTree.fromstring(content)
    return ElementTree.fromstring(content.decode(WIDER.get(name, name)))


def _size(root: ElementTree.Element) -> tuple[int, int]:
    try:
        width, height = (int(float(root.findtext(f"size/{side}") or 0)) for side in ("width", "height"))
    except (ValueError, OverflowError):
        return 0, 0
    return (width, height) if 0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE else (0, 0)


def _add(item: ElementTree.Element, called: str, found: VocFile, problems: list[str]) -> None:
    name = (item.findtext("name") or "").strip()
    edges = [item.findtext(f"bndbox/{edge}") for edge in EDGES]
    if not name:
        problems.append(f"{called} has no name.")
    lacking = [edge for edge, value in zip(EDGES, edges, strict=True) if value is None]
    if lacking:
        problems.append(f"{called} has no {', '.join(lacking)}.")
    if not name or lacking:
        return
    try:
        box = tuple(float(value or "") for value in edges)
    except ValueError:
        problems.append(f"{called} has edges that are no numbers: {', '.join(map(str, edges))}.")
        return
    found.names.append(name)
    found.xyxy.append(box)
    found.difficult.append(_flag(item, "difficult"))
    found.truncated.append(_flag(item, "truncated"))


def _flag(item: ElementTree.Element, name: str) -> bool:
    return (item.findtext(name) or "").strip().casefold() in ("1", "true", "yes")
