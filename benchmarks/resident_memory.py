"""Memory of a linear probe on 200,000 cached synthetic samples against 20,000, without file-backed pages."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness import Row

WIDTH, CLASSES = 128, 5


def measure(count: int) -> None:
    """Fill a feature cache with `count` rows, solve a probe on it, print the largest anonymous resident memory."""
    import os
    import threading
    import time

    os.environ["HEADSTART_CACHE"] = tempfile.mkdtemp()
    from headstart.core.card import Architecture, InputFacts
    from headstart.core.ledger import Ledger
    from headstart.features.key import FeatureKey
    from headstart.features.probe import ProbeSettings, fit_probe
    from headstart.features.store import FeatureStore
    from headstart.features.table import StoredFeatures

    largest = 0
    stop = threading.Event()

    def watch() -> None:
        nonlocal largest
        while not stop.is_set():
            lines = Path("/proc/self/status").read_text().splitlines()
            largest = max(largest, *(int(line.split()[1]) for line in lines if line.startswith("RssAnon")))
            time.sleep(0.02)

    threading.Thread(target=watch, daemon=True).start()
    key = FeatureKey(
        model="synthetic",
        revision="",
        weights="0",
        architecture=Architecture(source="test", name="synthetic"),
        input=InputFacts(),
        view="plain",
        decoding=0,
        precision="float32",
        width=WIDTH,
    )
    store = FeatureStore(key)
    targets = (np.arange(count) % CLASSES).astype(np.int32)
    content = np.zeros((count, 16), np.uint8)
    content[:, :8] = np.arange(count, dtype=np.uint64)[:, None].view(np.uint8)
    with store.writer() as writer:
        for start in range(0, count, 4096):
            generator = np.random.default_rng(start)
            rows = generator.normal(size=(min(4096, count - start), WIDTH)).astype(np.float32)
            rows[:, :CLASSES] += np.eye(CLASSES, dtype=np.float32)[targets[start : start + 4096]]
            writer.append(content[start : start + 4096], rows)
    table = StoredFeatures(FeatureStore(key).find(content), WIDTH, Ledger())
    folds = (np.arange(count) // CLASSES % 5).astype(np.int64)
    fit_probe(table, targets, indices=np.arange(count), folds=folds, settings=ProbeSettings(), labels=CLASSES)
    stop.set()
    print(json.dumps(largest))


def main() -> None:
    """Each size in a process of its own."""
    found = {}
    for count in (20_000, 200_000):
        command = [sys.executable, "-m", "benchmarks.resident_memory", str(count)]
        found[count] = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024
    share = found[200_000] / found[20_000]
    Row(
        name="resident_memory",
        work="resident memory without file-backed pages, features and probe of 200,000 synthetic samples",
        against="of 20,000",
        at_least="1.2x or less",
        ratio=share,
        spread=(share, share),
        ours=f"{found[200_000]:.0f} MiB",
        theirs=f"{found[20_000]:.0f} MiB",
        note=f"{WIDTH} features, {CLASSES} classes",
    ).save()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        main()
