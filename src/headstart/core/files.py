"""Writing files so that a crash leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from headstart.core.errors import RunError


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


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".headstart-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                with _explained(path):
                    file.write(piece)
            with _explained(path):
                file.flush()
                os.fsync(file.fileno())
        with _explained(path):
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(f"{path} could not be written: {error.strerror or error}.") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
