"""Which devices are this machine's own, from the list that Linux keeps."""

from __future__ import annotations

import os

import pytest

from conductor.lib.local_disks import local_devices

LINES = """\
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 27 0:21 / /mnt/show rw,relatime - nfs4 nas:/show rw,addr=10.0.0.1
31 27 0:44 / /mnt/win rw - cifs //nas/win rw
32 27 0:45 / /home/a\\040b rw master:3 - fuse.sshfs box:/ rw
33 27 259:2 / /scratch rw shared:9 master:2 - xfs /dev/nvme0n1p2 rw
34 27 0:50 / /tmp rw - tmpfs tmpfs rw
35 27 0:51 / / rw - overlay overlay rw,lowerdir=/a
"""


def test_network_and_layered_file_systems_are_left_out() -> None:
    assert local_devices(LINES.splitlines()) == {
        os.makedev(254, 0), os.makedev(259, 2), os.makedev(0, 50)}


@pytest.mark.parametrize("line", ["", "no dash", "27 1 - ext4 x", "27 1 8:1 / / rw -"])
def test_lines_that_say_nothing(line: str) -> None:
    assert local_devices([line]) == frozenset()
