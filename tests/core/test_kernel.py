"""A kernel from disk: the same results, without what numba loads in order to compile."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import agentsim

FILE = """
import sys
import numpy as np
from agentsim.core.numerics.kernel import called, kernel

@called
def doubled(values, result):
    for i in range(values.size):
        result[i] = 2.0 * values[i]

@kernel
def fourfold(values, result):
    doubled(values, result)
    doubled(result, result)

result = np.zeros(3)
names = [name for name in sys.argv[1:]]
for name in names:
    globals()[name](np.arange(3.0), result)
    print(*result, sum(globals()[name].stats.cache_hits.values()), "numba.np.linalg" in sys.modules)
"""


def said(folder: Path, *names: str) -> list[str]:
    """What a new process prints that calls these kernels."""
    file = folder / "kernels.py"
    if not file.exists():
        file.write_text(FILE)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "kept")}
    command = [sys.executable, str(file), *names]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_a_kernel_from_disk_loads_no_compiler_and_gives_the_same(tmp_path: Path) -> None:
    assert said(tmp_path, "doubled") == ["0.0 2.0 4.0 0 True"]
    assert said(tmp_path, "doubled") == ["0.0 2.0 4.0 1 False"]


def test_after_a_kernel_from_disk_another_can_be_compiled_that_calls_it(tmp_path: Path) -> None:
    said(tmp_path, "doubled")
    assert said(tmp_path, "doubled", "fourfold") == ["0.0 2.0 4.0 1 False", "0.0 4.0 8.0 0 True"]
    assert said(tmp_path, "fourfold", "doubled") == ["0.0 4.0 8.0 1 False", "0.0 2.0 4.0 1 False"]


def test_kernels_that_are_found_on_disk_without_bitcode_are_called_by_no_other(tmp_path: Path) -> None:
    """It would not find their code: who may be called is marked so."""
    functions = [
        (function, {one.id for one in function.decorator_list if isinstance(one, ast.Name)})
        for file in Path(agentsim.__file__).parent.rglob("*.py")
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
    ]
    compiled = [function for function, marks in functions if marks & {"kernel", "called", "inlined"}]
    only_python = {function.name for function, marks in functions if "kernel" in marks}
    wrong = {
        (function.name, call.func.id)
        for function in compiled
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in only_python
    }
    assert len(only_python) > 50
    assert not wrong, "mark what is called as @called, see kernel.py"


def test_little_is_kept_of_a_kernel_but_its_machine_code(tmp_path: Path) -> None:
    said(tmp_path, "doubled", "fourfold")
    size = {file.name.split(".")[1].split("-")[0]: file.stat().st_size for file in tmp_path.rglob("*.nbc")}
    assert size["fourfold"] < size["doubled"]
