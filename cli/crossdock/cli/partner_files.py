"""Partner profiles as files: found, read and checked, all problems at once.

Invariant: either every file is a valid profile and no two are of one partner, or the list of problems
names file and field of each; a directory without a profile is a problem, so that a check of the wrong place
cannot pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crossdock.canonical.models.partner import PartnerProfile
from crossdock.canonical.profiles import ProfileInvalid, parse_profile

_SUFFIXES = (".yaml", ".yml", ".json")
_LISTED = ", ".join(_SUFFIXES)


@dataclass(frozen=True)
class Problem:
    """What is wrong, where: file, field path (empty: the whole file)."""

    file: str
    field: str
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.field}" if self.field else self.file
        return f"{place}: {self.text}"


@dataclass(frozen=True)
class ProfileFile:
    """A valid profile and where it stands."""

    path: Path
    profile: PartnerProfile

    @property
    def name(self) -> tuple[str, str]:
        """Tenant and partner."""
        return self.profile.tenant, self.profile.partner


def read_files(places: Iterable[Path]) -> tuple[list[ProfileFile], list[Problem]]:
    """Profiles of files and of directories (searched deeply), and everything that is wrong with them."""
    files: list[ProfileFile] = []
    problems: list[Problem] = []
    for place in places:
        paths = _found(place)
        if not paths:
            problems.append(Problem(str(place), "", f"no profile here: their names end in {_LISTED}"))
        for path in paths:
            try:
                files.append(ProfileFile(path, parse_profile(path.read_text(encoding="utf-8"))))
            except ProfileInvalid as error:
                problems += [Problem(str(path), field, text) for field, text in error.problems]
            except UnicodeDecodeError:
                problems.append(Problem(str(path), "", "the file is not UTF-8 text"))
    return files, problems + _doubles(files)


def _found(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return sorted(path for path in place.rglob("*") if path.suffix in _SUFFIXES and path.is_file())


def _doubles(files: list[ProfileFile]) -> list[Problem]:
    first: dict[tuple[str, str], Path] = {}
    problems = []
    for one in files:
        other = first.setdefault(one.name, one.path)
        if other is not one.path:
            tenant, partner = one.name
            text = f"{tenant}/{partner} is described in {other} already"
            problems.append(Problem(str(one.path), "partner", text))
    return problems
