"""The database: migrations, turns of writers, look-ups that need no server."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from conductor.service import database as database_module
from conductor.service import downloads
from conductor.service.blobs import find, remember
from conductor.service.database import Base, Blob, Database, Download, Job, Task
from conductor.service.store import ContentStore, Stored


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "store")



@pytest.fixture
def database(tmp_path: Path):
    made = Database(tmp_path / "with blank and % sign.sqlite")
    made.upgrade()
    yield made
    made.close()


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    with database.read() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    with database.write() as session:
        session.add(Blob(sha256="a", md5="b", size=1, stored_at=0.0))
    database.upgrade()
    with database.read() as session:
        assert session.get(Blob, "a") is not None


def test_the_steps_lead_back_to_nothing(database: Database) -> None:
    config = Config()
    folder = Path(database_module.__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder))
    with database.write() as session:
        config.attributes["connection"] = session.connection()
        command.downgrade(config, "base")
    with database.read() as session:
        assert inspect(session.connection()).get_table_names() == ["alembic_version"]


def test_what_fails_is_rolled_back(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(Blob(sha256="a", md5="b", size=1, stored_at=0.0))
        session.flush()
        raise RuntimeError("in the middle")
    with database.read() as session:
        assert session.scalars(select(Blob)).all() == []


def test_writers_take_turns_and_lose_nothing(database: Database) -> None:
    with database.write() as session:
        session.add(Blob(sha256="counter", md5="b", size=0, stored_at=0.0))

    def count() -> None:
        for _ in range(20):
            with database.write() as session:
                session.get_one(Blob, "counter").size += 1

    threads = [threading.Thread(target=count) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.get_one(Blob, "counter").size == 100


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writing:
        writing.add(Blob(sha256="a", md5="b", size=1, stored_at=0.0))
        writing.flush()
        with database.read() as reading:
            assert reading.get(Blob, "a") is None
            assert reading.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_of_two_contents_with_one_md5_the_first_is_taken(
    database: Database, store: ContentStore
) -> None:
    contents = [store.path(name) for name in ("aa11", "bb22")]
    for number, path in enumerate(contents):
        path.parent.mkdir()
        path.write_bytes(b"x")
        with database.write() as session:
            remember(session, Stored(path.name, "same md5", 1))
            session.get_one(Blob, path.name).stored_at = float(number)
    with database.read() as session:
        assert find(session, store, [("same md5", 1)])["same md5", 1].sha256 == "aa11"
        contents[0].unlink()
        assert find(session, store, [("same md5", None)])["same md5", None].sha256 == "bb22"


def test_a_downloader_that_fell_silent_loses_its_claim(database: Database) -> None:
    names = (
        "title", "project", "owner", "location", "instance_type", "output_path",
        "node_output_path", "scout_frames", "status",
    )
    columns = dict.fromkeys(names, "")
    numbers = dict.fromkeys(
        ("cores", "priority", "max_instances", "upload_size", "chunk_size", "created_at"), 1
    )
    with database.write() as session:
        session.add(Job(
            **columns, **numbers, id=1, preemptible=False, local_upload=True, environment={},
            autoretry_policy={}, tags={}, software_package_ids=[], notify=[],
        ))
        session.flush()
        session.add(Task(job_id=1, number=0, command="true", frames="", status="success"))
        session.flush()
        session.add(Download(job_id=1, task_number=0, status=downloads.PENDING, claimed_at=0.0))

    def claim(now: float) -> int:
        with database.write() as session:
            return len(downloads.claim(session, "", 5, str, now))

    assert claim(1000.0) == 1
    assert claim(1000.0 + downloads.SILENCE_LIMIT_S) == 0
    assert claim(1001.0 + downloads.SILENCE_LIMIT_S) == 1


def test_a_store_of_two_levels_becomes_one_of_one(tmp_path: Path) -> None:
    root = tmp_path / "store"
    contents = ["abcd" + "0" * 60, "abce" + "0" * 60, "ff00" + "0" * 60]
    for name in contents:
        deep = root / name[:2] / name[2:4] / name
        deep.parent.mkdir(parents=True)
        deep.write_text(name)
    for _ in range(2):
        store = ContentStore(root)
        assert all(store.path(name).read_text() == name for name in contents)
    assert sorted(path.name for path in (root / "ab").iterdir()) == contents[:2]
