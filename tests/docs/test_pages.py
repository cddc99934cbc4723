"""Every page is true in what can be compared: its links, the files it names, its commands, the version."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import autograd
from tests.docs.pages import PAGES, ROOT, anchors, files_named, links, read

CI = read(ROOT / ".ci/run")
HISTORY = {"CHANGELOG.md"}  # names what is no longer there

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def test_there_are_pages() -> None:
    names = {page.relative_to(ROOT).as_posix() for page in PAGES}
    assert names >= {
        "README.md",
        "README.zh-CN.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "docs/architecture.md",
    }


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        path, _, heading = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        assert not heading or heading in anchors(file), target


@each_page
def test_files_that_are_named_exist(page: Path) -> None:
    named = set() if page.name in HISTORY else files_named(page)
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@each_page
def test_no_page_speaks_of_a_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:home|root|tmp|work|Users)/\w+", read(page)) == []


def test_the_changelog_names_where_things_have_gone() -> None:
    page = ROOT / "CHANGELOG.md"
    rows = re.findall(r"^\| `(.+?)` .*?\| (.+) \|$", read(page), re.MULTILINE)
    assert len(rows) > 10
    gone = [before for before, _ in rows if (ROOT / before.split("`")[0]).exists()]
    assert [name for name in gone if not name.endswith("/")] == []
    now = [name for _, cell in rows for name in re.findall(r"`((?:autograd|nn)/[\w/.]+)`", cell)]
    assert sorted(name for name in now if not (ROOT / name).exists()) == []


# -- contributing --------------------------------------------------------------------------------------------


def test_a_contributor_needs_four_commands() -> None:
    (commands,) = re.findall(r"^```sh\n(.*?)^```", read(ROOT / "CONTRIBUTING.md"), re.DOTALL | re.MULTILINE)
    assert len(commands.splitlines()) == 4
    assert "python scripts/check\nbash .ci/run\n" in commands


def test_the_places_of_a_new_operation_are_those_that_its_test_names() -> None:
    table = read(ROOT / "CONTRIBUTING.md").split("## A new operation")[1].split("\n## ")[0]
    places = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    listed = re.findall(r"^    (\S+\.py)  ", read(ROOT / "tests/rules/test_new_operation.py"), re.MULTILINE)
    assert places == listed
    assert len(places) <= 6


def test_the_modules_of_generated_files_exist() -> None:
    modules = re.findall(r"`python -m ([\w.]+)", read(ROOT / "CONTRIBUTING.md"))
    assert len(modules) >= 4
    assert [name for name in modules if not (ROOT / name.replace(".", "/")).with_suffix(".py").exists()] == []


# -- the README's commands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_commands_of_the_package_follow_an_activation(name: str) -> None:
    """A newcomer types what stands there: `autograd …` needs the environment, or a path to it."""
    blocks = re.findall(r"^```sh\n(.*?)^```", read(ROOT / name), re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    bare = [i for i, line in enumerate(lines) if line.startswith(("autograd ", "pip ", "python "))]
    assert bare
    assert lines.index("source .venv/bin/activate") < bare[0]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_extra_that_is_advised_exists(name: str) -> None:
    extras = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    advised = {extra for extras in re.findall(r"'\.\[([\w,]+)\]'", read(ROOT / name)) for extra in extras.split(",")}
    assert advised >= {"plot", "test", "notebooks", "prove", "compile"}
    assert advised <= set(extras)


def test_extras_that_messages_advise_exist() -> None:
    extras = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    sources = [path for folder in ("autograd", "nn", "benchmarks", "tests") for path in (ROOT / folder).rglob("*.py")]
    advised = {extra for path in sources for extra in re.findall(r"pip install '\.\[(\w+)\]'", read(path))}
    assert advised >= {"prove", "compile", "notebooks", "bench"}
    assert advised <= set(extras)


def test_nobody_is_sent_to_an_index_that_does_not_have_the_package() -> None:
    """The name isn't published: whatever advises an installation names a clone. Only the release's own page may not."""
    folders = ("autograd", "nn", "benchmarks", "docs", "notebooks", ".ci")
    files = [*ROOT.glob("*.md"), *(path for folder in folders for path in (ROOT / folder).rglob("*.[pim]*"))]
    texts = {path: read(path) for path in files if path.suffix in (".py", ".ipynb", ".md") and path.name != "releasing.md"}
    assert len(texts) > 100
    sent = re.compile(r"(?:pip3? install|uv (?:pip install|add)|pipx install)(?: -\S+)* ['\"]?chainrule")
    assert [path.name for path, text in texts.items() if sent.search(text)] == []


def test_a_proof_needs_no_tool_of_developers() -> None:
    extras = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    assert [re.split(r"\W", package)[0] for package in extras["prove"]] == ["hypothesis"]


# -- the version ---------------------------------------------------------------------------------------------------


def test_the_version_stands_in_one_place_and_the_citation_agrees() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    assert "version" not in project
    assert f"\nversion: {autograd.__version__}\n" in read(ROOT / "CITATION.cff")
    assert autograd.__version__ in read(ROOT / "CHANGELOG.md")


def test_hatch_can_read_the_version() -> None:
    tree = ast.parse(read(ROOT / "autograd/__init__.py"))
    assigned = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"
    ]
    assert [ast.literal_eval(value) for value in assigned] == [autograd.__version__]


def test_every_python_of_the_classifiers_is_tried() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    versions = [c.rpartition(" ")[2] for c in project["classifiers"] if re.search(r"Python :: 3\.\d+$", c)]
    (tried,) = re.findall(r"python: \[(.+)\]", read(ROOT / ".github/workflows/ci.yml"))
    assert re.findall(r'"([\d.]+)"', tried) == versions
    assert project["requires-python"] == f">={versions[0]}"


# -- the index -----------------------------------------------------------------------------------------------------


def test_the_index_lists_every_page() -> None:
    listed = {(ROOT / "docs" / target).resolve() for target in links(ROOT / "docs/README.md")}
    indexed = {ROOT / "docs/cookbook", ROOT / "docs/decisions"}  # whose README lists them
    pages = {page.parent if page.parent in indexed else page for page in PAGES if page.is_relative_to(ROOT / "docs")}
    folders = {path.parent if path.name == "README.md" else path for path in listed}
    assert sorted(map(str, pages - folders - {ROOT / "docs/README.md"})) == []
