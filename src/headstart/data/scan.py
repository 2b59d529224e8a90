"""One look at every picture, in parallel: what it is, whether it can be used, and what will become of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from xxhash import xxh3_128

from headstart.core.console import Progress, progress
from headstart.core.dataset import Dataset, InputColumn
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.core.runtime import cores
from headstart.data.decode import Raw, open_source
from headstart.data.facts import ROW, Facts, header_of_row, row_of
from headstart.data.facts_cache import Fact, FactsCache
from headstart.data.picture import PictureError, corner
from headstart.data.sketch import SIDE, sketches, thumbnail

SPAN = 4096
CHUNK = 32
# Errors that lie in the content and not in the circumstances, so that they stay while the file does.
_LASTING = frozenset({"empty", "not a picture", "truncated", "damaged", "unfit"})
_FORMATS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "AVIF": (".avif",),
    "PPM": (".pbm", ".pgm", ".pnm", ".ppm"),
    "JPEG2000": (".jp2",),
    "ICO": (".ico",),
    "TGA": (".tga",),
}
_EXPECTED = {suffix: name for name, suffixes in _FORMATS.items() for suffix in suffixes}


def scan(dataset: Dataset) -> tuple[Dataset, Facts]:
    """The data set of the pictures that can be used, with `content` filled in, and what is known of each.

    Its ledger gains a line for every picture that is left out, is converted or has the wrong suffix, by reason. Files
    that have not changed since an earlier scan are not read again.
    """
    rows, problems, notes = _look_at_all(dataset.inputs)
    readable = np.flatnonzero(~np.isin(np.arange(len(dataset)), list(problems))).astype(np.int64)
    skipped = Ledger.of(("skipped", reason, dataset.inputs.name(index)) for index, reason in sorted(problems.items()))
    facts = Facts(rows[readable], skipped.lines)
    kept = dataset.take(readable)
    ledger = dataset.ledger + skipped + Ledger.of([*_conversions(kept, facts), *_suffixes(kept, facts), *notes])
    return replace(kept, content=facts.content, ledger=ledger), facts


def content_hash(raw: Raw) -> bytes:
    """16 bytes that identify a picture: a hash of the encoded bytes, or of the pixels where that is what was given."""
    if isinstance(raw, bytes):
        return xxh3_128(raw).digest()
    if isinstance(raw, Image.Image):
        hashed = xxh3_128(f"{raw.mode} {raw.size}".encode())
        hashed.update(raw.tobytes())
    else:
        hashed = xxh3_128(f"{raw.dtype.str} {raw.shape}".encode())
        hashed.update(np.ascontiguousarray(raw).data)
    return hashed.digest()


def _look_at_all(column: InputColumn) -> tuple[npt.NDArray[Any], dict[int, str], list[Event]]:
    """Rows (N,), the reasons of the pictures that cannot be used, and events about the cache."""
    rows = np.zeros(len(column), ROW)
    problems: dict[int, str] = {}
    workers = ThreadPoolExecutor(min(32, 2 * cores()), thread_name_prefix="headstart-scan")
    with FactsCache() as cache, progress(len(column), "looking at the pictures", unit="pictures") as bar:
        try:
            for start in range(0, len(column), SPAN):
                span = range(start, min(start + SPAN, len(column)))
                for index, fact in _span_facts(column, span, cache, workers, bar):
                    rows[index] = fact.row[0]
                    if fact.kind:
                        problems[index] = fact.reason
        finally:
            workers.shutdown(cancel_futures=True)
        return rows, problems, [("noted", note, cache.path.name) for note in cache.notes]


def _span_facts(
    column: InputColumn, span: range, cache: FactsCache, workers: ThreadPoolExecutor, bar: Progress
) -> Iterator[tuple[int, Fact]]:
    # Stamps are taken before the files are read: one that changes meanwhile is read again next time.
    stamps = [column.stamp(index) for index in span]
    known = cache.find(stamps)
    yield from ((index, fact) for index, fact in zip(span, known, strict=True) if fact is not None)
    missing = [index for index, fact in zip(span, known, strict=True) if fact is None]
    bar.advance(len(span) - len(missing))
    chunks = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]
    for chunk, facts in zip(chunks, workers.map(lambda chunk: _look(column, chunk), chunks), strict=True):
        pairs = list(zip(chunk, facts, strict=True))
        lasting = [
            (stamps[index - span.start], fact) for index, fact in pairs if not fact.kind or fact.kind in _LASTING
        ]
        cache.add((stamp, fact) for stamp, fact in lasting if stamp is not None)
        bar.advance(len(chunk))
        yield from pairs


def _look(column: InputColumn, indices: Sequence[int]) -> list[Fact]:
    """Facts about a few pictures; their sketches are drawn together, which is quicker for small ones."""
    facts: list[Fact] = []
    thumbnails = np.zeros((len(indices), SIDE, SIDE), np.float32)
    for place, index in enumerate(indices):
        try:
            fact, thumbnails[place] = _look_at_one(_read(column, index))
        except PictureError as error:
            fact = Fact(np.zeros(1, ROW), error.kind, error.reason)
        facts.append(fact)
    drawn = sketches(thumbnails)
    for fact, sketch in zip(facts, drawn, strict=True):
        fact.row["sketch"] = sketch
    return facts


def _read(column: InputColumn, index: int) -> Raw:
    try:
        raw: Raw = column.read(index)
    except OSError as error:
        raise PictureError("unreadable", (error.strerror or str(error)).lower()) from error
    except DataError as error:
        raise PictureError("unreadable", str(error)) from error
    return raw


def _look_at_one(raw: Raw) -> tuple[Fact, npt.NDArray[np.float32]]:
    source = open_source(raw, count_frames=True)
    header = source.header
    # A reduced scale is enough for the thumbnail, and it still takes all of the data to decode.
    reduction = source.reduction(min(header.width, header.height) / SIDE)
    planes = source.decode(reduction=reduction, grey=True)
    left, top = corner(header, planes[0].size, reduction=reduction)
    box = (left, top, left + header.width / reduction, top + header.height / reduction)
    small = thumbnail(planes, box=box)
    size = len(raw) if isinstance(raw, bytes) else getattr(raw, "nbytes", 0)
    return Fact(row_of(header, content=content_hash(raw), size=size)), small


def _conversions(dataset: Dataset, facts: Facts) -> Iterator[Event]:
    fields = facts.rows[["frames", "orientation", "depth", "transparent", "mode"]]
    _, first, of = np.unique(fields, return_index=True, return_inverse=True)
    rules = [header_of_row(facts.rows[row]).conversions for row in first]
    for kind in np.argsort(first):
        if rules[kind]:
            for index in np.flatnonzero(of == kind):
                yield from (("converted", rule, dataset.inputs.name(int(index))) for rule in rules[kind])


def _suffixes(dataset: Dataset, facts: Facts) -> Iterator[Event]:
    for index, format in enumerate(facts.rows["format"]):
        name = dataset.inputs.name(index)
        suffix = name[name.rfind(".") :].lower() if "." in name else ""
        actual = format.decode()
        if _EXPECTED.get(suffix, actual) != actual and actual in _FORMATS:
            yield "noted", f"named {suffix}, but is {actual}: read as what it is", name
