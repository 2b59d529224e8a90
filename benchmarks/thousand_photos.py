"""1,000 12-megapixel JPEG photos to a saved model, against the same job with PIL and a plain loop."""

from __future__ import annotations

from benchmarks.harness import needs_shared
from benchmarks.materials import large_photo_folder
from benchmarks.whole_fit import Claim, compare

PHOTOS, TURNS = 1000, 1


def main() -> None:
    """Whole processes, start-up included, cold feature cache, files in the system's page cache on both sides."""
    photos, network = large_photo_folder(PHOTOS), needs_shared("models", "mobilenetv2_100.imagenet")
    for file in photos.rglob("*.jpg"):
        file.read_bytes()
    compare(
        photos,
        network,
        ("--strategy", "linear-probe"),
        other=("benchmarks.plain_probe", str(photos), str(network)),
        turns=TURNS,
        claim=Claim(
            name="thousand_photos",
            work="1,000 12-megapixel JPEG photos to a saved model, MobileNetV2",
            against="PIL, a plain loop for the features, scikit-learn's logistic regression",
            at_least="aim: 90 s",
        ),
    )


if __name__ == "__main__":
    main()
