"""Which sources of models run which tasks by which strategies: every cell is fitted on tiny data, and it predicts.

`python -m benchmarks.source_table` fits what has no result yet and writes the table into `docs/sources.md`; with
`--table` it only writes, and what was not tried says so. Sources, tasks and strategies are those of the tables; a new
source has one line in `MODELS`, a new task one in `DATA`. Networks are random: whether a cell runs is asked, not how
well. A cell that does not run keeps the error that a person would read.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

from benchmarks.cells import Cells

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "sources.md"
RESULTS = Path(__file__).parent / "results" / "source_table.json"
START, END = "<!-- table: start -->", "<!-- table: end -->"
ITEMS = 12
Make = Callable[[Path], str]


def pictures(folder: Path) -> str:
    """Pictures of three kinds."""
    from tests.worlds import write_world

    return str(write_world(folder, train=ITEMS, test=4))


def texts(folder: Path) -> str:
    """Short texts of two kinds."""
    folder.mkdir(parents=True)
    for part, count in (("train", 2 * ITEMS), ("test", 8)):
        rows = [
            f"{'a good film' if number % 2 else 'a bad book'} number {number},{number % 2}" for number in range(count)
        ]
        (folder / f"{part}.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    return str(folder)


def sentences(folder: Path) -> str:
    """The first sentences of WNUT 17."""
    folder.mkdir(parents=True)
    for part in ("train", "test"):
        found = (SHARED / "wnut17" / f"{part}.conll").read_text().split("\n\n")
        (folder / f"{part}.conll").write_text("\n\n".join(found[: 4 * ITEMS]) + "\n")
    return str(folder)


def cells(folder: Path) -> str:
    """The first pictures of BCCD with their boxes."""
    for name in sorted((SHARED / "bccd" / "Annotations").glob("*.xml"))[:ITEMS]:
        for part, file in (("Annotations", name), ("JPEGImages", SHARED / "bccd" / "JPEGImages" / f"{name.stem}.jpg")):
            (folder / part).mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / part / file.name)
    return str(folder)


def streets(folder: Path) -> str:
    """The first pictures of CamVid with their masks."""
    folder.mkdir(parents=True)
    (folder / "classes.txt").write_text((SHARED / "camvid" / "classes.txt").read_text().rstrip() + "\nVoid\n")
    for part in ("train", "test"):
        for kind in ("images", "labels"):
            (folder / part / kind).mkdir(parents=True)
            for file in sorted((SHARED / "camvid" / part / kind).iterdir())[:ITEMS]:
                shutil.copy(file, folder / part / kind / file.name)
    return str(folder)


def of_timm(folder: Path) -> str:
    """A tiny ResNet in timm's form."""
    from tests.worlds import write_network

    return str(write_network(folder))


def of_transformers(folder: Path) -> str:
    """A tiny ResNet as transformers saves it."""
    from tests.models.samples import transformers_folder

    return str(transformers_folder(folder, "resnet"))


def of_transformers_texts(folder: Path) -> str:
    """A tiny encoder as transformers saves it."""
    from tests.encoders import write_encoder

    return str(write_encoder(folder))


def of_torchvision(folder: Path) -> str:
    """The smallest MobileNet of torchvision."""
    from tests.models.samples import torchvision_folder

    return str(torchvision_folder(folder, "mobilenet_v3_small"))


def whole_of_torchvision(name: str, **settings: int) -> Make:
    """A whole network of torchvision with random weights."""

    def made(folder: Path) -> str:
        import torch
        from torchvision.models import get_model

        folder.mkdir(parents=True, exist_ok=True)
        network = get_model(name, weights=None, weights_backbone=None, **settings)
        torch.save(network.state_dict(), folder / "weights.pth")
        return f"torchvision/{name}:{folder / 'weights.pth'}"

    return made


def detector_of_transformers(folder: Path) -> str:
    """A tiny RT-DETR as transformers saves it."""
    from tests.models.detector_samples import transformers_detector_folder

    return str(transformers_detector_folder(folder, "rt_detr"))


def segmenter_of_transformers(folder: Path) -> str:
    """A tiny SegFormer as transformers saves it."""
    from tests.models.transformers.test_segmenter import segformer

    segformer().save_pretrained(folder)
    return str(folder)


def bundled(folder: Path) -> str:
    """The bundled network."""
    del folder
    return "starter/tiny-resnet"


def bundled_encoder(folder: Path) -> str:
    """The installed encoder."""
    from headstart.models.bundled_texts import text_starters

    del folder
    return f"starter/{text_starters()[0]}"


def of_torchhub(folder: Path) -> str:
    """A small network of a folder with a `hubconf.py`, whose code is allowed to run."""
    from headstart.core.runtime import allow_code
    from tests.models.hub_samples import hub_folder

    allow_code()
    return f"{hub_folder(folder)}:small"


def of_keras(folder: Path) -> str:
    """A small `.keras` file, made by Keras in a process of its own."""
    from tests.models.hub_samples import keras_files

    return str(next(iter(sorted(keras_files(folder).glob("*.keras")))))


def of_tensorflow(folder: Path) -> str:
    """A small SavedModel, made by TensorFlow in a process of its own."""
    from tests.models.hub_samples import saved_models

    return str(saved_models(folder) / "good")


