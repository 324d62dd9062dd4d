"""Makes one archive for a room without internet: wheels, recordings, documents, PDFs, start scripts.

``make bundle`` calls this. The recordings are in the wheel of agentsim. Without options the wheels are for
the machine and the Python that make them. ``--for windows --python 3.12`` (repeated, if several) takes wheels
for others from the package index; that needs ``uv``, which knows what other systems need.
"""

import argparse
import email
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import make_workshop
from packaging.specifiers import SpecifierSet
from workshop_answers import NoLongerTrue

sys.path.insert(0, str(make_workshop.PAGES / "bundle"))  # for start.py, which is shipped with the archive
import start

import agentsim

ROOT = Path(__file__).parent.parent
PARTS = make_workshop.PAGES / "bundle"
DOCUMENTS = ("README.md", "README.ja.md", "LICENSE", "CHANGELOG.md", "docs", "notebooks")
SOURCE = ("pyproject.toml", "README.md", "LICENSE", "agentsim", "scenarios")
HERE = "here"
# system -> its machine as start.py names it, its tags for pip, its name for uv
SYSTEMS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "windows": ("Windows x86_64", ("win_amd64",), "x86_64-pc-windows-msvc"),
    "mac": (
        "Darwin arm64",
        tuple(f"macosx_{one}_0_{chip}" for one in (15, 14, 13, 12, 11) for chip in ("arm64", "universal2")),
        "aarch64-apple-darwin",
    ),
    "linux": (
        "Linux x86_64",
        tuple(f"manylinux_2_{one}_x86_64" for one in (28, 27, 26, 24, 17)) + ("manylinux2014_x86_64",),
        "x86_64-unknown-linux-gnu",
    ),
}
RUNNABLE = 0o755
NEWEST_PATCH = 99
# ways to start beside the usual one, with their own ports, so that they can run at the same time
WAYS = {"shared": "--host 0.0.0.0 --port 8767", "room": "--room --port 8766"}


