"""`Answer` and `Built`: what a judge may ask of a learner's function, class or module, wherever it runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from convbook.answers.values import Reference
from convbook.forms import Reply

CALL_SECONDS = 4.0


class Answer(ABC):
    """Hold one learner's function or class, wherever it runs.

    Every method returns a `Reply`: nothing a learner's code does is raised at the caller.
    """

    name: str

    @abstractmethod
    def call(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        """Call the answer as a function. `forbid="torch"` refuses the use of torch inside it.

        A generator is run to its end (at most 10,000 items) and its items come back as a list.
        """

    @abstractmethod
    def build(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        """Build an instance of the answer, a class; the reply's value is a `Built`."""

    @abstractmethod
    def source(self) -> str:
        """Return the answer's source text, or an empty string where there is none."""

    def outside_data(self) -> list[str]:
        """Return the names of the notebook's data that the answer reads as globals; empty where that is not known."""
        return []

    def as_module(self) -> Built:
        """Return the answer, a function of tensors, as a `Built` without parameters: to be called and differentiated."""
        raise NotImplementedError(f"{type(self).__name__} cannot hold a function of tensors")

    def place(self, reference: Reference) -> Built:
        """Make one of the course's own modules on the answer's side, as an argument for it."""
        raise NotImplementedError(f"{type(self).__name__} cannot make the course's own modules")

    def attribute(self, name: str) -> Reply:
        """Return a plain attribute (number, string, tuple) of the answer itself, for instance of a class."""
        raise NotImplementedError(f"{type(self).__name__} cannot read attributes")


class Built(ABC):
    """Hold one `torch.nn.Module` that a learner's code made. Arrays in, arrays out.

    All replies carry NumPy arrays; the module computes in float64 after `double()`.
    `kinds` are the names of its class and of all base classes, so `"Sequential" in built.kinds` can be asked.
    """

    kinds: tuple[str, ...] = ()

    @abstractmethod
    def call(self, *args: Any, seconds: float = CALL_SECONDS, **kwargs: Any) -> Reply:
        """Run the module on arrays; the value is its output as arrays."""

    @abstractmethod
    def double(self) -> Reply:
        """Turn parameters and buffers into float64."""

    @abstractmethod
    def train(self, mode: bool = True) -> Reply:
        """Switch the module to training or evaluation."""

    @abstractmethod
    def state(self) -> Reply:
        """Return the state-dict, in order, as a dict of arrays."""

    @abstractmethod
    def load_state(self, state: dict[str, Any]) -> Reply:
        """Write arrays into parameters and buffers of the same names."""

    @abstractmethod
    def parameters(self) -> Reply:
        """Return the names of the trainable parameters, in order."""

    @abstractmethod
    def gradient(self, *args: Any, weights: Any = None, seconds: float = CALL_SECONDS) -> Reply:
        """Differentiate `sum(weights * output)`, or the plain sum, by inputs and parameters.

        The value is `{"output": array, "inputs": [array or None], "parameters": {name: array or None}}`.
        """

    @abstractmethod
    def trace(self, *args: Any, seconds: float = CALL_SECONDS) -> Reply:
        """Return what ran, in order: dicts with `name`, `kind`, `settings`, `input`, `output`.

        One entry for every PyTorch operation that gives a tensor, whether a layer or a function asked for it: `name` is
        the innermost module that was running, `kind` one word ("conv", "bn", "relu", "maxpool", "add", "cat", …),
        `settings` its stride, padding and the like, `tensors` the names in the state-dict of what it used ("" for
        a tensor that no state-dict holds), `sources` the entries whose outputs it took (-1 for the first input), `result` whether the module returned it.
        """

    def shapes(self) -> Reply:
        """Return the shapes of the state-dict's entries, in order, without their values."""
        raise NotImplementedError(f"{type(self).__name__} does not tell shapes")

    @abstractmethod
    def attribute(self, name: str) -> Reply:
        """Return a plain attribute (number, string, tuple) of the module or its class."""
