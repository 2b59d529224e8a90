"""ResNet-50 features against this machine's own best matrix product in the same precision, and a second, cached run.

Writes two rows: `feature_extraction` (floating-point rate) and `second_run` (time on unchanged data).
"""

from __future__ import annotations

import os
import statistics
import tempfile

import numpy as np
import torch

from benchmarks.harness import Row, seconds
from benchmarks.materials import photo_folder, resnet50_folder

PICTURE_FLOP = 8.178e9
SHAPES = ((1024, 1024, 1024), (2048, 2048, 2048), (4096, 4096, 4096), (12544, 576, 64), (3136, 512, 128))
TURNS = 5


def best_matrix_rate() -> float:
    """The fastest float32 matrix product over several shapes, in operations a second."""
    best = 0.0
    for rows, inner, columns in SHAPES:
        a, b = torch.randn(rows, inner), torch.randn(inner, columns)
        torch.mm(a, b)
        best = max(best, 2 * rows * inner * columns / min(seconds(lambda a=a, b=b: torch.mm(a, b)) for _ in range(5)))
    return best


def main() -> None:
    """Rates in turns on random pictures in memory, then two whole passes over 400 files."""
    os.environ["HEADSTART_CACHE"] = tempfile.mkdtemp()
    from headstart import models
    from headstart.features.extract import extract
    from headstart.features.fast import batch_size_for, fast_forward
    from headstart.pipeline import load_data

    backbone = models.load(str(resnet50_folder()))
    facts = backbone.card.input
    assert facts is not None
    size = batch_size_for(facts, "cpu")
    forward = fast_forward(backbone, facts=facts, device="cpu", precision="float32", items=400)
    inputs = torch.randn(size, 3, *facts.size)
    forward(inputs)
    shares = []
    for _ in range(TURNS):
        matrix = best_matrix_rate()
        ours = size * PICTURE_FLOP / statistics.median(seconds(lambda: forward(inputs)) for _ in range(5))
        shares.append((100 * ours / matrix, ours, matrix))
    Row(
        name="feature_extraction",
        work="feature extraction, ResNet-50, float32",
        against="this machine's best matrix product over five shapes",
        at_least="75 %",
        ratio=statistics.median(share for share, _, _ in shares),
        spread=(min(shares)[0], max(shares)[0]),
        unit=" %",
        ours=f"{statistics.median(rate for _, rate, _ in shares) / 1e9:.0f} GFLOP/s",
        theirs=f"{statistics.median(rate for _, _, rate in shares) / 1e9:.0f} GFLOP/s",
        note=f"batches of {size}, {TURNS} turns",
    ).save()

    data = load_data(photo_folder(400))

    def one_pass() -> None:
        table = extract(data.dataset, backbone, input=facts, device="cpu", precision="float32")
        table.rows(np.arange(len(table)))

    first = seconds(one_pass)
    later = [seconds(one_pass) for _ in range(TURNS)]
    ratios = [first / second for second in later]
    Row(
        name="second_run",
        work="second run on unchanged data, start-up aside, 400 photos, ResNet-50",
        against="the first run's feature pass",
        at_least="50x",
        ratio=statistics.median(ratios),
        spread=(min(ratios), max(ratios)),
        ours=f"{statistics.median(later):.3f} s",
        theirs=f"{first:.1f} s",
        note=f"one first pass, {TURNS} later ones",
    ).save()


if __name__ == "__main__":
    main()
