"""Files are written whole or not at all: full disks, killed processes, interrupts, and targets that are no files."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autograd.interop import files
from autograd.interop.files import write_atomically
from tests.support import ROOT

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits, devices and signals as Linux has them")
posix = pytest.mark.skipif(os.name != "posix", reason="permissions and symbolic links as POSIX has them")


def run_child(code: str, folder: Path) -> list[str]:
    """The words that a process prints which runs the code in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


# Everything that writes: the name of a file, and what saves one of two contents under it.
WRITERS = """
from autograd import Value, compile, draw
from autograd.cli.commands import draw as draw_command

def graph(count):
    y = Value(1.0, name="x")
    for _ in range(count):
        y = y.sin() + 0.5
    y.backward()
    return draw(y)

drawings = [graph(20), graph(30)]
programs = [compile(f).program for f in (lambda x: x.sin() * x, lambda x: x.exp() * x.tanh() + 1.0)]
expressions = ["x*x", "x + sin(x)"]
writers = {f"g.{suffix}": lambda i, name: drawings[i].save(name) for suffix in ("svg", "png", "pdf", "html", "dot")}
writers["p.json"] = lambda i, name: programs[i].save(name)
"""


FULL_DISK = f"""
{WRITERS}
import io, os, resource, contextlib
from pathlib import Path
import nn
from nn.plots import loss_curve

figures = [loss_curve(nn.History([0.5, 0.25 + i])) for i in (0, 1)]
writers["f.png"] = lambda i, name: figures[i].savefig(name)

def draw_quietly(i, name):
    with contextlib.redirect_stdout(io.StringIO()):
        draw_command(expressions[i], ["x=1"], out=name)

writers["cli.svg"] = draw_quietly
rounds = 0
for name, write in writers.items():
    write(0, name)
    old = Path(name).read_bytes()
    for limit in (0, 1, len(old) // 4, 200):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            write(1, name)
        except OSError as error:
            assert name in str(error) and "large" in str(error), error
        else:
            raise AssertionError(f"{{name}}: no error at {{limit}} bytes")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert Path(name).read_bytes() == old, name
        rounds += 1
    write(1, name)
    assert Path(name).read_bytes() != old
assert sorted(os.listdir()) == sorted(writers), os.listdir()
print(len(writers), rounds)
"""


@linux
def test_a_disk_that_is_full_leaves_every_old_file_as_it_was(tmp_path: Path) -> None:
    assert run_child(FULL_DISK, tmp_path) == ["8", "32"]


KILLS = f"""
{WRITERS}
import os, random, signal, time
from pathlib import Path

print("rounds", flush=True)
contents = {{}}
for name, write in writers.items():
    contents[name] = []
    for i in (0, 1):
        write(i, name)
        contents[name].append(Path(name).read_bytes())
quick = {{name: write for name, write in writers.items() if not name.endswith(("png", "pdf"))}}
chance, torn = random.Random(7), 0
for attempt in range(60):
    child = os.fork()
    if not child:
        chosen = quick if attempt < 50 else writers
        while True:
            for name, write in chosen.items():
                write(0, name)
                write(1, name)
    time.sleep(chance.uniform(0.0, 0.02 if attempt < 50 else 0.5))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    torn += sum(Path(name).read_bytes() not in contents[name] for name in writers)
writers["p.json"](0, "p.json")
print(torn, set(os.listdir()) == set(writers))
"""


@linux
def test_a_process_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    assert run_child(KILLS, tmp_path) == ["rounds", "0", "True"]


HALF_WRITTEN = """
import os, sys, time
from autograd.interop import files

def stay(_):
    print("writing", flush=True)
    time.sleep(60)

files.os.fsync = stay
files.write_atomically("a.txt", "new")
"""


@posix
def test_what_a_killed_process_has_left_goes_with_the_next_file_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HALF_WRITTEN]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        (temporary,) = os.listdir(tmp_path)
        write_atomically(tmp_path / "a.txt", "old")
        while_living = sorted(os.listdir(tmp_path))
        process.kill()
    write_atomically(tmp_path / "b.txt", "another file")
    assert while_living == [temporary, "a.txt"]
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


@posix
def test_files_that_others_have_called_alike_stay(tmp_path: Path) -> None:
    (tmp_path / ".autograd-notes.tmp").touch()
    (tmp_path / f".autograd-{0:016x}.tmp").mkdir()
    (tmp_path / f".autograd-{1:016x}.tmp").symlink_to("a.txt")
    os.mkfifo(tmp_path / f".autograd-{2:016x}.tmp")
    before = os.listdir(tmp_path)
    write_atomically(tmp_path / "a.txt", "new")
    assert sorted(os.listdir(tmp_path)) == sorted([*before, "a.txt"])


