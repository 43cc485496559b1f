"""A question about a module: its recipe, its cases and its named mistakes, declared once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convbook.checks.modules.recipe import Recipe, bent_class
from convbook.checks.modules.watching import ModuleCase
from convbook.forms import Mistake


@dataclass(frozen=True)
class ModuleQuestion:
    """Declare one exercise whose answer is a `torch.nn.Module` class.

    `recipe` takes what the class takes and gives what it must compute; `mistakes` are the recipe, bent. `facts` takes
    a case and returns the numbers that the templates `look_at` and `Mistake.here` speak of, besides `yours`,
    `wanted` and the recipe's intermediate results (`F`, `shortcut`) at the first place that differs.
    `attributes` must stand on the class; `arguments` are the names of the constructor's arguments.
    `variants` are other ways to make a named mistake: its name, and how they bend the recipe.
    """

    name: str
    title: str
    points: int
    recipe: Callable[..., Recipe]
    cases: Callable[[np.random.Generator], Iterable[ModuleCase]]
    mistakes: tuple[Mistake, ...]
    look_at: str
    arguments: tuple[str, ...]
    facts: Callable[[ModuleCase], dict[str, Any]] = lambda case: {}
    attributes: dict[str, Any] = field(default_factory=dict)
    variants: tuple[tuple[str, dict[str, Any]], ...] = ()
    by_name: bool = False
    forbid: str = "torchvision"

    def suspects(self) -> Iterator[tuple[tuple[Mistake, ...], Callable[..., Recipe]]]:
        """Yield every named mistake with its recipe, then its variants, then every two at once that bend different things."""
        called = {mistake.name: mistake for mistake in self.mistakes}
        ways = [(mistake.name, mistake.bend) for mistake in self.mistakes]
        for name, bend in (*ways, *self.variants):
            yield (called[name],), lambda *args, bend=bend: self.recipe(*args, **bend)
        for one, other in itertools.combinations(self.mistakes, 2):
            if not set(one.bend) & set(other.bend):
                yield (one, other), lambda *args, bend=one.bend | other.bend: self.recipe(*args, **bend)


def misbuilt(
    recipe: Callable[..., Recipe], class_name: str, name: str, explanation: str, here: str = "",
    attributes: dict[str, Any] | None = None, **bend: Any,
) -> Mistake:  # fmt: skip
    """Return a named mistake whose answer is a class that computes `recipe` with the keywords `bend`."""
    return Mistake(name, explanation, bent_class(recipe, class_name, attributes or {}, **bend), here, bend)