def own_wheel(folder: Path) -> Path:
    """The wheel of agentsim, recordings included; built from a copy, so that no older build gets into it."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in SOURCE:
            part = ROOT / name
            if part.is_dir():
                shutil.copytree(part, Path(scratch) / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(part, Path(scratch) / name)
        _pip("wheel", "--no-deps", "--wheel-dir", str(folder), scratch)
    return next(folder.glob("agentsim-*.whl"))


def wheels_here(folder: Path, own: Path) -> None:
    """Wheels of everything that the page needs, for this machine and this Python."""
    _pip("wheel", "--wheel-dir", str(folder), f"{own}[app]")


def wheels_for(folder: Path, own: Path, system: str, python: str) -> None:
    """Wheels of everything that the page needs, for another system or Python.

    Raises
    ------
    SystemExit : ``uv`` is missing
    """
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("wheels for another system need uv (https://docs.astral.sh/uv)")
    _, tags, name = SYSTEMS[system]
    wanted = f"agentsim[app] @ {own.resolve().as_uri()}"
    compiled = subprocess.run(
        [uv, "pip", "compile", "-", "--quiet", "--no-header", "--no-annotate", "--only-binary", ":all:"]
        + ["--python-platform", name, "--python-version", python],
        input=wanted,
        text=True,
        capture_output=True,
        check=True,
    ).stdout
    needed = [line for line in compiled.splitlines() if not line.startswith("agentsim")]
    listed = folder / "needed.txt"
    listed.write_text("\n".join(needed), encoding="utf-8")
    platforms = [part for tag in tags for part in ("--platform", tag)]
    _pip(
        *("download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)),
        *("--python-version", python, *platforms, "--requirement", str(listed)),
    )
    listed.unlink()


def _pip(*words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", *words, "--quiet", "--disable-pip-version-check"], check=True
    )


def stop_if_not_recorded() -> None:
    """The guide says which runs appear at once, and their numbers; an archive without them would not hold it.

    Raises
    ------
    SystemExit : the recordings are not those of this model, or the guide is not that of the recordings
    """
    try:
        old = make_workshop.out_of_date()
    except NoLongerTrue as error:
        old = [str(error)]
    if old:
        sys.exit(
            f"the archive was not made, because the guide does not fit: {', '.join(old)}.\n"
            "Run make recordings, then make workshop. With --unchecked it is made, and the page computes what"
            " is missing"
        )


def oldest_python(wheels: Path, python: str) -> str:
    """The oldest release of a version of Python, as 3.11, that can install a wheel of every package.

    Raises
    ------
    SystemExit : no release can
    """
    admitted = defaultdict(list)
    for wheel in wheels.glob("*.whl"):
        admitted[wheel.name.partition("-")[0]].append(_admitted_by(wheel))
    for patch in range(NEWEST_PATCH):
        release = f"{python}.{patch}"
        if all(any(release in one for one in several) for several in admitted.values()):
            return release
    sys.exit(f"these wheels do not fit together: no Python {python} can install them all")


def _admitted_by(wheel: Path) -> SpecifierSet:
    """The versions of Python for which a wheel says that it is made."""
    with zipfile.ZipFile(wheel) as packed:
        name = next(one for one in packed.namelist() if one.endswith(".dist-info/METADATA"))
        head = email.message_from_bytes(packed.read(name))
    return SpecifierSet(head["Requires-Python"] or "")


def documents(folder: Path) -> None:
    """Scenarios, documents, notebooks and PDFs."""
    ignore = shutil.ignore_patterns("__pycache__", "bundle", "make_*.py", "room_figures.py", "workshop_*.py")
    for name in DOCUMENTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    make_workshop.print_all(folder / "workshop")


def start_scripts(folder: Path, pythons: Sequence[str], machines: Sequence[str]) -> None:
    """The scripts that install and start, one pair a system, and what they are made for.

    Parameters
    ----------
    pythons : the oldest release of each version, as 3.11.5
    """
    made_for = {"pythons": list(pythons), "machines": list(machines)}
    (folder / "bundle.json").write_text(json.dumps(made_for), encoding="utf-8")
    shutil.copy(PARTS / "start.py", folder / "start.py")
    told = (PARTS / "README.txt").read_text(encoding="utf-8")
    told = told.format(
        pythons=start.pythons_text(list(pythons), " or newer"),
        pythons_ja=start.pythons_text(list(pythons), " 以降"),
        machines=", ".join(machines),
    )
    # a mark at the beginning and CRLF, so that every editor of Windows reads it
    (folder / "README.txt").write_text(told, encoding="utf-8-sig", newline="\r\n")
    shell, batch = (PARTS / name for name in ("start.sh", "start.bat"))
    for ending in ("sh", "command"):
        _script(folder / f"start.{ending}", shell.read_text(encoding="utf-8"), "\n")
    _script(folder / "start.bat", batch.read_text(encoding="utf-8"), "\r\n")
    for name, words in WAYS.items():
        for ending in ("sh", "command"):
            text = f'#!/bin/sh\nexec "$(dirname "$0")/start.{ending}" {words} "$@"\n'
            _script(folder / f"start-{name}.{ending}", text, "\n")
        _script(folder / f"start-{name}.bat", f'@call "%~dp0start.bat" {words} %*\n', "\r\n")


def _script(file: Path, text: str, newline: str) -> None:
    file.write_text(text, encoding="utf-8", newline=newline)
    file.chmod(RUNNABLE)


def packed(folder: Path, archive: Path) -> None:
    """The folder as a zip file; scripts stay runnable where it is unpacked with ``unzip``."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                out.write(file, Path(folder.name) / file.relative_to(folder))


def main() -> None:
    """Makes the archive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for", dest="system", choices=[HERE, *SYSTEMS], default=HERE, help="system")
    parser.add_argument("--python", action="append", help="version, as 3.12; may be repeated")
    parser.add_argument("--out", type=Path, default=ROOT / "out", help="folder of the archive")
    parser.add_argument("--unchecked", action="store_true", help="also with recordings of another model")
    options = parser.parse_args()
    if not options.unchecked:
        stop_if_not_recorded()
    own_version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    pythons = options.python or [own_version]
    here = options.system == HERE
    if here and pythons != [own_version]:
        sys.exit(f"for another Python than {own_version} give the system too: --for linux, mac or windows")
    machine = start.this_machine() if here else SYSTEMS[options.system][0]
    name = f"agentsim-workshop-{agentsim.__version__}-{machine.replace(' ', '-').lower()}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        (folder / "wheels").mkdir(parents=True)
        own = own_wheel(folder / "wheels")
        if here:
            wheels_here(folder / "wheels", own)
        else:
            for python in pythons:
                wheels_for(folder / "wheels", own, options.system, python)
        oldest = [oldest_python(folder / "wheels", python) for python in pythons]
        documents(folder)
        start_scripts(folder, oldest, [machine])
        archive = options.out / f"{name}.zip"
        packed(folder, archive)
    size = archive.stat().st_size / 1e6
    told = start.pythons_text(oldest, " or newer")
    print(f"{os.path.relpath(archive)}: {size:.0f} MB, for {machine} with Python {told}")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"the archive was not made: {error.stderr or error.cmd[:4]}")
    except make_workshop.workshop_pdf.MissingPackages as error:
        sys.exit(str(error))
