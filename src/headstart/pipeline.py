"""The product as a sentence: load the data, plan, carry out, evaluate, keep, and use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from headstart.core.console import say
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError, RunError
from headstart.core.evaluation import Evaluation
from headstart.core.ledger import Ledger
from headstart.core.modality import noun
from headstart.core.options import FitOptions
from headstart.core.prediction import Prediction
from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.core.profile import Profile
from headstart.core.run_record import RunRecord
from headstart.core.runtime import resolve_device
from headstart.core.strategy import Plan
from headstart.data import read_dataset
from headstart.data.item_facts import ItemFacts
from headstart.data.looking import look_at
from headstart.data.reader import ReadOptions
from headstart.data.split_book import load_pinned, save_split
from headstart.data.splitting import assign_parts
from headstart.job import Job
from headstart.profiling import leaked_items, profile
from headstart.request import Request
from headstart.run_folder import REQUEST, check_new, is_unfinished

RECORD, PLAN, SPLIT = "run.json", "plan.json", "split.parquet"
PRETRAINED = "pretraining.json"
_FIT = FitOptions()
_PRETRAIN = PretrainOptions()
_READ = ReadOptions()


@dataclass(frozen=True)
class Data:
    """A data set that has been looked at once: every item was opened, what cannot be used is in the ledger."""

    dataset: Dataset
    facts: ItemFacts

    @cached_property
    def profile(self) -> Profile:
        """What is in it: classes, sizes, duplicates, leaks, warnings."""
        return profile(self.dataset, self.facts)

    @property
    def ledger(self) -> Ledger:
        """Every skipped, repaired, converted or substituted item, with its reason."""
        return self.dataset.ledger

    def __len__(self) -> int:
        return len(self.dataset)


class Run:
    """A saved run: a folder with the model, the plan, the numbers and the ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = RunRecord.read(folder / RECORD)

    @cached_property
    def trained(self) -> Any:
        """The `TrainedModel`, read when it is first needed."""
        from headstart.artefact import TrainedModel

        return TrainedModel.load(self.folder)

    @property
    def metrics(self) -> dict[str, float]:
        """The numbers on held-out data; empty where there were none."""
        return self.record.test.metrics if self.record.test is not None else {}

    def evaluate(self, data: Any, *, part: str | None = None, device: str = "auto") -> Evaluation:
        """Measure on labelled data: on their part of that name, else their held-out part, else all of them."""
        return evaluate(self, data, part=part, device=device)

    def predict(
        self, inputs: Any, *, top: int = 1, threshold: float | None = None, device: str = "auto"
    ) -> list[Prediction]:
        """Predict files, folders, arrays or PIL pictures, or texts; one prediction an input, in order.

        For a model of texts a string is a text, a tuple of two a pair, and a `Path` a file, folder or table.
        """
        return list(predict(self, inputs, top=top, threshold=threshold, device=device))

    def save(self, folder: str | Path) -> Run:
        """Copy the run to another folder, which must be new or empty."""
        target = Path(folder)
        check_new(target)
        shutil.copytree(self.folder, target, dirs_exist_ok=True)
        return Run(target)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"


def load_data(source: Any, *, options: ReadOptions = _READ) -> Data:
    """Read labelled data in any layout that is understood, and look at every item once.

    `source` is a folder, a table, the id of a hub data set, a `DatasetDict`, a pair of pictures and labels, or a
    mapping from `train`, `val` and `test` to such sources. Raises `DataError` with all problems at once.
    """
    dataset, facts = look_at(read_dataset(source, options))
    if not len(dataset):
        raise DataError(
            [
                f"{dataset.source} holds no {noun(dataset.modality)} that can be read.",
                *(str(line) for line in dataset.ledger.lines),
            ]
        )
    return Data(dataset, facts)


def inspect(source: Any, *, options: ReadOptions = _READ) -> Profile:
    """What is in the data: task, classes, balance, sizes, bad files, duplicates, leaks."""
    return as_data(source, options=options).profile


def as_data(source: Any, *, options: ReadOptions = _READ) -> Data:
    """The source itself where it is loaded already."""
    return source if isinstance(source, Data) else load_data(source, options=options)


def fit(
    source: Any = None,
    *,
    output: str | Path | None = None,
    options: FitOptions = _FIT,
    reading: ReadOptions = _READ,
    resume: bool = False,
) -> Run:
    """Choose, fine-tune, measure and save. The run lies in `output`, by default a new folder in `runs/`.

    The held-out part of the data (`test`, else `val`, else a fifth that is set aside by content) takes part in nothing
    but the last evaluation. With `resume`, an unfinished run in `output` is gone on with, to the same weights as if it
    had never stopped; it knows its data, unless they were in memory, and its options. Where it is finished already, it
    is returned, and where there is none, it is begun.
    """
    job = Job("fit", source, reading, options, load=_loaded, work=_fit, result=RECORD)
    return Run(job.run(None if output is None else Path(output), resume=resume))