@posix
def test_a_temporary_file_that_is_taken_for_stale_before_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, taken = files._lock, list[str]()

    def after_another_process(descriptor: int) -> bool | None:
        if not taken:
            taken.extend(os.listdir(tmp_path))
            os.unlink(tmp_path / taken[0])
        return lock(descriptor)

    monkeypatch.setattr(files, "_lock", after_another_process)
    write_atomically(tmp_path / "a.txt", "new")
    assert (len(taken), os.listdir(tmp_path), (tmp_path / "a.txt").read_text()) == (1, ["a.txt"], "new")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), MemoryError()])
@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_an_interrupt_leaves_the_old_file_and_nothing_beside_it(
    where: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_atomically(tmp_path / "a.txt", "old")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(f"autograd.interop.files.os.{where}", fail)
    with pytest.raises(type(error)):
        write_atomically(file, "new")
    assert (file.read_text(), os.listdir(tmp_path)) == ("old", ["a.txt"])


def test_text_is_utf_8_and_its_line_ends_stay(tmp_path: Path) -> None:
    assert write_atomically(tmp_path / "a.txt", "∂\r\n\n").read_bytes() == "∂\r\n\n".encode()
    assert write_atomically(str(tmp_path / "a.txt"), b"\xff").read_bytes() == b"\xff"


def test_text_that_has_no_bytes_changes_nothing(tmp_path: Path) -> None:
    file = write_atomically(tmp_path / "a.txt", "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(file, "\ud800")
    assert file.read_text() == "old"


@posix
def test_permissions_of_an_old_file_are_kept_and_a_new_one_has_the_usual(tmp_path: Path) -> None:
    usual, private = tmp_path / "usual", tmp_path / "private"
    usual.write_text("")
    private.touch(0o640)
    os.chmod(private, 0o640)
    write_atomically(private, "new")
    write_atomically(tmp_path / "ours", "new")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("private", "ours", "usual")]
    assert modes == [0o640, modes[2], modes[2]]


@posix
def test_a_symbolic_link_stays_one_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "file"
    link, second = tmp_path / "link", tmp_path / "second"
    link.symlink_to("there/file")
    second.symlink_to(link)
    for text in ("made through the link", "replaced through it"):
        write_atomically(second, text)
        assert (target.read_text(), link.is_symlink(), second.is_symlink()) == (text, True, True)
    assert sorted(os.listdir(tmp_path)) == ["link", "second", "there"]


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    file = write_atomically(tmp_path / "a.txt", "old")
    file.chmod(0o444)
    with pytest.raises(PermissionError, match="a.txt"):
        write_atomically(file, "new")
    assert file.read_text() == "old"


def test_a_path_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    file = write_atomically(tmp_path / "file", "old")
    with pytest.raises(FileNotFoundError, match="there is no folder .*nowhere: '.*nowhere.*a.txt'"):
        write_atomically(tmp_path / "nowhere" / "a.txt", "new")
    with pytest.raises(OSError, match="is (no|a) folder"):
        write_atomically(file / "a.txt", "new")
    with pytest.raises(OSError, match="is a folder" if os.name == "posix" else ""):
        write_atomically(tmp_path, "new")
    assert (file.read_text(), os.listdir(tmp_path)) == ("old", ["file"])


@posix
def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        write_atomically(tmp_path / "a", "new")


@posix
def test_a_pipe_is_written_directly(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, "through the pipe")
    reader.join()
    assert (read, stat.S_ISFIFO(pipe.stat().st_mode)) == ([b"through the pipe"], True)


@linux
def test_a_full_device_is_an_error_and_stays_a_device() -> None:
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_atomically("/dev/full", "new")
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


STDOUT = """
from autograd.interop.files import write_atomically
print("before", flush=True)
write_atomically("/dev/stdout", "picture\\n")
print("after", flush=True)
"""


@linux
@pytest.mark.parametrize("redirection", [">", ">>", "| cat >"])
def test_standard_output_takes_its_place_among_the_rest(redirection: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("first\n")
    command = f"'{sys.executable}' -c '{STDOUT}' {redirection} '{log}'"
    subprocess.run(command, shell=True, check=True, cwd=ROOT)
    first = ["first"] if redirection == ">>" else []
    assert log.read_text().split() == [*first, "before", "picture", "after"]


def test_what_is_written_at_the_same_time_is_one_or_the_other(tmp_path: Path) -> None:
    contents = [bytes([i]) * 100_000 for i in range(8)]
    threads = [threading.Thread(target=write_atomically, args=(tmp_path / "a", content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "a").read_bytes() in contents
    assert os.listdir(tmp_path) == ["a"]
