"""A new file on disk, all there or not at all.

What it does: writes beside the target, brings the bytes to the disk, then gives the file its name in one
step, and brings the name to the disk too. What stands under the name already is never overwritten unless
asked for. What the bytes are is left to the callers: blobs, keys, a new database.

>>> write_new(Path("keys/log.pem"), pem, mode=0o600)                    # doctest: +SKIP
"""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path


def scratch_beside(path: Path) -> Path:
    """A name in the same directory that nothing has yet; the leading dot keeps listings clean."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")


def sync_directory(directory: Path) -> None:
    """Bring the names in a directory to the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(scratch: Path, target: Path, *, replace: bool = False) -> None:
    """Give a finished file its name. Without `replace`, raises FileExistsError if the name is taken."""
    if replace:
        scratch.replace(target)
    else:
        try:
            target.hardlink_to(scratch)
        except FileExistsError:
            raise
        except OSError as error:
            # exFAT and some network file systems know no links; there a check must do.
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
                raise
            if target.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
            scratch.rename(target)
        else:
            scratch.unlink()
    sync_directory(target.parent)


def write_new(path: Path, data: bytes, *, mode: int = 0o644, replace: bool = False) -> None:
    """Write a file under a name that must be free (unless `replace`); raises FileExistsError, OSError.

    A file readable by its owner only is so from its first byte: `mode` is given to open(2).
    """
    scratch = scratch_beside(path)
    try:
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        publish(scratch, path, replace=replace)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
