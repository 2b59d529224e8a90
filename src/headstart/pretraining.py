"""A large data set -> a pretrained model: step one of transfer learning, with the loop of every other step."""

from __future__ import annotations

import time
from pathlib import Path

from headstart.core.compatibility import check_torch_pair
from headstart.core.dataset import Dataset, Part
from headstart.core.files import write_atomically
from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.core.run_record import CHECKPOINT
from headstart.core.runtime import environment, resolve_device, resolve_precision
from headstart.objectives import OBJECTIVES
from headstart.tasks.task import Model
from headstart.train.loop import TrainSettings, Validation, train
from headstart.train.pretrain import pretraining_strategy


def pretrain(dataset: Dataset, *, folder: Path, options: PretrainOptions) -> PretrainRecord:
    """Train an architecture from scratch and save it as a folder that is a model id.

    Every item outside the test part is trained on; the test part is measured after each epoch but decides nothing.
    What the folder holds of a training that was interrupted is gone on with. Raises `OptionError` for options that do
    not go together or with these items, and `ModelError` for an architecture that cannot be had.
    """
    check_torch_pair()
    started = time.monotonic()
    options = options.settled(dataset.modality)
    device = resolve_device(options.device)
    precision = resolve_precision(options.precision, device)
    lesson = OBJECTIVES[options.objective].begin(dataset, options)
    held_out = len(dataset.indices(Part.TEST))
    settings = TrainSettings(
        seed=options.seed,
        device=device,
        precision=precision,
        max_seconds=None if options.max_minutes is None else 60 * options.max_minutes,
        folder=folder,
        checkpoint=folder / CHECKPOINT,
        resume=True,
        description="pretraining",
    )

    def validate(model: Model) -> Validation:
        found = lesson.measure(model, device=device)
        return Validation(found.get("accuracy", 0.0), {f"validation_{name}": value for name, value in found.items()})

    strategy = pretraining_strategy(options)
    trained = train(lesson.model, lesson.task, lesson.feed, strategy, settings=settings, validate=validate)
    lesson.write(folder)
    record = PretrainRecord(
        options=options,
        source=Path(dataset.source).name,
        labels=lesson.labels,
        items={"train": len(dataset) - held_out, "held out": held_out},
        held_out=dataset.given_parts[-1] if len(dataset.given_parts) > 1 else "set aside by content",
        parameters=sum(parameter.numel() for parameter in lesson.model.parameters()),
        epochs=len(trained.curve),
        steps=trained.steps,
        accuracy=lesson.saved_accuracy(folder, device=device),
        stopped=trained.stopped,
        seconds=round(time.monotonic() - started + trained.earlier_seconds, 1),
        examples_per_second=round(trained.examples_per_second, 1),
        environment=environment(device, precision),
    )
    write_atomically(folder / "MODEL_CARD.md", lesson.card(record, name=folder.name).encode())
    record.write(folder / "pretraining.json")
    (folder / CHECKPOINT).unlink(missing_ok=True)
    return record
