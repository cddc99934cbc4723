"""Machine code in files: taken from there by later processes, and never unless it is exactly what this user wrote."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import compile, primitive, sin
from autograd.compiler import cache_directory
from autograd.compiler.runtime import code_cache
from autograd.compiler.runtime.jit import Machine, machine
from tests.support import ROOT

pytest.importorskip("llvmlite")
posix = pytest.mark.skipif(os.name != "posix", reason="owners, permissions and symbolic links as POSIX has them")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that machine code is kept in."""
    cache_directory(tmp_path / "code")
    yield tmp_path / "code"
    cache_directory(None)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that machine code is made of, and not taken from a file."""
    texts: list[str] = []
    make = Machine._code

    def noted(self: Machine, text: str, level: int) -> bytes:
        texts.append(text)
        return make(self, text, level)

    monkeypatch.setattr(Machine, "_code", noted)
    return texts


def value() -> float:
    """x·sin(x) + 1 at 2, compiled anew."""
    return float(compile(lambda x: x * sin(x) + 1.0)(2.0))


EXPECTED = value()


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def only_file(folder: Path) -> Path:
    (file,) = files(folder)
    return file


# -- what it is for ----------------------------------------------------------------------------------------


def test_the_second_compilation_takes_its_code_from_the_file(folder: Path, made: list[str]) -> None:
    assert value() == EXPECTED
    assert len(made) == len(files(folder)) == 1
    assert value() == EXPECTED
    assert len(made) == 1


def test_nothing_is_kept_unless_asked_for(tmp_path: Path, made: list[str]) -> None:
    cache_directory(tmp_path / "code")
    cache_directory(None)
    assert [value(), value()] == [EXPECTED, EXPECTED]
    assert len(made) == 2
    assert files(tmp_path / "code") == []


@pytest.mark.parametrize("transform", ["value_and_grad", "hessian", "jacobian"])
def test_lanes_and_sums_have_the_same_bits_from_a_file(folder: Path, made: list[str], transform: str) -> None:
    x = np.linspace(-1.0, 2.0, 19)
    results = []
    for _ in range(2):
        f = compile(lambda w, x: (w * sin(x) - 1.0) ** 2, (None, 0), "sum")
        results.append(getattr(f, transform)(2.0, x))
    np.testing.assert_equal(*results)
    assert files(folder)
    assert len(made) <= len(files(folder))  # the driver is one of them, unless this process has it already


def test_a_program_of_many_modules_is_kept_in_as_many_files(folder: Path, made: list[str]) -> None:
    def long(x: Any) -> Any:
        for _ in range(4000):
            x = sin(x) * 1.01 + x * 0.25
        return x

    found = [compile(long)(0.5) for _ in range(2)]
    assert found[0] == found[1]
    assert len(made) == len(files(folder))


CHILD = """
import sys
import numpy as np
from autograd import compile, exp, sin
from autograd.compiler.runtime.jit import Machine
made, make = [], Machine._code
Machine._code = lambda self, text, level: made.append(text) or make(self, text, level)
f = compile(lambda p, x: sum([p[k] * sin(x) for k in p]) + exp(-x), (None, 0), "sum")
value, gradient = f.value_and_grad({"b": 1.0, "a": 2.0, "c": 0.5}, np.linspace(0.0, 1.0, 21))
print(len(made), value.hex(), *[gradient[k].hex() for k in gradient])
"""


def child(folder: Path, seed: str = "0", code: str = CHILD) -> list[str]:
    """The words that another process prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CHAINRULE_CACHE_DIR": str(folder), "PYTHONHASHSEED": seed}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_environment_names_the_folder_and_another_process_makes_no_code(tmp_path: Path) -> None:
    count, *numbers = child(tmp_path / "code", "1")
    again, *same = child(tmp_path / "code", "2")
    assert (int(count), int(again)) == (len(files(tmp_path / "code")), 0)
    assert same == numbers


def test_processes_that_write_at_once_get_the_same_numbers(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: child(tmp_path / "code"), range(3)))
    assert len({tuple(numbers) for _, *numbers in found}) == 1
    assert child(tmp_path / "code")[0] == "0"


def test_threads_that_write_at_once_get_the_same_numbers(folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: value(), range(12))) == {EXPECTED}
    assert len(files(folder)) == 1


