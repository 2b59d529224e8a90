"""What the temperature of probabilities is worth on new data: log loss and calibration error with it and without.

Networks that were trained, and averages of views; the temperature is chosen on items that were held back
(`metrics/temperature.py`), both numbers are those of the test part. `python -m benchmarks.temperature` measures the
cells that are not in `results/temperature.json` yet and prints the table; `--table` only prints it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cells import Cells
from benchmarks.draws import drawn_folder
from benchmarks.harness import RESULTS, machine, needs_shared
from benchmarks.text_accuracy import drawn

CELLS = Cells(RESULTS / "temperature.json")
Source = Callable[[int, Path], Path]
PICTURES, TEXTS = "starter/tiny-resnet", "starter/minilm-l3"


def _flowers(seed: int, folder: Path) -> Path:
    del seed, folder
    return needs_shared("data", "flowers5")


def _digits(per_class: int, seed: int, folder: Path) -> Path:
    del folder
    return drawn_folder("usps", per_class=per_class, seed=seed)


ROWS: dict[str, tuple[Source, str, str]] = {
    "usps, 50 a class, full": (partial(_digits, 50), PICTURES, "full"),
    "usps, 20 a class, auto": (partial(_digits, 20), PICTURES, "auto"),
    "SST-2, 500 texts, full": (drawn, TEXTS, "full"),
    "SST-2, 500 texts, lora": (drawn, TEXTS, "lora"),
    "flowers5, full": (_flowers, PICTURES, "full"),
    "flowers5, lora": (_flowers, PICTURES, "lora"),
}
"""Where the data come from, the model, the strategy."""
SEEDS = (0, 1, 2)


def measured(row: str, seed: int) -> dict[str, Any]:
    """One fit; its test part by the saved model, and by the same one at a temperature of 1."""
    import headstart as hs
    from headstart import evaluation
    from headstart.core.dataset import Part

    source, model, strategy = ROWS[row]
    with tempfile.TemporaryDirectory() as place:
        os.environ["HEADSTART_CACHE"] = str(Path(place) / "cache")
        folder = source(seed, Path(place))
        options = hs.FitOptions(model=model, strategy=strategy, seed=seed)
        run = hs.fit(folder, output=Path(place) / "run", options=options)
        trained = run.trained
        plain = replace(trained, record=trained.record.model_copy(update={"temperature": 1.0}))
        test = hs.load_data(folder).dataset.part(Part.TEST)
        found = {
            name: evaluation.evaluate(each, test, part="test").metrics
            for name, each in (("with", trained), ("without", plain))
        }
    return {
        "temperature": trained.record.temperature,
        **{
            name: {key: values[key] for key in ("log_loss", "calibration_error", "accuracy")}
            for name, values in found.items()
        },
        "machine": machine(),
    }


def table() -> str:
    """A line a cell."""
    lines = [
        "| data, strategy | seed | temperature | log loss without | with | calibration error without | with |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, cell in CELLS.read().items():
        row, seed = name.rsplit(", seed ", 1)
        numbers = [
            f"{cell[part][key]:.3f}" for key in ("log_loss", "calibration_error") for part in ("without", "with")
        ]
        lines.append(f"| {row} | {seed} | {cell['temperature']:.2f} | {' | '.join(numbers)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what is missing, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.temperature", description=__doc__)
    parser.add_argument("--table", action="store_true", help="only print what was measured")
    if not parser.parse_args().table:
        for seed in SEEDS:
            for row in ROWS:
                if f"{row}, seed {seed}" not in CELLS.read():
                    CELLS.add(f"{row}, seed {seed}", measured(row, seed))
    print(table())


if __name__ == "__main__":
    main()
