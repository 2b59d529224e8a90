"""Writing files so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from headstart.core.errors import RunError
from headstart.core.refusals import next_step

_TEMPORARY = ".headstart-"


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to a temporary file beside `path`, then rename it there.

    Raises `RunError` where the folder cannot be written or the disk is full; the old file is then untouched.
    """
    _write(path, (content,))


def write_lines_atomically(path: Path, lines: Iterable[str]) -> None:
    """Write lines as they come, each with a line end, in UTF-8, as `write_atomically` does.

    What UTF-8 cannot hold, such as parts of a file name in another encoding, is written as an escape. An error of
    whatever makes the lines is passed on, and the old file is then untouched, too.
    """
    _write(path, (f"{line}\n".encode("utf-8", "backslashreplace") for line in lines))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """An empty file beside `path` for others to write to; at the end of the block it takes the place of `path`.

    Where the block or the renaming fails, the new file is removed and the old one is untouched. Raises `RunError` where
    the folder cannot be written.
    """
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=_TEMPORARY)
        os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        with _explained(path):
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def is_leftover(path: Path) -> bool:
    """Whether the file is the beginning of one that somebody is writing, or was when the process was killed."""
    return path.name.startswith(_TEMPORARY)


def remove_leftovers(folder: Path) -> None:
    """Remove what a process that was killed while it wrote has left in the folder; nobody else may be writing there."""
    for path in filter(is_leftover, list(folder.iterdir())):
        path.unlink(missing_ok=True)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with replacing(path) as temporary:
        file = temporary.open("wb")
        try:
            for piece in pieces:
                with _explained(path):
                    file.write(piece)
        except BaseException:
            with suppress(OSError):  # what is buffered is written once more as it closes, and the disk is still full
                file.close()
            raise
        with _explained(path):
            file.close()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(f"{path} could not be written: {error.strerror or error}.", hint=next_step(error)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
