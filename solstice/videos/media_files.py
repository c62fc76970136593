"""Reading stored files fast: from the page cache on the event loop, from the disk in a thread.

`preadv(RWF_NOWAIT)` copies what is in memory and refuses what is not, so a cold read never
blocks other viewers; it goes to a thread, and the kernel is told to read ahead.  The threads are
few and the reads small, so that cold files queue up behind each other and not behind warm ones.
"""

import asyncio
import errno
import os
import stat
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHUNK_BYTES = 256 * 1024
"""Four of them make one range of a player; smaller ones cost more round trips than copies."""
AHEAD_BYTES = 2 * 1024 * 1024
THREADS = 8

_NOT_CACHED = {errno.EAGAIN, errno.EOPNOTSUPP, errno.ENOSYS}


class StoredFile:
    """An open file; closed by whoever opened it."""

    def __init__(self, descriptor: int, size_bytes: int, threads: ThreadPoolExecutor) -> None:
        self.size_bytes = size_bytes
        self._descriptor = descriptor
        self._threads = threads

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` to before `end`; ends early if the file was cut."""
        buffer = bytearray(min(CHUNK_BYTES, end - start))
        view = memoryview(buffer)
        while start < end:
            wanted = view[: min(CHUNK_BYTES, end - start)]
            try:
                count = os.preadv(self._descriptor, [wanted], start, os.RWF_NOWAIT)
                chunk = bytes(wanted[:count])
            except OSError as error:
                if error.errno not in _NOT_CACHED:
                    raise
                chunk = await self._read_cold(len(wanted), start)
            if not chunk:
                return
            start += len(chunk)
            yield chunk

    async def _read_cold(self, size_bytes: int, start: int) -> bytes:
        os.posix_fadvise(self._descriptor, start, AHEAD_BYTES, os.POSIX_FADV_WILLNEED)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, os.pread, self._descriptor, size_bytes, start
        )


class FileShelf:
    """The directory of objects, opened once; names are looked up below it and nowhere else."""

    def __init__(self, directory: Path) -> None:
        self._directory = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="cold-read")

    def open(self, name: str) -> StoredFile | None:
        """Open a regular file by a name the caller has checked; None when there is none."""
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            descriptor = os.open(name, flags, dir_fd=self._directory)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}:
                return None
            raise
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            return None
        return StoredFile(descriptor, status.st_size, self._threads)
