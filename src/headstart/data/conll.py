"""CoNLL columns: one word a line with its tag in the last column, an empty line behind each sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError
from headstart.core.ledger import Event, Ledger
from headstart.data.encoding import EncodingError, encoding_of, read_text
from headstart.data.folders import list_folder
from headstart.data.groups import group_codes
from headstart.data.part_files import read_part_files
from headstart.data.parts import part_of
from headstart.data.reader import ReadOptions, local_path
from headstart.data.sentences import Sentences, tagged_dataset
from headstart.data.tag_problems import check_entities, check_tags
from headstart.data.tag_schemes import OUTSIDE, is_tag

SUFFIXES = frozenset(
    {".conll", ".conll2003", ".conll2002", ".bio", ".bioes", ".bmes", ".bilou", ".iob", ".iob1", ".iob2"}
)
PLAIN_SUFFIXES = frozenset(
    {".txt", ".tsv", ".text", ".data", ".ner", ".testa", ".testb", ".train", ".dev", ".test", ""}
)
"""Those of files whose beginning says whether they hold columns of words and tags."""
HEAD = 1 << 16
DOCUMENT = "-DOCSTART-"
HEADS = frozenset({"tag", "tags", "label", "labels", "ner", "ner_tag", "ner_tags", "entity"})
LIKE = 0.95
"""The share of lines whose last column looks like a tag from which on a text is taken for columns."""
SHOWN = 5


class Conll:
    """A file of columns, or a folder with `train`, `dev` and `test` files of them."""

    name = "conll"
    layout = (
        "FILE.conll (or .bio, .bmes, .txt, .tsv) with a word and its tag a line; or train.conll, dev.conll, test.conll"
    )

    def sniff(self, source: Any) -> str | None:
        """Files with such a suffix, and plain text whose last column holds tags such as B-PER and O."""
        path = local_path(source)
        if path is None:
            return None
        files = [path] if path.is_file() else list(files_in(path).values())
        if not files or not all(_is_conll(file) for file in files):
            return None
        return f"{', '.join(file.name for file in files)} {'holds' if len(files) == 1 else 'hold'} words and their tags"

    def read(self, source: Any, options: ReadOptions) -> Dataset:
        """Read the file or files. Raises `DataError` with every line and tag that does not fit."""
        path = local_path(source)
        if path is None:
            raise DataError(f"{source} does not exist.")
        files = {"": path} if path.is_file() else files_in(path)
        dataset = read_part_files(path, files, lambda file: read_conll(file, options))
        return dataset if options.least_classes == 1 else check_entities(dataset)


def files_in(folder: Path) -> dict[str, Path]:
    """Files of columns by the word for their part; one that is the only one in the folder has an empty word."""
    listing = list_folder(folder)
    names = [name for name in listing.files if Path(name).suffix.lower() in SUFFIXES | PLAIN_SUFFIXES]
    split: dict[str, Path] = {}
    for name in names:
        word = next((word for word in name.split(".") if part_of(word) is not None), None)
        if word is not None and (word not in split or _is_conll(folder / name)):
            split[word] = folder / name
    if split:
        return split
    own = [name for name in names if Path(name).suffix.lower() in SUFFIXES]
    return {"": folder / own[0]} if len(own) == 1 else {}


def read_conll(path: Path, options: ReadOptions) -> Dataset:
    """One file as an unsplit data set. Documents between lines of -DOCSTART- are its groups."""
    events: list[Event] = []
    content = _text(path, events)
    lines = _Lines.of(content, path.name, options)
    sentences, documents = lines.sentences(events)
    if not sentences.words:
        raise DataError(f"{path} holds no words.", hint="Each line has a word and its tag, such as: Berlin B-LOC")
    column = sentences.read()
    check_tags(sentences, column, place=path.name)
    if column.scheme not in ("IOB2",):
        events.append(("converted", f"its tags are {column.scheme}, and read as IOB2", path.name))
    dataset = tagged_dataset(sentences, column, source=str(path), events=events)
    if len(set(documents)) < 2:
        return dataset
    names = pa.array([f"document {number} of {path.name}" for number in documents], pa.large_string())
    groups, group_names, more = group_codes(names, dataset.inputs.name)
    return replace(dataset, groups=groups, group_names=group_names, ledger=dataset.ledger + Ledger.of(more))


@dataclass(frozen=True)
class _Lines:
    """The lines of a file that are not comments, cut into `width` columns; an empty tuple ends a sentence."""

    rows: list[tuple[str, ...]]
    numbers: list[int]
    events: list[Event]
    place: str
    word: int = 0
    tag: int = -1

    @classmethod
    def of(cls, content: str, place: str, options: ReadOptions) -> _Lines:
        """Cut the lines. Raises `DataError` with all that have another number of columns."""
        lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        cut = [_cut(line, tabs=tabs) for tabs in [_by_tabs(lines)] for line in lines]
        widths = Counter(len(row) for row in cut if row and row[0] != DOCUMENT)
        width = max(widths, key=lambda number: (widths[number], number), default=2)
        events: list[Event] = []
        known = {row[-1] for row in cut if len(row) == width and not row[0].startswith("#")}
        rows, numbers, bad = [], [], []
        for number, row in enumerate(cut, 1):
            if row and row[0].startswith("#") and not (len(row) == width and (row[-1] in known or is_tag(row[-1]))):
                events.append(("noted", "a comment, which is passed over", f"line {number} of {place}"))
            elif len(row) == 1 and row[0] in known and width > 1:
                events.append(("skipped", "a word without characters", f"line {number} of {place}"))
            elif row and row[0] != DOCUMENT and len(row) != width:
                bad.append((number, len(row)))
            else:
                rows.append(row)
                numbers.append(number)
        _check_widths(bad, width, place)
        found = cls(rows, numbers, events, place, *_columns(rows, width, place, options, events))
        return found._without_head()

    def sentences(self, events: list[Event]) -> tuple[Sentences, list[int]]:
        """The sentences, and the number of the document that each is in."""
        events += self.events
        sentences, documents = Sentences(), []
        words: list[str] = []
        tags: list[str] = []
        first, document = 0, 0
        for number, row in zip([*self.numbers, 0], [*self.rows, ()], strict=True):
            if row and row[0] != DOCUMENT:
                word = row[self.word]
                if not word:
                    events.append(("skipped", "a word without characters", f"line {number} of {self.place}"))
                    continue
                first = first or number
                words.append(word)
                tags.append(row[self.tag])
                continue
            if words:
                sentences.add(f"line {first}", words, tags)
                documents.append(document)
            document += bool(row)
            words, tags, first = [], [], 0
        return sentences, documents

    def _without_head(self) -> _Lines:
        """Without a first line that names the columns."""
        first = next((place for place, row in enumerate(self.rows) if row), None)
        if first is None or self.rows[first][self.tag].casefold() not in HEADS:
            return self
        events: list[Event] = [
            *self.events,
            ("noted", "names the columns", f"line {self.numbers[first]} of {self.place}"),
        ]
        return replace(self, rows=self.rows[first + 1 :], numbers=self.numbers[first + 1 :], events=events)


def _cut(line: str, *, tabs: bool) -> tuple[str, ...]:
    if not line.strip():
        return ()
    if tabs:
        return tuple(cell.strip(" ") for cell in line.rstrip("\t").split("\t"))
    return tuple(re.split(r"[ \t]+", line.strip(" \t")))


def _by_tabs(lines: Sequence[str]) -> bool:
    written = [line for line in lines if line.strip() and not line.startswith(DOCUMENT)]
    return 2 * sum("\t" in line.strip() for line in written) > len(written)


def _columns(
    rows: Sequence[tuple[str, ...]], width: int, place: str, options: ReadOptions, events: list[Event]
) -> tuple[int, int]:
    """The columns of the words and of the tags, from 0: the first, or the second behind one of numbers; the last."""
    if width < 2:
        raise DataError(f"{place} has one column.", hint="Each line has a word and its tag, such as: Berlin B-LOC")
    asked: dict[str, int] = {}
    problems: list[str] = []
    for role, name in (("words", options.text), ("tags", options.label)):
        if name is None:
            continue
        if isinstance(name, str) and name.isdecimal() and 1 <= int(name) <= width:
            asked[role] = int(name) - 1
        else:
            problems.append(f"{place} has no column {name} of {role}: it has {width}, counted from 1.")
    if problems:
        raise DataError(problems)
    word = asked.get("words", 0)
    if "words" not in asked and width > 2 and _counted(rows):
        word = 1
        events.append(("noted", "its first column counts the words: the second holds them", place))
    return word, asked.get("tags", width - 1)


def _counted(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first column counts the words of each sentence from 1."""
    due = 1
    for row in rows:
        if not row or row[0] == DOCUMENT:
            due = 1
        elif row[0] != str(due):
            return False
        else:
            due += 1
    return True


