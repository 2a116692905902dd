"""What was measured, in memory and saved as JSON. A session measures one kind of thing (programs, start-up, instructions, …) of several
subjects (each program, each size)."""
import json
import sys
from dataclasses import dataclass

import stats

FORMAT = 2


@dataclass
class Outcome:
    """All runs of one subject: side → field → one value per run. The n-th runs of all sides were one after the other, in turns."""

    name: str
    sides: dict

    def values(self, side, field):
        return self.sides[side][field]

    def median(self, side, field):
        return stats.median(self.values(side, field))

    def ratio(self, side, other, field):
        return stats.ratio(self.values(side, field), self.values(other, field))

    def best_ratio(self, side, other, field):
        return stats.best_ratio(self.values(side, field), self.values(other, field))

    def runs(self):
        return max(len(values) for fields in self.sides.values() for values in fields.values())


def columns(runs, fields):
    """Usages (or the like), one per run, as lists by field."""
    return {field: [getattr(run, field) for run in runs] for field in fields}


@dataclass(frozen=True)
class Metric:
    """A figure by which sessions are compared: a ratio of two sides, or what one side takes by itself where `to` is None."""

    title: str
    side: str
    to: str | None
    field: str

    def known(self, outcome):
        return all(self.field in outcome.sides.get(side, {}) for side in (self.side, self.to) if side)

    def of(self, outcome):
        return outcome.ratio(self.side, self.to, self.field) if self.to else outcome.median(self.side, self.field)


@dataclass
class Saved:
    conditions: dict
    outcomes: dict  # by name


def save(path, kind, conditions, outcomes):
    """A line for each subject: short files, and the conditions can be read."""
    head = json.dumps({"format": FORMAT, "kind": kind, "conditions": conditions}, indent=1, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n".join(f"  {json.dumps(each.name)}: {json.dumps(each.sides)}" for each in outcomes)
    path.write_text(f'{head},\n "outcomes": {{\n{lines}\n }}\n}}\n')


def load(path, kind):
    try:
        whole = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: {error}")
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        sys.exit(f"{path}: not a result of this version of the benchmarks")
    if whole["kind"] != kind:
        sys.exit(f"{path}: holds '{whole['kind']}', this session measures '{kind}'")
    return Saved(whole["conditions"], {name: Outcome(name, sides) for name, sides in whole["outcomes"].items()})
