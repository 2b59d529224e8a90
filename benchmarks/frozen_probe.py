"""Ten epochs of a frozen ResNet-50 with a new last layer on 400 JPEG files, cold cache, against the plain loop."""

from __future__ import annotations

from benchmarks.materials import photo_folder, resnet50_folder
from benchmarks.whole_fit import Claim, compare

TURNS = 1
OPTIONS = (
    "--strategy linear-probe --solver gradient --optimizer sgd --learning-rate 0.001 --momentum 0.9 --epochs 10 "
    "--schedule constant --batch-size 32"
)


def main() -> None:
    """Both as whole processes, start-up included; ours also profiles, evaluates and saves."""
    photos = photo_folder(400)
    compare(
        photos,
        resnet50_folder(),
        OPTIONS.split(),
        other=("benchmarks.seed_loop", str(photos)),
        turns=TURNS,
        claim=Claim(
            name="frozen_probe",
            work="10-epoch frozen probe, ResNet-50 at 224, 400 JPEG files, cold cache",
            against="the classic loop (plain DataLoader, fp32)",
            at_least="20x with bf16 hardware, 10x without",
        ),
    )


if __name__ == "__main__":
    main()