def _check_widths(bad: list[tuple[int, int]], width: int, place: str) -> None:
    if not bad:
        return
    problems = [f"Line {number} of {place} has {count} columns, others {width}." for number, count in bad[:SHOWN]]
    if len(bad) > SHOWN:
        problems.append(f"So have {len(bad) - SHOWN} more lines of {place}.")
    raise DataError(problems, hint="Each line has a word and its tag; an empty line stands behind a sentence.")


def _text(path: Path, events: list[Event]) -> str:
    text, encoding = read_text(path)
    if encoding != "UTF-8":
        events.append(("converted", f"its bytes were read as {encoding}", path.name))
    return text


def _is_conll(path: Path) -> bool:
    if path.suffix.lower() in SUFFIXES:
        return True
    if path.suffix.lower() not in PLAIN_SUFFIXES:
        return False
    try:
        return looks_like_columns(_beginning(path))
    except OSError:
        return False


def _beginning(path: Path) -> str:
    """The lines that lie wholly within the first `HEAD` bytes."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if len(head) < HEAD:
        return _decoded(head)
    if b"\0" not in head:
        return _decoded(head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1])
    # UTF-16 or UTF-32, where a line end is more than one byte; the last two may be the first half of a pair
    text = _decoded(head) or _decoded(head[:-2])
    return text[: max(text.rfind("\n"), text.rfind("\r")) + 1]


def _decoded(content: bytes) -> str:
    """The text, however damaged, so that whoever reads it can say where; empty where it is none."""
    try:
        return content.decode(encoding_of(content))
    except EncodingError:
        return "" if b"\0" in content else content.decode("utf-8", "replace")


def looks_like_columns(text: str) -> bool:
    """Whether nearly every line ends in a tag, with `O` and others among them."""
    lines = [
        line for line in text.lstrip("\ufeff").splitlines() if line.strip() and not line.startswith(("#", DOCUMENT))
    ]
    rows = [line.split() for line in lines]
    last = [row[-1] if len(row) > 1 else "" for row in rows]
    fitting = sum(is_tag(tag) for tag in last)
    found = set(last)
    return bool(found & OUTSIDE) and len(found) > 1 and fitting >= LIKE * len(last)


READER = Conll()
