"""Whether a folder lies where the system tells nobody of changes, so that one has to look."""

import re
from pathlib import Path

NETWORKED = ("nfs", "cifs", "smb", "fuse", "9p", "afs", "ceph", "gluster", "drvfs", "vboxsf")
"""How the names of such file systems begin. Changes made elsewhere are not told on them."""
MOUNTS = Path("/proc/mounts")


def needs_polling(folder: Path, mounts: Path = MOUNTS) -> bool:
    """The folder is on a file system of another machine; False where it cannot be told."""
    if str(folder).startswith("\\\\"):  # a share of Windows
        return True
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        place = folder.resolve()
    except OSError:
        return False
    best, kind = -1, ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        mount = Path(_unescaped(fields[1]))
        # The last of two mounts on one place hides the one before.
        if place.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), fields[2]
    return kind.startswith(NETWORKED)


def _unescaped(field: str) -> str:
    r"""A space in a mount's name is written `\040`."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