def pretrain(
    source: Any = None,
    *,
    output: str | Path,
    options: PretrainOptions = _PRETRAIN,
    reading: ReadOptions = _READ,
    resume: bool = False,
) -> PretrainRecord:
    """Train an architecture from scratch on a large labelled set, and save it in `output` as a model to start from.

    The held-out part of the data (`test`, else `val`, else the share `options.held_out`) is measured on, not learnt
    from. The folder is then a model id: `fit(data, options=FitOptions(model="./output"))`, and timm loads it too.
    `resume` goes on with an unfinished one, as in `fit`; `max_minutes` may then be another.
    """

    def work(data: Data, request: Request, folder: Path) -> None:
        from headstart.pretraining import pretrain as run_pretrain

        asked = PretrainOptions.model_validate(request.options)
        if options.max_minutes is not None:
            asked = asked.model_copy(update={"max_minutes": options.max_minutes})
        dataset = assign_parts(data.dataset, validation=0.0, test=asked.held_out)
        run_pretrain(dataset, folder=folder, options=asked)

    changeable = ("max_minutes",)
    job = Job("pretrain", source, reading, options, load=_loaded, work=work, result=PRETRAINED, changeable=changeable)
    return PretrainRecord.read(job.run(Path(output), resume=resume) / PRETRAINED)


def _loaded(source: Any, reading: ReadOptions) -> Data:
    return as_data(source, options=reading)


def _fit(data: Data, request: Request, folder: Path) -> None:
    """Whatever is in the folder already was decided by a process that came to its end, and is taken as it is."""
    from headstart.combining import combine
    from headstart.execution import execute
    from headstart.planning import plan

    options = FitOptions.model_validate(request.options)
    options = options.model_copy(update={"model": request.located(options.model)})
    kept, planned_before = folder / SPLIT, folder / PLAN
    dataset = split(data, options, kept=kept if kept.exists() else None)
    planned = Plan.read(planned_before) if planned_before.exists() else plan(dataset, options)
    planned = planned.model_copy(update={"model": request.located(planned.model)})
    for line in dataset.ledger.lines:
        say(str(line))
    for reason in planned.reasons:
        if reason.why != "given":
            say(f"{reason.choice}: {reason.value} ({reason.why})")
    if not planned_before.exists():
        save_split(dataset, kept, validation=options.validation, test=options.test)
        data.profile.write(folder / "profile.json")
        dataset.ledger.write(folder / "ledger.json")
        planned.write(planned_before)
    carry_out = execute if planned.combination is None else combine
    outcome = carry_out(planned, dataset, leaked=leaked_items(dataset, data.facts), folder=folder)
    if outcome.ledger.lines:
        (dataset.ledger + outcome.ledger).write(folder / "ledger.json")
    outcome.trained.save(folder)
    outcome.record.write(folder / RECORD)


def split(data: Data, options: FitOptions = _FIT, *, kept: Path | None = None) -> Dataset:
    """The data set with every item in a part; items that were placed before, or in the split `kept`, stay there."""
    book = _split_book(data.dataset)
    known = kept or book
    dataset = assign_parts(
        data.dataset,
        validation=options.validation,
        test=options.test,
        pinned=load_pinned(known) if known.exists() else None,
    )
    if kept is not None:
        return dataset
    save_split(dataset, book, validation=options.validation, test=options.test)
    return dataset


def evaluate(run: Run, source: Any, *, part: str | None = None, device: str = "auto") -> Evaluation:
    """Measure a run on labelled data: on `part`, else the held-out part that came with them, else all of them."""
    from headstart import evaluation

    dataset = as_data(source, options=_READ.model_copy(update={"least_classes": 1})).dataset
    name, chosen = _chosen_part(dataset, part)
    return evaluation.evaluate(run.trained, chosen, part=name, device=resolve_device(device))


def predict(
    run: Run, inputs: Any, *, top: int = 1, threshold: float | None = None, device: str = "auto"
) -> Iterator[Prediction]:
    """Predict any number of files, folders, arrays or PIL pictures, or of texts, streamed in order.

    An input that cannot be read gives a prediction without a label that says why.
    """
    from headstart import prediction

    return prediction.predict(run.trained, inputs, top=top, threshold=threshold, device=resolve_device(device))


def load(folder: str | Path) -> Run:
    """A saved run, without unpickling anything and without the network. Raises `RunError` where it is not one."""
    path = Path(folder)
    if not path.is_dir():
        raise RunError(f"{path} is not a folder.", hint="Give the folder of a saved run, such as runs/photos-1.")
    if is_unfinished(path) and not (path / RECORD).is_file():
        how = Request.read(path / REQUEST).how_to_resume(path)
        raise RunError(f"{path} holds a run that is not finished.", hint=f"Continue with: {how}")
    return Run(path)


def _chosen_part(dataset: Dataset, name: str | None) -> tuple[str, Dataset]:
    from headstart.data.parts import part_of

    held_out = [given for given in dataset.given_parts if part_of(given) in (Part.TEST, Part.VALIDATION)]
    if name is None and held_out:
        name = held_out[-1]
    if name is None:
        return "all", dataset
    part = part_of(name)
    if part is None or not len(dataset.indices(part)):
        raise DataError(
            f"The data have no part '{name}'.", hint=f"They have: {', '.join(dataset.given_parts) or 'one part'}."
        )
    return name, dataset.part(part)


def _split_book(dataset: Dataset) -> Path:
    import hashlib

    from headstart.core.runtime import cache_folder

    name = hashlib.sha256(str(Path(dataset.source).absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return cache_folder() / "splits" / f"{name}.parquet"
