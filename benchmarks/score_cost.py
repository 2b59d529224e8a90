"""Seconds of all default scores with their intervals, 2,000 rows and 20 classes, against one measured feature pass.

The pass is ResNet-50 at 224 pixels over 100 photos of flowers5, scaled to 2,000: the network whose features are 2,048
wide, and the one the allowance of a tenth is stated for. A smaller network has a shorter pass and fewer features.
"""

from __future__ import annotations

import os
import tempfile
import time

import numpy as np

from benchmarks.harness import Row, seconds
from benchmarks.materials import photo_folder, resnet50_folder

ROWS, CLASSES, SOURCE_CLASSES = 2000, 20, 1000
WIDTHS = (512, 1280, 2048)
PHOTOS = 100
BUSY = 1.5


def pass_seconds() -> float:
    """The feature pass over 2,000 pictures, from a measured one over fewer."""
    os.environ["HEADSTART_CACHE"] = tempfile.mkdtemp()
    from headstart import models
    from headstart.features.extract import extract
    from headstart.loading import load_data

    backbone = models.load(str(resnet50_folder()))
    assert backbone.card.input is not None
    data, facts = load_data(photo_folder(PHOTOS)).dataset, backbone.card.input

    def one_pass() -> None:
        table = extract(data, backbone, input=facts, device="cpu", precision="float32")
        table.rows(np.arange(len(table)))

    return seconds(one_pass) * ROWS / PHOTOS


def score_seconds(width: int) -> dict[str, float]:
    """All default scores with their intervals, and each, on synthetic features as a rectified layer gives them."""
    from headstart.core.rows import Rows
    from headstart.scores import DEFAULT_SCORES
    from headstart.scores.intervals import score_all

    random = np.random.default_rng(0)
    y = np.arange(ROWS) % CLASSES
    means = 0.3 * random.normal(size=(CLASSES, width))
    x = np.maximum(means[y] + random.normal(size=(ROWS, width)), 0).astype(np.float32)
    source = random.dirichlet(np.full(SOURCE_CLASSES, 0.1), size=ROWS).astype(np.float32)
    rows, found = Rows(x, y, source), {}
    before = time.process_time()
    whole = seconds(lambda: found.update(score_all(rows, DEFAULT_SCORES, seed=0)))
    spent = time.process_time() - before
    return {"all": whole, "processor": spent, **{name: scored.seconds for name, scored in found.items()}}


def main() -> None:
    """One pass, and every width once."""
    whole = pass_seconds()
    measured = {width: score_seconds(width) for width in WIDTHS}
    shares = {width: 100 * found["all"] / whole for width, found in measured.items()}
    Row(
        name="score_cost",
        work=f"default scores with intervals, {ROWS:,} rows, {CLASSES} classes, {', '.join(map(str, WIDTHS))} features",
        against=f"ResNet-50's feature pass over {ROWS:,} pictures (measured over {PHOTOS})",
        at_least="at most 10 % with 2,048 features",
        ratio=shares[max(WIDTHS)],
        spread=(min(shares.values()), max(shares.values())),
        unit=" %",
        ours=", ".join(
            f"{found['all']:.1f} s ({found['processor']:.1f} s of processor)" for found in measured.values()
        ),
        theirs=f"{whole:.0f} s",
        note=f"one turn{', others used the machine' if os.getloadavg()[0] > BUSY else ''}; in brackets: the widths",
        details={"seconds": {str(width): found for width, found in measured.items()}, "pass": whole},
    ).save()


if __name__ == "__main__":
    main()
