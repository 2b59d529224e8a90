"""ResNet-50 features against this machine's own best matrix product in the same precision, and a second, cached run.

Writes two rows: `feature_extraction` (floating-point rate) and `second_run` (time on unchanged data).
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from benchmarks.harness import Row, seconds
from benchmarks.materials import photo_folder, resnet50_folder

PICTURE_FLOP = 8.178e9
SHAPES = ((1024, 1024, 1024), (2048, 2048, 2048), (4096, 4096, 4096), (12544, 576, 64), (3136, 512, 128))
TURNS = 5


def in_workers(work: Callable[[], object], workers: int, repeats: int) -> float:
    """Seconds of `repeats` calls by each of the worker threads, the way the feature pass computes."""
    with ThreadPoolExecutor(workers) as pool:
        return seconds(lambda: [job.result() for job in [pool.submit(work) for _ in range(workers * repeats)]])


def best_matrix_rate(workers: int) -> float:
    """The fastest float32 matrix product over several shapes, in operations a second, all workers together."""
    best = 0.0
    for rows, inner, columns in SHAPES:
        a, b = torch.randn(rows, inner), torch.randn(inner, columns)
        repeats = max(int(4e9 / (2 * rows * inner * columns)), 1)
        taken = min(in_workers(lambda a=a, b=b: torch.mm(a, b), workers, repeats) for _ in range(3))
        best = max(best, 2 * rows * inner * columns * workers * repeats / taken)
    return best


def main() -> None:
    """Rates in turns on random pictures in memory, then two whole passes over 400 files."""
    os.environ["HEADSTART_CACHE"] = tempfile.mkdtemp()
    from headstart import models
    from headstart.features.extract import extract
    from headstart.features.fast import batch_size_for, fast_forward
    from headstart.features.threads import cores_shared_out
    from headstart.loading import load_data

    backbone = models.load(str(resnet50_folder()))
    facts = backbone.card.input
    assert facts is not None
    size = batch_size_for(facts, "cpu")
    shares = []
    with cores_shared_out("cpu") as workers:
        forward = fast_forward(backbone, facts=facts, device="cpu", precision="float32", items=400)
        inputs = torch.randn(size, 3, *facts.size)
        in_workers(lambda: forward(inputs), workers, 2)
        for _ in range(TURNS):
            matrix = best_matrix_rate(workers)
            taken = min(in_workers(lambda: forward(inputs), workers, 4) for _ in range(3))
            ours = size * workers * 4 * PICTURE_FLOP / taken
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
        note=f"one batch of {size} a core, {TURNS} turns, best of 3 on both sides",
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
