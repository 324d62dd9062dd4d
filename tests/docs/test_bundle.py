"""The archive for a room without internet: its start scripts, what it refuses, and what is packed."""

import json
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """``docs/make_bundle.py``."""
    before = list(sys.path)
    sys.path.insert(0, str(DOCS))
    try:
        import make_bundle
    finally:
        sys.path[:] = before
    return make_bundle


@pytest.fixture
def folder(maker: ModuleType, tmp_path: Path) -> Path:
    """A folder with the start scripts, for this machine and this Python."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}.0"
    maker.start_scripts(tmp_path, [here], [maker.start.this_machine()])
    return tmp_path


def checked(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, folder / "start.py", "--check"], capture_output=True, text=True)


def test_this_machine_may_start_it(folder):
    assert checked(folder).returncode == 0


@pytest.mark.parametrize(
    ("change", "said", "said_ja"),
    [
        ({"pythons": ["3.8.0"]}, "this archive needs Python 3.8, 64 bit", "Python 3.8、64ビットが必要です"),
        (
            {"pythons": [f"3.{sys.version_info[1]}.98"]},
            f"this archive needs Python 3.{sys.version_info[1]} (3.{sys.version_info[1]}.98 or newer)",
            f"Python 3.{sys.version_info[1]} (3.{sys.version_info[1]}.98 以降)",
        ),
        ({"machines": ["Amiga m68k"]}, "this archive is for Amiga m68k", "Amiga m68k 用です"),
    ],
)
def test_another_python_or_machine_is_told_what_is_needed(folder, change, said, said_ja):
    made_for = json.loads((folder / "bundle.json").read_text()) | change
    (folder / "bundle.json").write_text(json.dumps(made_for))
    assert checked(folder).returncode == 1
    run = subprocess.run([sys.executable, folder / "start.py"], capture_output=True, encoding="utf-8")
    assert run.returncode == 2
    assert said in run.stderr
    assert said_ja in run.stderr
    assert "Traceback" not in run.stderr


def wheel(folder: Path, name: str, needs: str) -> None:
    """A wheel that only says which Python it is made for."""
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as packed:
        packed.writestr(f"{name}-1.0.dist-info/METADATA", f"Name: {name}\nRequires-Python: {needs}\n\ntext\n")


def test_the_oldest_python_is_that_of_the_choosiest_package(maker, tmp_path):
    wheel(tmp_path, "easy", ">=3.9")
    assert maker.oldest_python(tmp_path, "3.11") == "3.11.0"
    wheel(tmp_path, "choosy", ">=3.11.5")
    assert maker.oldest_python(tmp_path, "3.11") == "3.11.5"
    assert maker.oldest_python(tmp_path, "3.12") == "3.12.0"
    wheel(tmp_path, "newer", ">=3.12")
    with pytest.raises(SystemExit, match=r"3\.11"):
        maker.oldest_python(tmp_path, "3.11")


def test_no_archive_is_made_whose_guide_does_not_fit(maker, monkeypatch):
    answers = maker.make_workshop

    def not_recorded() -> list[str]:
        raise maker.NoLongerTrue("W-C1 is recorded")

    for found in (lambda: ["guide.ja.md"], not_recorded):
        monkeypatch.setattr(answers, "out_of_date", found)
        with pytest.raises(SystemExit, match="make recordings"):
            maker.stop_if_not_recorded()
    monkeypatch.setattr(answers, "out_of_date", list)
    maker.stop_if_not_recorded()


@pytest.mark.slow  # makes an environment
def test_a_failed_installation_is_told_without_a_traceback(folder):
    (folder / "wheels").mkdir()  # none in it
    run = subprocess.run([sys.executable, folder / "start.py"], capture_output=True, encoding="utf-8")
    assert run.returncode == 1
    assert "the installation failed" in run.stderr
    assert "インストールできませんでした" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (folder / "venv" / "ready").exists()  # so that the next start installs again


@pytest.fixture
def installs(maker: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each installation; nothing is installed."""
    done: list[str] = []
    monkeypatch.setattr(maker.start, "HERE", tmp_path)
    monkeypatch.setattr(maker.start, "INSTALLED", tmp_path / "venv")
    monkeypatch.setattr(maker.start, "_install", lambda: (done.append("once"), (tmp_path / "venv").mkdir()))
    return done


def test_it_installs_once(maker, installs):
    maker.start.install()
    maker.start.install()
    assert installs == ["once"]


def test_a_second_window_waits_for_the_first(maker, installs, tmp_path):
    busy = tmp_path / "installing"
    busy.mkdir()

    def first_window() -> None:
        (tmp_path / "venv").mkdir()
        (tmp_path / "venv" / "ready").touch()
        busy.rmdir()

    timer = threading.Timer(0.2, first_window)
    timer.start()
    maker.start.install()
    timer.join()
    assert installs == []


def test_an_installation_that_was_broken_off_is_taken_over(maker, installs, tmp_path):
    busy = tmp_path / "installing"
    busy.mkdir()
    os.utime(busy, (1.0, 1.0))
    maker.start.install()
    assert installs == ["once"]
    assert not busy.exists()


def test_each_system_has_every_way_to_start(maker, folder):
    for ending in ("sh", "command", "bat"):
        names = {file.name for file in folder.glob(f"*.{ending}")}
        assert names == {f"start{way}.{ending}" for way in ("", *(f"-{one}" for one in maker.WAYS))}
    assert b"\r\n" in (folder / "start.bat").read_bytes()
    assert b"\r" not in (folder / "start.sh").read_bytes()
    told = (folder / "README.txt").read_text(encoding="utf-8-sig")
    assert "{" not in told
    assert maker.start.this_machine() in told


def test_ways_to_start_can_run_at_the_same_time(maker):
    ports = [words.split("--port ")[1] for words in maker.WAYS.values()]
    assert len({"8765", *ports}) == 1 + len(ports)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_shell_script_hands_its_words_on(folder):
    (folder / "start.py").write_text(
        "import sys\nsys.exit(0) if '--check' in sys.argv else print(*sys.argv[1:])\n", encoding="utf-8"
    )
    run = subprocess.run([folder / "start-room.sh", "--no-browser"], capture_output=True, text=True)
    assert run.stdout.split() == ["--room", "--port", "8766", "--no-browser"]


def test_an_unpacked_script_can_be_run(maker, folder, tmp_path_factory):
    archive = tmp_path_factory.mktemp("archive") / "kit.zip"
    maker.packed(folder, archive)
    with zipfile.ZipFile(archive) as kit:
        one = kit.getinfo(f"{folder.name}/start.sh")
    assert one.external_attr >> 16 & 0o111


def test_documents_hold_pdfs_and_no_scripts_that_make_them(maker, tmp_path):
    pytest.importorskip("typst")
    maker.documents(tmp_path)
    assert len(list((tmp_path / "workshop").glob("*.pdf"))) == 8
    assert (tmp_path / "scenarios" / "hostile_operator.toml").exists()
    assert (tmp_path / "notebooks" / "first_blackout.ipynb").exists()
    assert not list((tmp_path / "docs").rglob("make_*.py"))
