"""The product as a sentence: load the data, plan, carry out, evaluate, keep, and use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from headstart.core.allocator import kept_memory
from headstart.core.console import say
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError, Interrupted, ModelError, RunError
from headstart.core.evaluation import Evaluation
from headstart.core.options import FitOptions
from headstart.core.prediction import Prediction
from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.core.ranking import Ranking, RankOptions
from headstart.core.run_record import RANKING, RECORD, REQUEST, VERDICT, RunRecord
from headstart.core.runtime import resolve_device
from headstart.core.strategy import Plan
from headstart.core.verdict import Verdict, VerdictOptions
from headstart.data.reader import ReadOptions
from headstart.data.split_book import save_split
from headstart.data.splitting import assign_parts
from headstart.job import Job
from headstart.loading import Data, as_data, load_to_pretrain, split
from headstart.profiling import leaked_items
from headstart.request import Request
from headstart.run_folder import check_new, is_unfinished, new_results

PLAN, SPLIT = "plan.json", "split.parquet"
PRETRAINED = "pretraining.json"
FIGURE = "verdict.png"
_FIT = FitOptions()
_RANK = RankOptions()
_PRETRAIN = PretrainOptions()
_READ = ReadOptions()
_VERDICT = VerdictOptions()


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
        self,
        inputs: Any,
        *,
        top: int = 1,
        threshold: float | None = None,
        device: str = "auto",
        reading: ReadOptions | None = None,
    ) -> list[Prediction]:
        """Predict files, folders, arrays or PIL pictures, or texts; one prediction an input, in order.

        For a model of texts a string is a text, a tuple of two a pair, and a `Path` a file, folder or table, whose
        columns `reading` names where they are not called as usual.
        """
        return list(predict(self, inputs, top=top, threshold=threshold, device=device, reading=reading or _READ))

    def save(self, folder: str | Path) -> Run:
        """Copy the run to another folder, which must be new or empty."""
        target = Path(folder)
        check_new(target)
        shutil.copytree(self.folder, target, dirs_exist_ok=True)
        return Run(target)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"


@kept_memory()
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


@kept_memory()
def pretrain(
    source: Any = None,
    *,
    output: str | Path,
    options: PretrainOptions = _PRETRAIN,
    reading: ReadOptions = _READ,
    resume: bool = False,
) -> PretrainRecord:
    """Train an architecture from scratch on a large data set, and save it in `output` as a model to start from.

    Pictures need labels; from texts, it is learnt to fill in words, and labels are not looked at. The held-out part of
    the data (`test`, else `val`, else the share `options.held_out`) is measured on, not learnt from. The folder is then
    a model id: `fit(data, options=FitOptions(model="./output"))`, and timm or transformers load it too. `resume` goes
    on with an unfinished one, as in `fit`; `max_minutes` may then be another.
    """

    def work(data: Data, request: Request, folder: Path, _: float) -> None:
        from headstart.pretraining import pretrain as run_pretrain

        asked = PretrainOptions.model_validate(request.options)
        if options.max_minutes is not None:
            asked = asked.model_copy(update={"max_minutes": options.max_minutes})
        dataset = request.called(assign_parts(data.dataset, validation=0.0, test=asked.held_out))
        run_pretrain(dataset, folder=folder, options=asked)

    changeable = ("max_minutes",)
    job = Job(
        "pretrain",
        source,
        reading,
        options,
        load=_loaded_to_pretrain,
        work=work,
        result=PRETRAINED,
        changeable=changeable,
    )
    return PretrainRecord.read(job.run(Path(output), resume=resume) / PRETRAINED)


@kept_memory()
def verdict(
    source: Any = None,
    *,
    output: str | Path | None = None,
    options: VerdictOptions = _VERDICT,
    reading: ReadOptions = _READ,
    resume: bool = False,
) -> Verdict:
    """Whether transfer helps on these data: arms with the same labels, seeds and time, compared on held-out items.

    The folder `output`, by default a new one in `runs/`, ends up with `verdict.json` and a picture. `resume` goes on
    with an unfinished one, as in `fit`; of what was done, at most one repeat of one arm is done again.
    """
    job = Job("verdict", source, reading, options, load=_loaded, work=_verdict, result=VERDICT)
    folder = job.run(None if output is None else Path(output), resume=resume)
    return Verdict.read(folder / VERDICT).model_copy(update={"folder": str(folder)})


def _loaded(source: Any, reading: ReadOptions) -> Data:
    return as_data(source, options=reading)


def _loaded_to_pretrain(source: Any, reading: ReadOptions) -> Data:
    return load_to_pretrain(source, options=reading)


def _fit(data: Data, request: Request, folder: Path, begun: float) -> None:
    """Whatever is in the folder already was decided by a process that came to its end, and is taken as it is."""
    from headstart.combining import combine
    from headstart.execution import execute
    from headstart.model_choice import choose_model
    from headstart.planning import plan
    from headstart.structured import execute_structured

    options = FitOptions.model_validate(request.options)
    options = options.model_copy(update={"model": request.located(options.model)})
    kept, planned_before = folder / SPLIT, folder / PLAN
    dataset = request.called(split(data, options, kept=kept if kept.exists() else None))
    if planned_before.exists():
        planned = Plan.read(planned_before)
    else:
        ranked = options.model == "auto" and not dataset.structured
        chosen = choose_model(dataset, options, folder) if ranked else None
        planned = plan(dataset, options, chosen=chosen)
    planned = planned.model_copy(update={"model": request.located(planned.model)})
    if planned_before.exists():
        _check_model(planned)
    for line in dataset.ledger.lines:
        say(str(line))
    for reason in planned.reasons:
        if reason.why != "given":
            say(f"{reason.choice}: {reason.value} ({reason.why})")
    if not planned_before.exists():
        save_split(dataset, kept, validation=options.validation, test=options.test)
        data.profile.model_copy(update={"source": dataset.source}).write(folder / "profile.json")
        dataset.ledger.write(folder / "ledger.json")
        planned.write(planned_before)
    single = execute_structured if dataset.structured else execute
    carry_out = single if planned.combination is None else combine
    outcome = carry_out(planned, dataset, leaked=leaked_items(dataset, data.facts), folder=folder, begun=begun)
    if outcome.ledger.lines:
        (dataset.ledger + outcome.ledger).write(folder / "ledger.json")
    outcome.trained.save(folder)
    outcome.record.write(folder / RECORD)


@kept_memory()
def rank(
    source: Any = None, *, options: RankOptions = _RANK, reading: ReadOptions = _READ, output: str | Path | None = None
) -> Ranking:
    """Which pretrained model suits the data: candidates in order, with intervals, ties, cost and a choice.

    The held-out part of the data is the one that `fit` holds out, and is not looked at. With `output`, `ranking.json`
    and a picture of it, `ranking.png`, are written to that folder. A ranking of the same data, models and options is
    not computed twice: it is kept in the cache.
    """
    from headstart.figures.ranking import draw_ranking
    from headstart.ranking_cache import kept_ranking

    folder = None if output is None else Path(output)
    with new_results(folder):
        data = as_data(source, options=reading)
        dataset = split(data, FitOptions(validation=options.validation, test=options.test))
        try:
            found = kept_ranking(dataset, options)
        except KeyboardInterrupt as error:
            raise Interrupted(
                "The features that were computed are kept in the cache: the same command goes on from there."
            ) from error
        if folder is not None:
            found.write(folder / RANKING)
            draw_ranking(found, folder / "ranking.png")
    return found


def _check_model(planned: Plan) -> None:
    """Raise `ModelError` where the weights are not those that the run was begun with."""
    from headstart import models

    found = models.card(planned.model).revision
    if planned.revision not in ("", found):
        raise ModelError(
            f"The model {planned.model} has changed since the run was begun: it was {planned.revision[:19]} and is "
            f"{found[:19]} now.",
            hint="Put it back as it was, or begin a new run in another folder.",
        )


def _verdict(data: Data, request: Request, folder: Path, _: float) -> None:
    from headstart.comparing.figure import draw
    from headstart.comparing.running import compare
    from headstart.evaluation import held_out_name

    options = VerdictOptions.model_validate(request.options)
    options = options.model_copy(
        update={"model": request.located(options.model), "models": tuple(map(request.located, options.models))}
    )
    kept, shares = folder / SPLIT, FitOptions(validation=options.validation, test=options.test)
    dataset = request.called(split(data, shares, kept=kept if kept.exists() else None))
    if not kept.exists():
        for line in dataset.ledger.lines:
            say(str(line))
        save_split(dataset, kept, validation=options.validation, test=options.test)
    leaked, held_out = leaked_items(dataset, data.facts), held_out_name(dataset)
    found = compare(dataset, options, leaked=leaked, held_out=held_out, folder=folder)
    draw(found, folder / FIGURE)
    found.write(folder / VERDICT)


@kept_memory()
def evaluate(run: Run, source: Any, *, part: str | None = None, device: str = "auto") -> Evaluation:
    """Measure a run on labelled data: on `part`, else the held-out part that came with them, else all of them."""
    from headstart import evaluation

    dataset = as_data(source, options=_READ.model_copy(update={"least_classes": 1})).dataset
    name, chosen = _chosen_part(dataset, part)
    return evaluation.evaluate(run.trained, chosen, part=name, device=resolve_device(device))


def predict(
    run: Run,
    inputs: Any,
    *,
    top: int = 1,
    threshold: float | None = None,
    device: str = "auto",
    draw: str | Path | None = None,
    reading: ReadOptions = _READ,
) -> Iterator[Prediction]:
    """Predict any number of files, folders, arrays or PIL pictures, or of texts, streamed in order.

    An input that cannot be read gives a prediction without a label that says why. `reading` names the columns of
    tables. With `draw`, boxes and the classes of pixels are drawn onto the pictures, into that folder.
    """
    from headstart import prediction

    folder = None if draw is None else Path(draw)
    device = resolve_device(device)
    return prediction.predict(
        run.trained, inputs, top=top, threshold=threshold, device=device, draw=folder, reading=reading
    )


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
