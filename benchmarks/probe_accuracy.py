"""Accuracy of `linear-probe` with MobileNetV2 (ImageNet) on real photos, in fast and in exact arithmetic.

Writes `probe_accuracy` (flowers5 test) and `fast_path_accuracy` (fast path minus full decode and the plain forward).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.harness import Row, needs_shared


def accuracy(data: Path, *, fast: bool) -> float:
    """Test accuracy of one fit; without `fast`, JPEG is decoded in full and the network runs unchanged."""
    import headstart as hs
    from headstart.data import decode
    from headstart.features import computing, extract
    from headstart.features import fast as forwards

    os.environ["HEADSTART_CACHE"] = tempfile.mkdtemp()
    kept = (computing.load_pixels, extract.fast_forward)
    if not fast:
        computing.load_pixels = lambda *given, **options: decode.load_pixels(*given, **{**options, "draft": False})
        extract.fast_forward = lambda backbone, *, device, **_: forwards.plain_forward(
            backbone, device=device, precision="float32"
        )
    try:
        options = hs.FitOptions(model=str(needs_shared("models", "mobilenetv2_100.imagenet")), strategy="linear-probe")
        run = hs.fit(data, output=Path(tempfile.mkdtemp()) / "run", options=options)
        return run.metrics["accuracy"]
    finally:
        computing.load_pixels, extract.fast_forward = kept


def main() -> None:
    """Both paths on flowers5; hymenoptera only as a smoke check, since its photos come from ImageNet."""
    flowers = needs_shared("data", "flowers5")
    ours, exact = 100 * accuracy(flowers, fast=True), 100 * accuracy(flowers, fast=False)
    bees = 100 * accuracy(needs_shared("data", "hymenoptera"), fast=True)
    Row(
        name="probe_accuracy",
        work="`linear-probe`, MobileNetV2, flowers5 test",
        against="a plain standardised logistic regression on frozen features, seen elsewhere: 86.3 to 87.7 %",
        at_least="87 %",
        ratio=ours,
        spread=(ours, ours),
        unit=" %",
        ours=f"{ours:.1f} %",
        theirs="86.3 to 87.7 %",
        note=f"300 photos; smoke check on hymenoptera, whose photos come from ImageNet: {bees:.1f} % of 153",
    ).save()
    Row(
        name="fast_path_accuracy",
        work="accuracy on flowers5 with reduced-scale decoding and the rewritten network",
        against="full decoding, plain float32 network",
        at_least="within 0.5 points",
        ratio=ours - exact,
        spread=(ours - exact, ours - exact),
        unit=" points",
        ours=f"{ours:.1f} %",
        theirs=f"{exact:.1f} %",
        note="300 photos",
    ).save()


if __name__ == "__main__":
    main()
