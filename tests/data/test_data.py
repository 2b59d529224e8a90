from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headstart.data import READERS, read_dataset
from headstart.data.reader import ReadOptions
from tests.data.pictures import write_pictures

FOLDER = Path(__file__).parents[2] / "src" / "headstart" / "data"


@pytest.mark.parametrize("name", list(READERS))
def test_every_reader_can_be_loaded_and_says_what_it_reads(name: str) -> None:
    reader = READERS[name]
    assert reader.name == name
    assert reader.layout
    assert reader.sniff(object()) is None


def test_every_reader_of_the_folder_is_in_the_table() -> None:
    modules = {target.partition(":")[0].rpartition(".")[2] for target in READERS.built_in.values()}
    having = {path.stem for path in FOLDER.glob("*.py") if "\nREADER = " in path.read_text(encoding="utf-8")}
    assert having == modules


def test_importing_the_package_imports_no_library_for_data() -> None:
    code = "import sys, headstart.data; print({'pyarrow', 'datasets', 'torch', 'scipy'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "set()"


def test_reading_from_a_path_with_and_without_options(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a/1.jpg", "b/2.jpg")
    assert read_dataset(tmp_path).labels == ("a", "b")
    options = ReadOptions(train=str(tmp_path), test=str(tmp_path))
    assert read_dataset(options=options).given_parts == ("train", "test")


def test_real_data(shared_data: Path) -> None:
    flowers = read_dataset(shared_data / "flowers5")
    assert len(flowers) == 1049
    assert [(line.action, line.items) for line in flowers.ledger.lines] == [("skipped", ("SOURCE.md",))]
    folders = ReadOptions(train=str(shared_data / "flowers5" / "train"), test=str(shared_data / "flowers5" / "test"))
    again = read_dataset(options=folders)
    assert [again.inputs.name(index) for index in (0, 1048)] == [flowers.inputs.name(index) for index in (0, 1048)]
    assert again.ledger.lines == ()
    insects = read_dataset(shared_data / "hymenoptera")
    assert insects.labels == ("ants", "bees")
