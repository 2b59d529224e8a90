"""What the bundled model brings on handwritten digits with five labels a class: mean of five seeds."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.harness import Row


def main() -> None:
    """The demonstration itself."""
    from headstart.demonstration import demonstrate

    shown = demonstrate(Path(tempfile.mkdtemp()) / "demo", seeds=5, per_class=5)
    gain, half = shown.gain()
    mean = {arm: 100 * sum(values) / len(values) for arm, values in shown.accuracies.items()}
    Row(
        name="demo_gain",
        work="digits, 5 labels a class, `starter/tiny-resnet` fine-tuned",
        against="the same network from scratch",
        at_least="better",
        ratio=gain,
        spread=(gain - half, gain + half),
        unit=" points",
        ours=f"{mean['transfer']:.1f} % (linear probe {mean['linear probe']:.1f} %)",
        theirs=f"{mean['from scratch']:.1f} %",
        note="five seeds; in brackets the 95 % interval, paired t",
    ).save()


if __name__ == "__main__":
    main()
