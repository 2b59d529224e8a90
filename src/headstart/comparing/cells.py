"""What a comparison has done so far: one file for each repeat of an arm, so that a death costs one of them at most."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from headstart.comparing import ARMS
from headstart.comparing.arm import Bout, Entry
from headstart.comparing.draws import draw
from headstart.comparing.scores import Scores, scores_of_answers
from headstart.comparing.speed import Pace
from headstart.core.console import hushed, say
from headstart.core.dataset import Dataset, Part
from headstart.core.record import Record
from headstart.core.verdict import ArmFacts, VerdictOptions


class Place(Record):
    """Which repeat of which arm, with what share of the labels, and how many seconds it may take."""

    arm: str
    repeat: int
    share: float = 1.0
    budget: float

    @property
    def name(self) -> str:
        """The name of its file: readable, and another one for every place."""
        readable = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in self.arm)[-60:]
        digest = hashlib.blake2b(f"{self.arm}\0{self.share}".encode(), digest_size=4).hexdigest()
        return f"{readable}-{digest}-{self.repeat}.json"


class Cell(Record):
    """What came of it: the score of each held-out item, in their order. `labels` is how many labelled items it had."""

    place: Place
    labels: int
    seconds: float
    scores: tuple[float, ...]
    facts: ArmFacts

    @property
    def mean(self) -> float:
        """Over the held-out items."""
        return float(np.mean(self.scores))


@dataclass
class Cells:
    """The cells of a comparison, carried out as they are asked for; what is in `folder` already is not done again.

    `seconds` is what all of them took, in this process and in earlier ones.
    """

    dataset: Dataset
    entries: tuple[Entry, ...]
    pace: Pace
    options: VerdictOptions
    folder: Path
    done: dict[str, Cell] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Of all cells so far."""
        return sum(cell.seconds for cell in self.done.values())

    def get(self, place: Place) -> Cell:
        """The cell of a place, carried out where it is not there yet."""
        path = self.folder / place.name
        cell = Cell.read(path) if path.exists() else self._carry_out(place, path)
        self.done[place.name] = cell
        return cell

    def _carry_out(self, place: Place, path: Path) -> Cell:
        entry = self.entry(place.arm)
        options = self.options
        drawn = draw(self.dataset, validation=options.validation, repeat=place.repeat, share=place.share)
        bout = Bout(
            drawn,
            seed=options.seed + place.repeat,
            budget=place.budget,
            mirrored=self._mirrored(),
            pace=self.pace.item if entry.options.model == options.model else None,
            load=self.pace.load,
        )
        started = time.monotonic()
        with hushed():
            answer = ARMS[entry.arm].answer(entry, bout)
        held_out = drawn.part(Part.TEST)
        cell = Cell(
            place=place,
            labels=len(drawn) - len(held_out),
            seconds=time.monotonic() - started,
            scores=tuple(scores_of_answers(answer.probabilities, held_out).tolist()),
            facts=answer.facts,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        cell.write(path)
        labels = "" if place.share == 1 else f" with {cell.labels} labels"
        say(f"repeat {place.repeat + 1}: {place.arm}{labels}: {100 * cell.mean:.1f} % in {cell.seconds:.1f} s")
        return cell

    def entry(self, name: str) -> Entry:
        """The entry of that name."""
        return next(entry for entry in self.entries if entry.name == name)

    def _mirrored(self) -> bool | None:
        """What the transfer arm found out about mirror images in its first repeat."""
        transfer = next(entry.name for entry in self.entries if entry.role == "transfer")
        found = [cell for cell in self.done.values() if cell.place.arm == transfer]
        return found[0].facts.mirrored if found else None


def scores_of(cells: list[Cell]) -> Scores:
    """float64 (R, N): a row a repeat."""
    return np.array([cell.scores for cell in cells], np.float64)
