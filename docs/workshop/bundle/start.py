"""Installs agentsim from the wheels of this folder, without a network, and starts its page.

``start.sh``, ``start.command`` and ``start.bat`` call this; further words are handed on to ``agentsim app``.
Needs only Python's own library. ``--check`` says whether this Python can be used.
"""

import json
import os
import platform
import subprocess
import sys
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
INSTALLED = HERE / "venv"
LONGEST_INSTALLATION_S = 1200
SCENARIO = HERE / "scenarios" / "hostile_operator.toml"


def made_for() -> dict[str, list[str]]:
    """What the wheels are for: ``pythons``, the oldest of each as in ``3.11.5``, and ``machines``."""
    return json.loads((HERE / "bundle.json").read_text(encoding="utf-8"))


def pythons_text(pythons: list[str], newer: str) -> str:
    """The versions of Python in words; *newer* says "or newer" and is left out where any will do.

    >>> pythons_text(["3.11.5", "3.12.0"], " or newer")
    '3.11 (3.11.5 or newer), 3.12'
    """
    parts = [(one, one.rpartition(".")) for one in pythons]
    return ", ".join(minor if last == "0" else f"{minor} ({one}{newer})" for one, (minor, _, last) in parts)


def is_right(version: tuple[int, ...], pythons: list[str]) -> bool:
    """True if a version of Python can use the wheels.

    >>> [is_right(one, ["3.11.5"]) for one in ((3, 11, 2), (3, 11, 9), (3, 12, 9))]
    [False, True, False]
    """
    oldest = [tuple(int(part) for part in one.split(".")) for one in pythons]
    return any(version[:2] == one[:2] and version >= one for one in oldest)


def this_machine() -> str:
    """System and processor, as in ``Linux x86_64``; the processor by one name on all systems.

    >>> this_machine().split()[0] in ("Linux", "Darwin", "Windows")
    True
    """
    processor = platform.machine().lower()
    return f"{platform.system()} { {'amd64': 'x86_64', 'aarch64': 'arm64'}.get(processor, processor) }"


def cannot_run() -> tuple[str, str] | None:
    """Why this Python or this machine cannot use the wheels, in English and Japanese; None if it can."""
    wanted, version = made_for(), sys.version_info[:3]
    if this_machine() not in wanted["machines"]:
        machines = ", ".join(wanted["machines"])
        return (
            f"this archive is for {machines}; this machine is {this_machine()}",
            f"このファイルは {machines} 用です。このパソコンは {this_machine()} です",
        )
    if not is_right(version, wanted["pythons"]):
        told = ".".join(str(part) for part in version)
        pythons = wanted["pythons"]
        return (
            f"this archive needs Python {pythons_text(pythons, ' or newer')}, 64 bit; this is {told}",
            f"Python {pythons_text(pythons, ' 以降')}、64ビットが必要です。この Python は {told} です",
        )
    return None


def program() -> Path:
    """The Python of the installation."""
    return INSTALLED / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install() -> None:
    """Install from the wheels, once; a second window waits for the first.

    Raises subprocess.CalledProcessError or OSError.
    """
    ready, busy = INSTALLED / "ready", HERE / "installing"
    while not ready.exists():
        try:
            busy.mkdir()
        except FileExistsError:
            _wait_for(busy)
            continue
        try:
            _install()
            ready.touch()
        finally:
            busy.rmdir()


def _wait_for(busy: Path) -> None:
    """Wait until another window has installed, or has been gone for long."""
    say("another window is installing; waiting", "別のウィンドウでインストール中です。お待ちください")
    while busy.exists():
        if time.time() - busy.stat().st_mtime > LONGEST_INSTALLATION_S:
            busy.rmdir()  # it was closed, or the computer was switched off
        time.sleep(1)


def _install() -> None:
    say("installing agentsim; this takes a few minutes, once", "インストール中です。初回だけ数分かかります")
    venv.create(INSTALLED, with_pip=True, clear=True)
    offline = ["--no-index", "--find-links", str(HERE / "wheels"), "--disable-pip-version-check", "--quiet"]
    # not compiled beforehand: most of it is never imported
    subprocess.run([program(), "-m", "pip", "install", "--no-compile", *offline, "agentsim[app]"], check=True)
    warm_up = "from agentsim.networks.roads.network import warm_up; warm_up()"
    subprocess.run([program(), "-c", warm_up], check=True)


def say(english: str, japanese: str) -> None:
    print(f"{english}\n{japanese}", file=sys.stderr, flush=True)


def main(words: list[str]) -> int:
    """Install if need be, then start; returns the exit status."""
    sys.stderr.reconfigure(errors="replace")  # a Windows console may lack Japanese letters
    wrong = cannot_run()
    if "--check" in words:
        return 1 if wrong else 0
    if wrong:
        say(*wrong)
        return 2
    try:
        install()
    except (OSError, subprocess.CalledProcessError) as error:
        say(
            f"the installation failed: {error}\nIs the archive unpacked, the folder writable, the disk"
            " not full? On Debian and Ubuntu the package python3-venv is needed.",
            "インストールできませんでした。ファイルを展開しましたか。"
            "フォルダーに書き込めますか。空き容量はありますか。",
        )
        return 1
    command = [str(program()), "-m", "agentsim", "app", str(SCENARIO), *words]
    if os.name != "nt":
        os.execv(command[0], command)  # so that what ends this process ends the server
    try:
        return subprocess.run(command).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
