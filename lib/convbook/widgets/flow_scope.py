"""FlowScope: a training while it runs, and plain against residual networks by depth, epoch and layer."""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import traitlets

from convbook.training import DepthRun, Moment
from convbook.widgets.base import Widget

SECONDS_BETWEEN = 0.2  # two messages to the browser within an epoch
SECONDS_OF_SILENCE = 30.0  # where no cell's end is told of: then a training that says no more is over
MANY_EPOCHS = 50  # from here on epochs are quick, and not each is worth a message


class FlowScope(Widget):
    """Watch networks train: curves that grow, a Stop button, gradients by layer, a slider over the depth.

    Give `watch` to `training.degradation`, or `follow(name)` to `training.fit` as `on_batch`:

        scope = FlowScope()
        display(scope)
        training.degradation(make_plain, make_residual, watch=scope.watch)

    The Stop button works while the cell runs where the front end delivers messages then
    (JupyterLab 4.4 with ipykernel 7, or newer); elsewhere the widget says what to press instead.

    >>> FlowScope().words()
    'Nothing has been trained yet: run a training and watch it here.'
    """

    view: ClassVar[str] = "flow_scope"
    title: ClassVar[str] = "How training flows"

    runs = traitlets.List([]).tag(sync=True)
    norms = traitlets.List([]).tag(sync=True)
    live = traitlets.Dict({}).tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)
    session = traitlets.Int(0).tag(
        sync=True
    )  # counts the trainings: a click meant for an old one stops no new one
    heard = traitlets.Int(0).tag(sync=True)  # the last session from which a message came in while it ran
    depth = traitlets.Int(0).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)
    layer_view = traitlets.Enum(["gradient", "signal"], "gradient").tag(sync=True)

    def __init__(self, runs: Sequence[DepthRun] = ()):
        """Show finished `runs` of `training.degradation`, or wait for a training."""
        self._stop = threading.Event()
        self._sent_at = 0.0
        self._cell_ends_it = True
        self._silence: threading.Timer | None = None
        self._place = ""  # where in the notebook it was shown last
        super().__init__()
        for run in runs:
            self._enter(run, run.history.epochs)
            self._update(run, run.error)
        self.on_msg(self._on_message)

    # ── the training's side ────────────────────────────────────────────────────────────────────────────

    def watch(self, run: DepthRun, now: Moment) -> bool:
        """Show where a run of `training.degradation` stands; return True once Stop was pressed."""
        self._begin()
        key = (run.kind, run.depth, run.seed)
        if not any((one["kind"], one["depth"], one["seed"]) == key for one in self.runs):
            self._enter(run, now.epochs)
        return self._show(run, run.error, now)

    def follow(self, name: str) -> Callable[[Moment], bool]:
        """Return a hook for `training.fit` that shows one training, with its validation error, under `name`."""

        def hook(now: Moment) -> bool:
            self._begin()
            run = _Named(name, now.history)
            if not any(one["name"] == name for one in self.runs) or (now.epoch, now.batch) == (1, 1):
                self.runs = [one for one in self.runs if one["name"] != name]
                self._enter(run, now.epochs)
            final = 1 - now.history.accuracies[-1] if now.done == 1 else None
            return self._show(run, final, now)

        return hook

    def stop(self) -> None:
        """Ask the training that runs now to stop; its best weights are kept."""
        self._stop.set()

    def end(self) -> None:
        """Say that no training runs any more. A notebook does so at the end of each cell."""
        with self._lock:
            self._wait_for_news(False)
            self.running, self.live = False, {}
            self._stop.clear()
        if self._place:  # what is saved with the notebook was drawn before the training
            _publish(self, self._place, update=True)

    def _ipython_display_(self) -> None:
        """Show the widget at a place of its own, so that the picture saved there can be renewed."""
        self._place = f"convbook-flow-{uuid.uuid4()}"
        _publish(self, self._place)

    def _begin(self) -> None:
        if self.running:
            return
        with self._lock:
            self._stop.clear()
            self.session += 1
            self.running = True
        self._cell_ends_it = _at_the_end_of_the_cell(self.end)

    def _enter(self, run: Any, epochs: int) -> None:
        """Add a row for a new run, choose it, and add its layers' norms."""
        with self._lock:
            row = {"name": run.name, "kind": run.kind, "depth": run.depth, "seed": run.seed, "epochs": epochs,
                   "errors": [], "validation": [], "final": None}  # fmt: skip
            self.runs = [*self.runs, row]
            if run.norms is not None:
                about = {"kind": run.kind, "depth": run.depth, "seed": run.seed}
                flows = {name: finite(getattr(run.norms, name)) for name in ("signal", "gradient")}
                self.norms = [*self.norms, about | flows]
            self.depth, self.seed = run.depth, run.seed

    def _update(self, run: Any, final: float | None) -> None:
        """Write what a run has come to into its row, if that changed."""
        errors = finite(1 - accuracy for accuracy in run.history.accuracies)
        validation = finite(1 - accuracy for accuracy in run.history.validation_accuracies)
        news = {"errors": errors, "validation": validation, "final": final}
        key = (run.name, run.seed)
        with self._lock:
            self.runs = [one | news if (one["name"], one["seed"]) == key else one for one in self.runs]

    def _show(self, run: Any, final: float | None, now: Moment) -> bool:
        due = time.monotonic() - self._sent_at > SECONDS_BETWEEN
        epoch_over = now.batch == now.batches and (due or now.epochs <= MANY_EPOCHS)
        if final is not None or epoch_over or self._stop.is_set():
            self._update(run, final)
        if final is not None or epoch_over or due:
            self._sent_at = time.monotonic()
            point = {"name": run.name, "seed": run.seed, "epoch": now.epoch, "epochs": now.epochs, "done": now.done,
                     "loss": finite([now.loss])[0], "error": 1 - now.accuracy}  # fmt: skip
            with self._lock:
                self.live = {} if final is not None else point
            self._let_clicks_in()
        stopped = self._stop.is_set()
        if not self._cell_ends_it:
            self._wait_for_news(True)
            if final is not None or stopped:
                self.end()
        return stopped

    def _wait_for_news(self, wait: bool) -> None:
        """End what runs when nothing more comes from it: a training that crashed says no last word."""
        if self._silence is not None:
            self._silence.cancel()
        self._silence = threading.Timer(SECONDS_OF_SILENCE, self.end) if wait else None
        if self._silence is not None:
            self._silence.daemon = True
            self._silence.start()

    # ── the browser's side ─────────────────────────────────────────────────────────────────────────────

    def _on_message(self, _: Any, content: Any, buffers: Any) -> None:
        """Take a ping or a stop from the browser; this may run in another thread while the cell is busy."""
        if not isinstance(content, dict) or content.get("session") != self.session or not self.running:
            return
        with self._lock:
            self.heard = self.session
        if content.get("kind") == "stop":
            self._stop.set()

    def _let_clicks_in(self) -> None:
        """Let the browser's messages go to the shell that JupyterLab chose for them, not to the busy one.

        ipykernel 7.4 hands them to whichever shell last wrote to the widget: while a cell runs, the one that
        runs it, so a click would wait for the cell's end. Other versions know no such mark, and nothing happens.
        """
        getattr(self.comm, "__dict__", {}).pop("_reply_subshell_id", None)


def finite(values: Any) -> list[float | None]:
    """Return numbers that JSON can carry: NaN and infinity become None."""
    return [float(value) if math.isfinite(value) else None for value in values]


def _publish(scope: FlowScope, place: str, update: bool = False) -> None:
    """Show a scope in the running cell as `place`, or renew what is shown there."""
    from IPython.display import publish_display_data

    data, metadata = scope._repr_mimebundle_()
    publish_display_data(data, metadata, transient={"display_id": place}, update=update)


class _Named:
    """Stand for one training that is not part of an experiment over depths."""

    kind, depth, seed, norms = "other", 0, 0, None

    def __init__(self, name: str, history: Any):
        self.name, self.history = name, history


def _at_the_end_of_the_cell(act: Callable[[], None]) -> bool:
    """Call `act` once when the running notebook cell ends, however it ends; return False where none can tell."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    events = getattr(get_ipython(), "events", None)
    if events is None:
        return False

    def once(*_: Any) -> None:
        events.unregister("post_run_cell", once)
        act()

    events.register("post_run_cell", once)
    return True
