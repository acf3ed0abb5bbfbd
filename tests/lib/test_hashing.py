"""MD5 of files that hold still, and the cache of hashes."""

from __future__ import annotations

import base64
import hashlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Iterator

import pytest

from conductor.lib.errors import Cancelled
from conductor.lib.hash_cache import FLUSH_ROWS, KEPT_DAYS, TABLE, HashCache
from conductor.lib.hashing import BLOCK, FileChanged, hash_file

OLD_NS = 10**18


def md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def write(path: Path, data: bytes, mtime_ns: int = OLD_NS) -> str:
    path.write_bytes(data)
    os.utime(str(path), ns=(mtime_ns, mtime_ns))
    return str(path)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[HashCache]:
    with HashCache(str(tmp_path / "cache" / "hashes.sqlite3")) as found:
        yield found


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_hashes(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    seen = []
    found = hash_file(write(tmp_path / "a", data), on_bytes=seen.append)
    assert (found.md5, found.stat.size, found.mtime_ns, found.cached) == (
        md5(data), size, OLD_NS, False)
    assert sum(seen) == size


def test_a_file_that_changes_once_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b"x" * 10)
    changes = iter([lambda: write(tmp_path / "a", b"y" * 11, OLD_NS + 1)])

    def on_bytes(size: int) -> None:
        next(changes, lambda: "")()

    found = hash_file(path, on_bytes=on_bytes)
    assert (found.md5, found.stat.size) == (md5(b"y" * 11), 11)


def test_a_file_replaced_meanwhile_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b"old")
    write(tmp_path / "b", b"new")
    changes = iter([lambda: os.replace(str(tmp_path / "b"), path)])
    found = hash_file(path, on_bytes=lambda size: next(changes, lambda: None)())
    assert found.md5 == md5(b"new")


def test_a_file_that_never_holds_still(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b"x")
    times = iter(range(1, 100))
    with pytest.raises(FileChanged, match="changes while it is read"):
        hash_file(path, on_bytes=lambda size: os.utime(path, ns=(0, next(times))))


def test_stopping(tmp_path: Path) -> None:
    cancel = threading.Event()
    seen = []

    def on_bytes(size: int) -> None:
        seen.append(size)
        cancel.set()

    with pytest.raises(Cancelled):
        hash_file(write(tmp_path / "a", b"x" * 3 * BLOCK), None, cancel, on_bytes)
    assert len(seen) == 1


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(str(tmp_path / "pipe"))
    with pytest.raises(OSError, match="not a regular file"):
        hash_file(str(tmp_path / "pipe"))


def test_the_second_time_nothing_is_read(tmp_path: Path, cache: HashCache) -> None:
    path = write(tmp_path / "a", b"data")
    assert not hash_file(path, cache).cached
    cache.close()
    with HashCache(cache.path) as again:
        found = hash_file(path, again, on_bytes=lambda size: pytest.fail("it was read"))
    assert (found.cached, found.md5) == (True, md5(b"data"))


@pytest.mark.parametrize(
    "data, mtime_ns",
    [(b"other", OLD_NS), (b"1234", OLD_NS + 1)],
    ids=["another size", "one nanosecond later"],
)
def test_a_changed_file_is_read(
    tmp_path: Path, cache: HashCache, data: bytes, mtime_ns: int,
) -> None:
    hash_file(write(tmp_path / "a", b"abcd"), cache)
    cache.close()
    with HashCache(cache.path) as again:
        assert hash_file(write(tmp_path / "a", data, mtime_ns), again).md5 == md5(data)


@pytest.mark.parametrize("is_local", [
    pytest.param(True, id="on a local disk"), pytest.param(False, id="elsewhere")])
def test_the_inode_counts_on_local_disks_only(tmp_path: Path, is_local: bool) -> None:
    path, file = tmp_path / "a", str(tmp_path / "hashes")
    local = {tmp_path.stat().st_dev} if is_local else set()
    with HashCache(file, local=local) as cache:
        hash_file(write(path, b"data"), cache)
    # Another file takes its place with its size and time, as copying tools can.
    os.replace(write(tmp_path / "b", b"DATA"), str(path))
    with HashCache(file, local=local) as again:
        found = hash_file(str(path), again)
    assert (found.md5 == md5(b"DATA"), found.cached) == (is_local, not is_local)


def test_fresh_reads_and_remembers(tmp_path: Path) -> None:
    path, file = write(tmp_path / "a", b"data"), str(tmp_path / "hashes")
    with HashCache(file, local=()) as cache:
        cache.put((path, 4, OLD_NS, 0), "wrong")
    with HashCache(file, local=()) as again:
        assert hash_file(path, again).md5 == "wrong"
        assert hash_file(path, again, fresh=True).md5 == md5(b"data")
    with HashCache(file, local=()) as third:
        assert third.get((path, 4, OLD_NS, 0)) == md5(b"data")