# -- a file that isn't what was written --------------------------------------------------------------------


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(at: float) -> Callable[[bytes], bytes]:
    """What flips a bit there."""

    def flip(content: bytes) -> bytes:
        k = int(at * (len(content) - 1))
        return content[:k] + bytes([content[k] ^ 1]) + content[k + 1 :]

    return flip


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": truncated,
    "empty": lambda content: b"",
    "longer": lambda content: content + b"\0",
    "only its head": lambda content: content[: len(code_cache.START)],
    "another format": lambda content: content.replace(b"machine code", b"machine c0de", 1),
    "not ours": lambda content: b"\x7fELF" + bytes(5000),
    **{f"a bit flipped at {at}": flipped(at) for at in (0.0, 0.01, 0.1, 0.3, 0.5, 0.9, 1.0)},
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_made_anew(folder: Path, made: list[str], damage: Callable[[bytes], bytes]) -> None:
    value()
    whole = only_file(folder).read_bytes()
    only_file(folder).write_bytes(damage(whole))
    assert value() == EXPECTED
    assert len(made) == 2
    assert only_file(folder).read_bytes() == whole
    value()
    assert len(made) == 2


def test_files_that_are_swapped_are_made_anew(folder: Path, made: list[str]) -> None:
    other = compile(lambda x: x * x - 7.0)
    assert other(3.0) == 2.0
    value()
    one, two = files(folder)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert value() == EXPECTED
    assert compile(lambda x: x * x - 7.0)(3.0) == 2.0
    assert len(made) == 4
    assert [one.read_bytes(), two.read_bytes()] == [first, second]


@pytest.mark.parametrize("k", range(len(machine().name())))
def test_code_of_another_version_or_machine_is_another_files(
    folder: Path, made: list[str], monkeypatch: pytest.MonkeyPatch, k: int
) -> None:
    here = machine().name()
    monkeypatch.setattr(Machine, "name", lambda self: [*here[:k], "another", *here[k + 1 :]])
    value()
    stranger = only_file(folder)
    monkeypatch.setattr(Machine, "name", lambda self: here)
    assert value() == EXPECTED
    assert len(made) == len(files(folder)) == 2
    mine = next(file for file in files(folder) if file != stranger)
    mine.write_bytes(stranger.read_bytes())  # under the name that this machine looks for
    assert value() == EXPECTED
    assert len(made) == 3


def test_the_name_says_processor_features_and_versions() -> None:
    import llvmlite
    from llvmlite import binding

    name = machine().name()
    expected = [binding.get_host_cpu_name(), binding.get_default_triple(), llvmlite.__version__, machine().features]
    assert all(each in name for each in expected)
    assert set(binding.llvm_version_info) <= set(name)


def test_code_of_another_format_of_files_isnt_found(folder: Path, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    value()
    monkeypatch.setattr(code_cache, "FORMAT", code_cache.FORMAT + 1)
    assert value() == EXPECTED
    assert len(made) == len(files(folder)) == 2


@posix
def test_a_link_isnt_followed_but_replaced(folder: Path, made: list[str], tmp_path: Path) -> None:
    value()
    file, elsewhere = only_file(folder), tmp_path / "elsewhere"
    file.rename(elsewhere)
    content = elsewhere.read_bytes()
    file.symlink_to(elsewhere)
    assert value() == EXPECTED
    assert len(made) == 2
    assert not file.is_symlink()
    assert file.read_bytes() == elsewhere.read_bytes() == content


@posix
def test_a_pipe_or_a_folder_in_the_place_of_a_file_doesnt_stop_a_call(folder: Path, made: list[str]) -> None:
    value()
    file = only_file(folder)
    file.unlink()
    os.mkfifo(file)
    assert value() == EXPECTED
    assert file.is_file()
    file.unlink()
    file.mkdir()
    with pytest.warns(RuntimeWarning, match="machine code isn't kept in"):
        assert value() == EXPECTED
    assert len(made) == 3


# -- who may write there -----------------------------------------------------------------------------------


@posix
def test_the_folder_and_its_files_are_this_users_alone(folder: Path) -> None:
    old = os.umask(0o002)
    try:
        cache_directory(folder.parent / "a" / "b")
        value()
    finally:
        os.umask(old)
    above, inner = folder.parent / "a", folder.parent / "a" / "b"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (above, inner, only_file(inner))] == [0o700, 0o700, 0o600]


