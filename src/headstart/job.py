"""A command that fills the folder of a run: begun, or gone on with, and nothing done twice where it was finished."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from headstart.core.console import say
from headstart.core.dataset import Dataset
from headstart.core.errors import OptionError, RunError
from headstart.core.record import Record
from headstart.data.reader import ReadOptions
from headstart.request import Command, Request, request_for
from headstart.run_folder import check_new, clear_lock, continued_run, is_unfinished, new_run, numbered_folder


class Loaded(Protocol):
    """Data that have been scanned."""

    @property
    def dataset(self) -> Dataset:
        """The columns, contents hashed."""
        ...


Data = TypeVar("Data", bound=Loaded)


@dataclass(frozen=True)
class Job(Generic[Data]):
    """What is to be done: `load` reads the source, `work` fills the folder and writes the file `result` last.

    `work` is also told when the command began, on the monotonic clock.

    `changeable` are options that may have another value when the run is gone on with.
    """

    command: Command
    source: Any
    reading: ReadOptions
    options: Record
    load: Callable[[Any, ReadOptions], Data]
    work: Callable[[Data, Request, Path, float], None]
    result: str
    changeable: tuple[str, ...] = ()

    def run(self, folder: Path | None, *, resume: bool) -> Path:
        """Begin in a new folder (None: the next one in `runs/`), or with `resume` go on; returns the folder."""
        if not resume:
            return self.begin(folder)
        if folder is None:
            raise OptionError("Which run is to be gone on with?", hint="Give its folder: output=..., or --resume RUN.")
        return self.resume(folder)

    def begin(self, folder: Path | None) -> Path:
        """Load the data, claim the folder, and work. Raises `RunError` where there is something in it already."""
        begun = time.monotonic()
        if folder is not None:
            check_new(folder)
        data = self.load(self.source, self.reading)
        request = request_for(
            self.command, self.source, reading=self.reading, options=self.options, dataset=data.dataset
        )
        stem = Path(data.dataset.source).name + ("-verdict" if self.command == "verdict" else "")
        place = numbered_folder(stem) if folder is None else folder
        with new_run(place, request, ours=folder is None):
            self.work(data, request, place, begun)
        return place

    def resume(self, folder: Path) -> Path:
        """Go on where the folder holds an unfinished run; begin where it holds none and there are data to begin with.

        Raises `OptionError` and `DataError` where options or data are not those that the run was begun with.
        """
        if is_unfinished(folder):
            with continued_run(folder) as request:
                if request is not None and not self._finished(folder):
                    self._go_on(request, folder)
            return folder
        if self._finished(folder):
            clear_lock(folder)
            say(f"{folder} is finished already: there is nothing to go on with.")
            return folder
        if self.source is None and self.reading.train is None:
            taken = folder.is_file() or (folder.is_dir() and any(folder.iterdir()))
            where = "in a new folder" if taken else "one"
            raise RunError(
                f"{folder} holds no run that could be gone on with.",
                hint=f"Begin {where}: headstart {self.command} DATA -o {'FOLDER' if taken else folder}",
            )
        return self.begin(folder)

    def _finished(self, folder: Path) -> bool:
        return (folder / self.result).is_file()

    def _go_on(self, request: Request, folder: Path) -> None:
        if request.command != self.command:
            raise RunError(f"{folder} holds the beginnings of a {request.command}, not of a {self.command}.")
        begun = time.monotonic()
        request.check_same(self.source, reading=self.reading, options=self.options, changeable=self.changeable)
        data = self.load(request.data_source(self.source), request.reading)
        request.check_data(data.dataset)
        changed = request.other_versions()
        if changed:
            say(changed)
        self.work(data, request, folder, begun)