@pytest.mark.parametrize("age_s, kept", [(0.0, False), (1.9, False), (2.1, True), (-50.0, False)])
def test_a_young_file_is_not_remembered(tmp_path: Path, age_s: float, kept: bool) -> None:
    path = str(tmp_path / "hashes")
    with HashCache(path, clock=lambda: 1000.0) as cache:
        cache.put(("/a", 1, int((1000.0 - age_s) * 1e9), 0), "m")
    with HashCache(path) as cache:
        assert (cache.get(("/a", 1, int((1000.0 - age_s) * 1e9), 0)) == "m") is kept


def test_forgetting(cache: HashCache) -> None:
    cache.put(("/a", 1, 1, 0), "m")
    cache.forget("/a")
    assert cache.get(("/a", 1, 1, 0)) is None


def test_many_are_written_in_lots(cache: HashCache) -> None:
    for number in range(FLUSH_ROWS):
        cache.put(("/%d" % number, 1, 1, 0), "m")
    assert cache.get(("/0", 1, 1, 0)) == "m"


def test_old_rows_go(tmp_path: Path) -> None:
    path = str(tmp_path / "hashes")
    now = 10.0**9
    with HashCache(path, clock=lambda: now - (KEPT_DAYS + 1) * 86400) as cache:
        cache.put(("/old", 1, 1, 0), "m")
    with HashCache(path, clock=lambda: now) as cache:
        cache.put(("/new", 1, 1, 0), "m")
    with HashCache(path) as cache:
        assert (cache.get(("/old", 1, 1, 0)), cache.get(("/new", 1, 1, 0))) == (None, "m")


def test_for_the_user_alone(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        HashCache(str(tmp_path / "new" / "hashes")).close()
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new" / "hashes").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_names_that_are_no_text(cache: HashCache) -> None:
    name = os.fsdecode(b"/w/\xff\xfe.exr")
    cache.put((name, 1, 1, 0), "m")
    cache.close()
    with HashCache(cache.path) as again:
        assert again.get((name, 1, 1, 0)) == "m"


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database at all" * 100)


def _other_table(path: Path) -> None:
    connection = sqlite3.connect(str(path))
    connection.execute("CREATE TABLE %s (unrelated TEXT)" % TABLE)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "spoil", [_garbage, Path.mkdir, _other_table], ids=["garbage", "a folder", "other columns"])
def test_trouble_means_no_cache(
    tmp_path: Path, spoil: Any, caplog: pytest.LogCaptureFixture,
) -> None:
    spoil(tmp_path / "hashes")
    path = write(tmp_path / "a", b"data")
    with HashCache(str(tmp_path / "hashes")) as cache:
        assert hash_file(path, cache).md5 == md5(b"data")
        cache.put(("/x", 1, 1, 0), "m")
        cache.forget("/x")
        assert hash_file(path, cache).md5 == md5(b"data")
        assert not cache.works
    assert "without the hash cache" in caplog.text


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with HashCache(str(tmp_path / "file" / "hashes")) as cache:
        assert cache.get(("/a", 1, 1, 0)) is None and not cache.works


def test_threads_share_it(tmp_path: Path, cache: HashCache) -> None:
    def use(number: int) -> None:
        cache.put(("/%d" % number, 1, 1, 0), str(number))
        cache.get(("/%d" % (number - 1), 1, 1, 0))
        if number % 50 == 0:
            cache.forget("/none")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(1200)))
    cache.forget("/none")
    assert [cache.get(("/%d" % n, 1, 1, 0)) for n in (0, 599, 1199)] == ["0", "599", "1199"]


def test_processes_share_it(tmp_path: Path) -> None:
    script = (
        "import sys; from conductor.lib.hash_cache import HashCache\n"
        "for turn in range(20):\n"
        "    with HashCache(sys.argv[1]) as cache:\n"
        "        cache.put(('/%s/%d' % (sys.argv[2], turn), 1, 1, 0), 'm')\n"
        "        assert cache.works\n"
    )
    path = str(tmp_path / "hashes")
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).resolve().parents[2]))
    running = [
        subprocess.Popen([sys.executable, "-c", script, path, name], env=environment)
        for name in "ab"
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    with HashCache(path) as cache:
        assert all(cache.get(("/%s/%d" % (name, turn), 1, 1, 0)) for name in "ab"
                   for turn in range(20))