@posix
@pytest.mark.parametrize("mode", [0o777, 0o707, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(PermissionError, match=r"executed can't be kept there, as others may write to it \(chmod go-w\)"):
        cache_directory(tmp_path)


@posix
def test_a_folder_in_one_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(PermissionError, match="others may write to it") as caught:
        cache_directory(tmp_path / "code")
    assert caught.value.filename == str(tmp_path)
    tmp_path.chmod(0o1777)  # as /tmp: nobody can replace what is another's
    cache_directory(tmp_path / "code")
    cache_directory(None)


@posix
def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    with pytest.raises(PermissionError, match=f"it belongs to another user, {uid}"):
        cache_directory(tmp_path)


@posix
@pytest.mark.parametrize("mode", [0o666, 0o602])
def test_code_in_a_file_that_others_may_write_to_isnt_run(folder: Path, made: list[str], mode: int) -> None:
    value()
    only_file(folder).chmod(mode)
    assert value() == EXPECTED
    assert len(made) == 2
    assert stat.S_IMODE(only_file(folder).stat().st_mode) == 0o600


@posix
def test_a_folder_that_others_may_write_to_by_now_is_neither_read_nor_written(folder: Path, made: list[str]) -> None:
    value()
    before = only_file(folder).stat()
    folder.chmod(0o777)
    code_cache._warn.cache_clear()
    with pytest.warns(RuntimeWarning, match=r"isn't kept in .*: machine code that is executed can't be kept"):
        assert value() == EXPECTED
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert value() == EXPECTED  # said once
    assert caught == []
    assert len(made) == 3
    assert only_file(folder).stat() == before


@posix
def test_a_group_that_is_the_users_own_is_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o770)
    monkeypatch.setattr(code_cache, "_of_one", lambda group, user: True)
    cache_directory(tmp_path)
    monkeypatch.setattr(code_cache, "_of_one", lambda group, user: False)
    with pytest.raises(PermissionError, match="others may write to it"):
        cache_directory(tmp_path)
    cache_directory(None)


# -- folders that can't be ---------------------------------------------------------------------------------


def test_where_there_can_be_no_folder_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OSError, match="file"):
        cache_directory(tmp_path / "file")
    with pytest.raises(OSError, match="file"):
        cache_directory(tmp_path / "file" / "code")


def test_a_folder_from_the_environment_that_cant_be_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    code = f"""
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    exec({CHILD!r})
print(len(caught), caught[0].message)
"""
    words = child(tmp_path / "file", code=code)
    assert "1 CHAINRULE_CACHE_DIR: machine code isn't kept in" in " ".join(words)


def test_a_folder_that_is_gone_by_now_doesnt_stop_a_call(folder: Path, made: list[str]) -> None:
    value()
    only_file(folder).unlink()
    folder.rmdir()
    code_cache._warn.cache_clear()
    with pytest.warns(RuntimeWarning, match="machine code isn't kept in"):
        assert value() == EXPECTED
    assert len(made) == 2


def test_a_full_disk_doesnt_stop_a_call(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(code_cache, "write_atomically", full)
    code_cache._warn.cache_clear()
    with pytest.warns(RuntimeWarning, match="No space left on device"):
        assert value() == EXPECTED
    assert files(folder) == []


# -- Python's addresses ------------------------------------------------------------------------------------


def with_primitive(factor: float) -> tuple[float, object]:
    """The result of a program that calls Python, and the function that it calls."""

    @primitive(lambda y, v: factor)
    def scaled(v: float) -> float:
        return factor * v

    return float(compile(lambda x: scaled(x) + sin(x))(1.0)) - float(np.sin(1.0)), scaled


def test_code_with_addresses_of_functions_in_python_is_in_no_file(folder: Path, made: list[str]) -> None:
    found = [with_primitive(factor) for factor in (2.0, 3.0, 5.0)]
    assert [number for number, _ in found] == pytest.approx([2.0, 3.0, 5.0])
    assert len(files(folder)) == 1  # one program: which function it calls is found out when it is loaded
    addresses = [line for text in made for line in text.splitlines() if "inttoptr" in line]
    assert len(addresses) == 3
    numbers = [int(line.split("i64 ")[1].split()[0]) for line in addresses]
    assert not any(number.to_bytes(8, sys.byteorder) in only_file(folder).read_bytes() for number in numbers)
