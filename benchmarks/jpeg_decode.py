"""12-megapixel JPEG to a 256-pixel tensor: our decoding against PIL open, convert, resize, on one core."""

from __future__ import annotations

import statistics

import numpy as np

from benchmarks.harness import Row, in_turns, ratio
from benchmarks.materials import large_photo_folder

PHOTOS, TURNS = 24, 5


def main() -> None:
    """Decode the same files both ways, in turns."""
    import torch
    from PIL import Image

    from headstart.core.card import InputFacts
    from headstart.data.decode import load_pixels

    torch.set_num_threads(1)
    files = sorted(large_photo_folder(PHOTOS).rglob("*.jpg"))[:PHOTOS]
    facts = InputFacts(size=(256, 256), crop_fraction=1.0)

    def ours() -> None:
        for file in files:
            torch.from_numpy(np.array(load_pixels(file.read_bytes(), facts)))  # a copy: torch wants to write

    def theirs() -> None:
        for file in files:
            with Image.open(file) as photo:
                torch.from_numpy(np.array(photo.convert("RGB").resize((256, 256))))

    mine, other = in_turns(ours, theirs, turns=TURNS)
    middle, spread = ratio(mine, other)
    Row(
        name="jpeg_decode",
        work="12-megapixel JPEG to a 256-pixel tensor, one thread",
        against="PIL open, convert, resize",
        at_least="5x",
        ratio=middle,
        spread=spread,
        ours=f"{1000 * statistics.median(mine) / PHOTOS:.0f} ms a photo",
        theirs=f"{1000 * statistics.median(other) / PHOTOS:.0f} ms a photo",
        note=f"{PHOTOS} photos, {TURNS} turns",
    ).save()


if __name__ == "__main__":
    main()