def run_of(data: Make, model: Make) -> Make:
    """A saved run of a model."""

    def fitted(folder: Path) -> str:
        import headstart as hs

        options = hs.FitOptions(model=model(folder / "model"), strategy="linear-probe", device="cpu")
        return str(hs.fit(data(folder / "data"), output=folder / "run", options=options).folder)

    return fitted


DATA: dict[str, Make] = {
    "image-classification": pictures,
    "text-classification": texts,
    "token-classification": sentences,
    "object-detection": cells,
    "semantic-segmentation": streets,
}
"""By the name of a task."""
MODELS: dict[str, dict[str, Make]] = {
    "timm": {"image": of_timm},
    "hf": {
        "image": of_transformers,
        "object-detection": detector_of_transformers,
        "semantic-segmentation": segmenter_of_transformers,
        "text": of_transformers_texts,
    },
    "torchvision": {
        "image": of_torchvision,
        "object-detection": whole_of_torchvision("ssdlite320_mobilenet_v3_large", num_classes=4),
        "semantic-segmentation": whole_of_torchvision("lraspp_mobilenet_v3_large", num_classes=4),
    },
    "torchhub": {"image": of_torchhub},
    "keras": {"image": of_keras},
    "tfhub": {"image": of_tensorflow},
    "starter": {"image": bundled, "text": bundled_encoder},
    "saved-run": {"image": run_of(pictures, of_timm), "text": run_of(texts, of_transformers_texts)},
}
"""By the name of a source, what each kind of item is given to, and what a task is that has networks of its own."""


def try_cell(source: str, task: str, method: str) -> dict[str, str]:
    """Fit and predict once: `outcome` is `runs`, or what the error says."""
    import headstart as hs
    from headstart.core.errors import HeadstartError
    from headstart.core.modality import modality_of
    from headstart.core.strategy import STRUCTURED_METRICS

    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        os.environ["HEADSTART_CACHE"] = str(folder / "cache")
        make, data = MODELS[source].get(task, MODELS[source].get(modality_of(task))), DATA.get(task)
        if make is None:
            return {"outcome": f"no models of {modality_of(task)}s"}
        if data is None:
            return {"outcome": "no tiny data for this task"}
        place = data(folder / "data")
        solved = method == "linear-probe" and task not in STRUCTURED_METRICS
        settings = {} if solved else {"epochs": 1}
        options = hs.FitOptions(
            model=make(folder / "model"), strategy=method, device="cpu", single=True, settings=settings
        )
        try:
            run = hs.fit(place, output=folder / "run", options=options)
            next(iter(hs.predict(run, place)))
        except HeadstartError as error:
            return {"outcome": " ".join(error.problems[0].replace(f"{folder}/", "").split())}
        except Exception as error:  # noqa: BLE001 - the table is to show it, and the other cells go on
            return {"outcome": f"a bug: {type(error).__name__}: {error}"}
    return {"outcome": "runs"}


def table(found: dict[str, dict[str, str]]) -> str:
    """The cells as Markdown: for each source and task the strategies that run, or why none does."""
    from headstart.methods import METHODS
    from headstart.models import SOURCES
    from headstart.tasks import TASKS

    tasks, methods = sorted(TASKS.built_in), list(METHODS.built_in)
    lines = [f"| source | {' | '.join(tasks)} |", "|---|" + "---|" * len(tasks)]
    for source in SOURCES.built_in:
        texts_of = [_cell({name: found.get(f"{source} {task} {name}") for name in methods}) for task in tasks]
        lines.append(f"| `{source}` | {' | '.join(texts_of)} |")
    return "\n".join(lines)


def _cell(outcomes: dict[str, dict[str, str] | None]) -> str:
    tried = {name: entry["outcome"] for name, entry in outcomes.items() if entry is not None}
    runs = [name for name, outcome in tried.items() if outcome == "runs"]
    if not tried:
        return "not tried"
    if not runs:
        return next(iter(tried.values())) if next(iter(tried.values())).startswith("no ") else "none"
    failed = [name for name in tried if name not in runs]
    untried = [name for name in outcomes if name not in tried]
    text = f"all but {', '.join(failed)}" if failed else "all"
    text = ", ".join(runs) if len(runs) < len(failed) else text
    return f"{', '.join(runs)}; not tried: {', '.join(untried)}" if untried else text


def write(found: dict[str, dict[str, str]]) -> None:
    """Put the table into the page."""
    text = PAGE.read_text()
    before, rest = text.split(START)
    PAGE.write_text(f"{before}{START}\n{table(found)}\n{END}{rest.split(END)[1]}")


def main() -> None:
    """Fit what is missing, cell by cell, and write the table."""
    from headstart.methods import METHODS
    from headstart.tasks import TASKS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true", help="only write the table")
    results = Cells(RESULTS)
    if not parser.parse_args().table:
        for method, task, source in product(METHODS.built_in, TASKS.built_in, MODELS):
            name = f"{source} {task} {method}"
            if name not in results.read():
                results.add(name, try_cell(source, task, method))
                print(name, results.read()[name]["outcome"], flush=True)
    write(results.read())


if __name__ == "__main__":
    main()
