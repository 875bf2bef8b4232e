"""Refuses file systems over a network.

SQLite's WAL index and LMDB's map are shared memory, so all processes must be on one host, and locks over a network
lie (https://sqlite.org/wal.html, http://www.lmdb.tech/doc/#caveats_sec). The magic numbers are those of statfs(2).
"""

from __future__ import annotations

import os
from pathlib import Path

from jobistemer_tui.errors import NetworkFileSystem

NETWORK_MAGIC = {
    0x6969: "NFS",
    0x517B: "SMB",
    0xFF534D42: "CIFS",
    0xFE534D42: "SMB2",
    0x65735546: "FUSE (sshfs and its like)",
    0x01021997: "9P",
    0x00C36400: "Ceph",
    0x5346414F: "AFS",
    0x6B414653: "AFS",
    0x73757245: "Coda",
    0x564C: "NCP",
    0x0BD00BD0: "Lustre",
    0x47504653: "GPFS",
    0x7461636F: "OCFS2",
    0x01161970: "GFS2",
    0x19830326: "BeeGFS",
}

_LOCAL = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"})
"""What most folders are on, as the table of mounts calls it."""

_STATFS_BYTES = 512  # more than any struct statfs; its first word is f_type


def refuse_network(folder: Path) -> None:
    """Raise NetworkFileSystem if `folder` (which exists) is on one."""
    if is_surely_local(folder):
        return
    name = NETWORK_MAGIC.get(file_system_magic(folder))
    if name is not None:
        raise NetworkFileSystem(
            f"{folder} is on a network file system ({name}), where a database's locks do not hold",
            hint="name a store on a local disk",
        )


def is_surely_local(folder: Path) -> bool:
    """Whether the table of mounts says so, which spares most starts `ctypes`. False where it does not say: the table
    of a process in a changed root lacks what is mounted above that. Raises OSError without such a folder.
    """
    descriptor = os.open(folder, os.O_PATH)
    try:
        of_descriptor = Path(f"/proc/self/fdinfo/{descriptor}").read_bytes()
        table = Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return False
    finally:
        os.close(descriptor)
    number = of_descriptor.partition(b"mnt_id:")[2].split()[:1]
    # As bytes, and by this alone: a name may hold whatever else ends a line of text.
    mounts = (line.partition(b" - ") for line in table.split(b"\n") if line)
    return any(mount.split()[:1] == number and kind.split()[0].decode() in _LOCAL for mount, _, kind in mounts)


def file_system_magic(path: Path) -> int:
    """The type of the file system that holds `path`. Raises OSError."""
    import ctypes  # 2 ms, and rarely needed

    words = (ctypes.c_long * (_STATFS_BYTES // ctypes.sizeof(ctypes.c_long)))()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.statfs(os.fsencode(path), words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(path))
    return int(words[0]) & 0xFFFFFFFF
