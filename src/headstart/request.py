"""What was asked for, kept in the folder of a run until the run is finished: all that it takes to go on with it."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from headstart.core.dataset import Dataset
from headstart.core.errors import DataError, OptionError, RunError
from headstart.core.installation import versions
from headstart.core.record import Record
from headstart.data.fingerprint import fingerprint
from headstart.data.reader import ReadOptions, local_path, source_name
from headstart.models import SOURCES, resolve
from headstart.models.identifiers import FOLDER

Command = Literal["fit", "pretrain", "verdict"]
READ = ReadOptions()
READING_WORDS = {
    "validation": "val",
    **{name: f"{name}_column" for name in ("image", "text", "text_pair", "label", "group", "domain", "split")},
}
OPTION_WORDS = {"validation": "validation_share", "test": "test_share"}
"""What fields are called on the command line, where that is something else."""


class Request(Record):
    """One run, as it was asked for.

    `source` is an id, an absolute path, or None where `reading` names the parts; with `in_memory` it only says what the
    data were, and they have to be given again. `data_name` is what they were called, as records have it; requests of
    before it was kept have none. `options` are all options of the command. `working_folder` is where the
    command was given, `model_folder` the absolute path of a model that is a folder. `data` is the fingerprint of the
    data, `order` a hash of the order that the items come in. `versions` are those of what decides how weights come out;
    requests of before they were kept have none.
    """

    format: Literal[1] = 1
    command: Command
    source: str | None = None
    in_memory: bool = False
    data_name: str = ""
    reading: ReadOptions = READ
    options: dict[str, Any] = {}
    working_folder: str = ""
    model_folder: str = ""
    data: str = ""
    order: str = ""
    versions: dict[str, str] = {}

    def how_to_resume(self, folder: Path) -> str:
        """What to type to go on with the run in `folder`."""
        if self.in_memory:
            return f"headstart.{self.command}(data, output={str(folder)!r}, resume=True)"
        return f"headstart {self.command} --resume {shlex.quote(str(folder))}"

    def check_same(
        self, source: Any, *, reading: ReadOptions, options: Record, changeable: tuple[str, ...] = ()
    ) -> None:
        """Raise `OptionError` naming everything that is given and was another thing before.

        What has its default value counts as not given. `changeable` are options that may be given anew.
        """
        problems = [
            *_changes(self.reading.to_json(), absolute(reading).to_json(), usual=READ.to_json(), words=READING_WORDS),
            *_changes(
                _flat(self.options),
                {name: value for name, value in _flat(options.to_json()).items() if name not in changeable},
                usual=_flat(type(options)().to_json()),
                words=OPTION_WORDS,
            ),
        ]
        if isinstance(source, (str, Path)) and _named(source) != self.source:
            problems.insert(0, f"The data were {self.source} and are {_named(source)} now.")
        if problems:
            raise OptionError(
                ["A run goes on as it was begun.", *problems],
                hint="Leave out what is not to change, or begin a new run in another folder.",
            )

    def other_versions(self) -> str:
        """What to say where the run was begun with another version of Headstart or torch; empty where it was not."""
        now = versions()
        changed = [name for name in now if self.versions.get(name, now[name]) != now[name]]
        if not changed:
            return ""
        before = " and ".join(f"{name} {self.versions[name]}" for name in changed)
        after = " and ".join(f"{name} {now[name]}" for name in changed)
        return (
            f"This run was begun with {before} and goes on with {after}: "
            "its weights may differ from those of one that was never interrupted."
        )

    def data_source(self, given: Any) -> Any:
        """Where the data are. Raises `RunError` where they were in memory and are not given again."""
        if given is None and self.in_memory:
            raise RunError(
                f"The data of this run were in memory ({self.source}).",
                hint="Give them again, from Python: headstart.fit(data, output=..., resume=True).",
            )
        return given if self.in_memory or not isinstance(given, (str, Path, type(None))) else self.source

    def located(self, model: str) -> str:
        """The model where it was when the command was given, should this be another working folder."""
        if str(Path.cwd()) == self.working_folder:
            return model
        if model == self.options.get("model"):
            return self.model_folder or model
        folder = Path(self.working_folder, Path(model).expanduser())
        other = model in self.options.get("models", ()) and model.partition("/")[0] not in SOURCES.names()
        return str(folder) if other and folder.is_dir() else model

    def called(self, dataset: Dataset) -> Dataset:
        """The data set under the name that it had when the run was begun: records do not show an interruption."""
        return replace(dataset, source=self.data_name or dataset.source)

    def check_data(self, dataset: Dataset) -> None:
        """Raise `DataError` where these are not the data that the run was begun with."""
        if fingerprint(dataset) != self.data:
            raise DataError(
                f"The data in {dataset.source} have changed since the run was begun: pictures or labels differ.",
                hint="Put them back as they were, or begin a new run in another folder.",
            )
        if order_digest(dataset) != self.order:
            raise DataError(
                f"The items of {dataset.source} come in another order, or in other parts, than when the run was begun.",
                hint="Give them in the same order, or begin a new run in another folder.",
            )


def request_for(command: Command, source: Any, *, reading: ReadOptions, options: Record, dataset: Dataset) -> Request:
    """The record of a command that is about to be carried out on a data set that has been scanned."""
    in_memory = not isinstance(source, (str, Path, type(None)))
    return Request(
        command=command,
        source=source_name(dataset.source) if in_memory else _named(source),
        in_memory=in_memory,
        data_name=source_name(dataset.source),
        reading=absolute(reading),
        options=options.to_json(),
        working_folder=str(Path.cwd()),
        model_folder=_model_folder(getattr(options, "model", "")),
        data=fingerprint(dataset),
        order=order_digest(dataset),
        versions=versions(),
    )


def absolute(reading: ReadOptions) -> ReadOptions:
    """The same places, wherever the next command is given."""
    places = ("train", "validation", "test", "image_folder")
    return reading.model_copy(update={name: _named(getattr(reading, name)) for name in places})


def order_digest(dataset: Dataset) -> str:
    """A short text that changes with the order of the items and with the parts that they came in."""
    if dataset.content is None:
        raise ValueError("the order is known by the content hashes of a scanned data set")
    digest = hashlib.blake2b(np.ascontiguousarray(dataset.content).tobytes(), digest_size=16)
    digest.update(dataset.parts.tobytes())
    return digest.hexdigest()


def _named(source: str | Path | None) -> str | None:
    if source is None:
        return None
    path = local_path(source)
    return str(source) if path is None else str(path.absolute())


def _model_folder(model: str) -> str:
    if not model or model == "auto":
        return ""
    _, rest = resolve(model)
    return str(Path(rest.removeprefix(FOLDER)).absolute()) if rest.startswith(FOLDER) else ""


def _changes(
    before: Mapping[str, Any], now: Mapping[str, Any], *, usual: Mapping[str, Any], words: Mapping[str, str]
) -> list[str]:
    """A sentence for each value that was given now and is not what it was before."""
    return [
        f"--{words.get(name, name).replace('_', '-')} was {before.get(name)} and is {value} now."
        for name, value in now.items()
        if value not in (usual[name], before.get(name))
    ]


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of nested mappings of options under their own names."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if name == "settings":
            flat.update(value)
        else:
            flat[name] = value
    return flat
