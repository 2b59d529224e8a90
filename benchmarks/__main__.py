"""Run every row that has no result yet, then write the table into `benchmarks/README.md`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import RESULTS

FOLDER = Path(__file__).parent
ROWS = (
    "frozen_probe",
    "feature_extraction",
    "jpeg_decode",
    "command_help",
    "resident_memory",
    "thousand_photos",
    "probe_accuracy",
    "demo_gain",
    "training_speed",
    "dense_speed",
    "kept_memory",
    "resume_kills",
    "replay_tables",
    "score_cost",
    "verdict_calibration",
)
ALSO_WRITTEN = {
    "feature_extraction": ("second_run",),
    "probe_accuracy": ("fast_path_accuracy",),
    "dense_speed": ("dense_speed_masks",),
}
START, END = "<!-- table: start -->", "<!-- table: end -->"


def table() -> str:
    """The rows that have results, as a Markdown table."""
    lines = ["| work | against | at least | measured | ours | theirs |", "|---|---|---|---|---|---|"]
    machines = set()
    for name in (row for first in ROWS for row in (first, *ALSO_WRITTEN.get(first, ()))):
        path = RESULTS / f"{name}.json"
        if not path.exists():
            continue
        row = json.loads(path.read_text())
        low, high = row["spread"]
        measured = f"**{row['ratio']:.3g}{row['unit']}** ({low:.3g} to {high:.3g})"
        note = f" {row['note']}" if row["note"] else ""
        lines.append(
            "| "
            + " | ".join(
                map(str, (row["work"], row["against"], row["at_least"], measured + note, row["ours"], row["theirs"]))
            )
            + " |"
        )
        machines.add(f"`{name}`: {row['machine']}, {row['date']}")
    return "\n".join([*lines, "", *(f"- {line}" for line in sorted(machines))])


def write_table() -> None:
    """Put the current table between the markers of the README."""
    readme = FOLDER / "README.md"
    head, _, rest = readme.read_text().partition(START)
    _, _, tail = rest.partition(END)
    readme.write_text(f"{head}{START}\n{table()}\n{END}{tail}")


def main() -> int:
    """Run the rows one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="only these rows")
    parser.add_argument("--again", action="store_true", help="measure rows that have a result, too")
    parser.add_argument("--table", action="store_true", help="only write the table")
    options = parser.parse_args()
    failed = []
    for name in [] if options.table else options.rows or ROWS:
        if (RESULTS / f"{name}.json").exists() and not options.again:
            print(f"{name}: has a result, skipped", flush=True)
            continue
        print(f"{name}: measuring", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=FOLDER.parent, check=False).returncode:
            failed.append(name)
        write_table()
    write_table()
    if failed:
        print(f"No result for: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
