"""A wheel must hold both packages with their type markers, every module and page template of theirs, and nothing else."""

import sys
from pathlib import Path
from zipfile import ZipFile

root = Path(__file__).parents[1]
packaged = {name for name in ZipFile(sys.argv[1]).namelist() if ".dist-info/" not in name}
wanted = {
    path.relative_to(root).as_posix()
    for package in ("autograd", "nn")
    for path in (root / package).rglob("*")
    if path.suffix in (".py", ".js", ".css", ".html") or path.name == "py.typed"
}
missing = sorted(wanted - packaged)
strange = sorted(name for name in packaged if not name.startswith(("autograd/", "nn/")))
if missing or strange or not {"autograd/py.typed", "nn/py.typed"} <= packaged:
    sys.exit(f"{sys.argv[1]}: missing {missing}, not ours {strange}")
sys.stdout.write(f"{Path(sys.argv[1]).name}: autograd and nn, {len(packaged)} files, typed\n")
