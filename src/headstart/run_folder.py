"""The folder of a run in the making: one process at a time, and whatever happens, it can be gone on with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from headstart.core.errors import HeadstartError, Interrupted, RunError
from headstart.core.files import is_leftover, remove_leftovers
from headstart.core.refusals import next_step, refusal
from headstart.core.run_record import CHECKPOINT, REQUEST
from headstart.request import Request

LOCK = ".lock"


def is_unfinished(folder: Path) -> bool:
    """Whether a run was begun here and has not come to its end."""
    return (folder / REQUEST).is_file()


def check_new(folder: Path) -> None:
    """Raise `RunError` where a new run cannot be put: what is there is never written over."""
    if folder.is_file():
        raise RunError(f"{folder} is a file; a run is a folder.")
    if is_unfinished(folder):
        with _locked(folder):  # where another process is working on it, that is what is said
            how = Request.read(folder / REQUEST).how_to_resume(folder)
        raise RunError(
            f"{folder} holds a run that is not finished; nothing was written.",
            hint=f"Continue with: {how}\nOr give a new folder with -o, or remove it.",
        )
    if folder.is_dir() and _content(folder):
        raise RunError(f"{folder} is not empty; nothing was written.", hint="Give a new folder with -o, or remove it.")


def numbered_folder(stem: str) -> Path:
    """A new folder `runs/STEM-1`, or with the next number that nobody else has taken."""
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in stem)[:60].strip(".-") or "run"
    number = 1
    while True:
        folder = Path("runs", f"{safe}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError as error:
            if not folder.parent.is_dir():
                raise RunError(f"{folder.parent} is a file; runs go into a folder of that name.") from error
            number += 1
        except OSError as error:
            raise _not_made(folder, error) from error
        else:
            return folder


@contextmanager
def new_results(folder: Path | None) -> Iterator[None]:
    """Make a new or empty folder for results that come at the end of the block, before any work is done for them.

    Nobody else can use it meanwhile. Where the block fails and has written nothing, a folder that was not there before
    goes away again.
    """
    if folder is None:
        yield
        return
    ours = not folder.exists()
    check_new(folder)
    _make(folder)
    try:
        with _locked(folder):
            yield
    finally:
        if ours:
            with suppress(OSError):  # something is in it
                folder.rmdir()


@contextmanager
def new_run(folder: Path, request: Request, *, ours: bool = False) -> Iterator[None]:
    """Make a run in a new or empty folder, which nobody else can use meanwhile.

    What it takes to go on is there from the beginning and goes away at the end of the block. A mistake of the user's
    that is found before anything else was written leaves no trace; `ours` says that the folder itself is new.
    """
    ours = ours or not folder.exists()
    check_new(folder)
    _make(folder)
    try:
        with _locked(folder):
            if _content(folder):
                raise RunError(f"Another process has begun a run in {folder}.", hint="Give a new folder with -o.")
            remove_leftovers(folder)
            request.write(folder / REQUEST)
            with _resumable(folder, request, new=True):
                yield
    finally:
        if ours and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def continued_run(folder: Path) -> Iterator[Request | None]:
    """Go on with the run in `folder`, as `new_run`; None where somebody has finished it in the meantime."""
    with _locked(folder):
        if not is_unfinished(folder):
            yield None
            return
        remove_leftovers(folder)
        request = Request.read(folder / REQUEST)
        with _resumable(folder, request, new=False):
            yield request


def clear_lock(folder: Path) -> None:
    """Remove the lock of a process that was killed when its run was finished already."""
    if (folder / LOCK).exists():
        with _locked(folder):
            pass


@contextmanager
def _resumable(folder: Path, request: Request, *, new: bool) -> Iterator[None]:
    how = request.how_to_resume(folder)
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted(f"Continue with: {how}") from error
    except (HeadstartError, OSError) as error:
        told = refusal(error) if isinstance(error, OSError) else error
        if told is None:
            raise
        if new and _content(folder) == {REQUEST}:
            (folder / REQUEST).unlink()
        elif isinstance(told, RunError):
            hint = f"{told.hint}\nThen continue with: {how}" if told.hint else f"Continue with: {how}"
            raise RunError(told.problems, hint=hint) from error
        if told is error:
            raise
        raise told from error
    for checkpoint in folder.rglob(f"*{CHECKPOINT}"):
        checkpoint.unlink(missing_ok=True)
    (folder / REQUEST).unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time in; the system lets go of the lock when a process ends, however it does."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError(
            f"Another process is working on {folder}.", hint="Wait until it has ended, or give another folder."
        ) from error
    except OSError as error:
        raise RunError(f"{folder} could not be written: {error.strerror or error}.", hint=next_step(error)) from error
    try:
        yield
    finally:
        if os.name != "nt":  # where releasing removes the file
            with suppress(OSError):  # one that stays behind keeps nobody out
                (folder / LOCK).unlink(missing_ok=True)
        lock.release()


def _content(folder: Path) -> set[str]:
    """Names of all that is there, apart from what processes that were killed have left."""
    return {path.name for path in folder.iterdir() if path.name != LOCK and not is_leftover(path)}


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_made(folder, error) from error


def _not_made(folder: Path, error: OSError) -> RunError:
    return RunError(f"{folder} could not be made: {error.strerror or error}.", hint=next_step(error))
