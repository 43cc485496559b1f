"""Transfer learning: freeze a body, give it a new head, and let both learn at their own rates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.checks.engine.benched import Benched
from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.epochs import bent as bend
from convbook.checks.engine.families_transfer import frozen, grouped, headed
from convbook.forms import Case

FROZEN = {
    "weights": "changes the model's numbers", "at once": "does not freeze batch norm", "after train": "does not freeze batch norm for good",
    "gradients": "lets parameters get gradients", "rest": "freezes more than the module", "in evaluation": "spoils evaluation",
    "after train again": "does not freeze batch norm for good",
}  # fmt: skip
STILL = "the stored statistics, which are kept"


def freeze_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield a body of images and one of vectors, a batch norm alone, and a whole model, in either mode."""
    fixed = np.random.default_rng(8)

    def given(source, images, part, mode):
        x = source.normal(size=(6, 3, 4, 5) if images else (7, 3)).astype(np.float32)
        return {"images": images, "part": part, "mode": mode, "seed": int(source.integers(999))}, x

    yield case(*given(fixed, True, "body", "training"))
    yield case(*given(fixed, True, "body", "evaluation"))
    yield case(*given(fixed, False, "body", "training"), about="vectors, so a BatchNorm1d")
    yield case(*given(fixed, True, "body.first.norm", "training"), about="the module is a batch norm itself")
    yield case(*given(fixed, True, "", "training"), about="the whole model")
    yield drawn(*given(rng, True, "body", "training"))


def freezing(model, x):
    name = f"the part {model['part']!r}" if model["part"] else "all"
    kind = "images" if model["images"] else "vectors"
    return (
        f"{name} of a model for {kind}, in {model['mode']} mode before, then after model.train(); x {x.shape}"
    )


EVERY = "`for p in module.parameters(): p.requires_grad_(False)`: they are found at every depth"
AGAIN = "`model.train()` calls `train` of every part: see to it that a frozen batch norm stays in evaluation mode, for instance by a `train` of its own that does nothing"
WALK = "`module.modules()` yields the module itself and all parts at every depth"


@exercise(
    "Freeze", points=5, cases=freeze_cases, observe=Benched("freezing", frozen, FROZEN, freezing, composed=True), forbid="",
    why="no parameter gets a gradient; every batch norm normalises with its stored statistics and keeps them, also after `model.train()`",
    help=("takes 0 positional arguments but 1 was given", "missing 1 required positional argument: 'mode'", "object has no attribute 'parameters'"),
    mistakes=(
        mistake("batch norm is not frozen", "without gradients its weights stay, but in training mode it still normalises with the batch and updates its statistics", edit=bend(norms="left")),
        mistake("batch norm is thawed by model.train()", AGAIN, edit=bend(norms="eval")),
        mistake("batch norm still normalises with the batch", "`momentum = 0` keeps the statistics, but does not use them: only evaluation mode does", edit=bend(norms="momentum")),
        mistake("batch norm normalises with the batch again after model.train()", "`track_running_stats = False` keeps the statistics, but in training mode they are not used", edit=bend(norms="untracked")),
        mistake("batch norm has lost its statistics", "`track_running_stats = False` makes it use the batch for ever: what it has learned is what you want to keep", edit=bend(norms="no statistics")),
        mistake("the stored statistics are reset", "they belong to what was learned: keep them", edit=bend(norms="reset")),
        mistake("a batch norm that lies deeper is missed", WALK, edit=bend(norms="children")),
        mistake("a module that is a batch norm itself is missed", WALK, edit=bend(norms="inside")),
        mistake("only batch norms for images are frozen", "there is `nn.BatchNorm1d` as well: `isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d))`", edit=bend(norms="images")),
        mistake("only batch norms for vectors are frozen", "there is `nn.BatchNorm2d` as well: `isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d))`", edit=bend(norms="vectors")),
        mistake("batch norm is held in the mode in which it came", "a `train` that does nothing keeps every mode: call `part.eval()` first", edit=bend(norms="later")),
        mistake("the parameters still get gradients", EVERY + "; a mode has nothing to do with gradients", edit=bend(gradients="kept")),
        mistake("only the outermost parameters are frozen", EVERY, edit=bend(gradients="outermost")),
        mistake("batch norm's own parameters still get gradients", EVERY + "; its weight and bias are among them", edit=bend(gradients="all but norms")),
        mistake("only batch norm's parameters are frozen", EVERY, edit=bend(gradients="norms alone")),
        mistake("only weights are frozen", EVERY + ", biases too", edit=bend(gradients="weights")),
        mistake("weights are set to 0", "freezing leaves every number as it is", edit=bend(weights="zeroed")),
    ),
)  # fmt: skip
def freeze(model, x):
    return {"weights": "as before", "at once": STILL, "after train": STILL, "gradients": "no parameters", "rest": "learns on",
            "in evaluation": STILL, "after train again": STILL}  # fmt: skip


HEADS = {
    "rest": "changes other parts of the model", "head": "leaves no linear layer under that name", "inputs": "makes a head with the wrong number of inputs",
    "outputs": "leaves a model with the wrong number of logits", "bias": "does not keep the bias as it was", "dtype": "does not keep the dtype",
    "weights": "does not make a new head", "learns": "makes a head that does not learn", "returned": "returns something else than the model",
}  # fmt: skip


def head_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield heads at the outermost level and deeper, with and without bias, of both dtypes, for fewer and for more classes."""

    def given(head, bias=True, dtype="float32", frozen=False):
        return {"head": head, "bias": bias, "dtype": dtype, "frozen": frozen}

    yield case(given("fc"), 3)
    yield case(given("fc", bias=False), 9, about="without a bias")
    yield case(given("fc", dtype="float64"), 2, about="float64")
    yield case(given("classifier.2"), 5)
    yield case(given("top.head", bias=False, dtype="float64"), 1)
    yield case(given("fc", frozen=True), 4, about="everything was frozen before")
    yield drawn(given("top.head", frozen=True), int(rng.integers(7, 12)))


def heading(model, n_classes):
    bias = "" if model["bias"] else ", without a bias"
    return f"name {model['head']!r}, a linear layer of 4 inputs and 6 outputs{bias}, {model['dtype']}; n_classes {n_classes}"


DOTTED = "a dot leads into a part: `parent, _, last = name.rpartition('.')`, then `setattr(model.get_submodule(parent), last, head)`"
OLD = "look at the old head: `old.in_features`, `old.bias is not None`, `old.weight.dtype`"


@exercise(
    "A new head", points=3, cases=head_cases, observe=Benched("heads", headed, HEADS, heading), forbid="",
    why="under the name stands a new linear layer with {n_classes} outputs, with the old one's inputs and dtype, and a bias if the old one had one; the model itself is returned",
    help=("object has no attribute", "module name can't contain", "must have the same dtype", "shapes cannot be multiplied"),
    mistakes=(
        mistake("a dotted name is taken for one attribute", DOTTED, edit=bend(place="attribute")),
        mistake("the whole box is replaced, not the layer in it", DOTTED, edit=bend(place="box")),
        mistake("the last layer is replaced, whatever its name", "the name is given: parts need not be registered in the order in which they run", edit=bend(place="last")),
        mistake("the new layer is put behind the old one", "the old head goes: the new one takes its inputs", edit=bend(place="behind")),
        mistake("a softmax is put behind the new layer", "a head gives logits: the loss has a softmax of its own", edit=bend(place="softmax")),
        mistake("the other parts are frozen", "they stay as they are: `freeze` is an exercise of its own", edit=bend(rest="frozen")),
        mistake("the head has no bias", OLD, edit=bend(bias="never")),
        mistake("the head always has a bias", OLD, edit=bend(bias="always")),
        mistake("the head is float32 whatever the model is", OLD + ": `nn.Linear(…, dtype=old.weight.dtype)`", edit=bend(dtype="float32")),
        mistake("inputs and outputs are exchanged", "`nn.Linear(inputs, outputs)`", edit=bend(size="exchanged")),
        mistake("the inputs are the old head's outputs", OLD, edit=bend(size="outputs")),
        mistake("there is one class too many", "as many outputs as there are classes", "{n_classes}", edit=bend(size="more")),
        mistake("the number of classes stays", "as many outputs as classes are asked for", "{n_classes}", edit=bend(size="old")),
        mistake("rows of the old head are kept", "its classes mean nothing here: begin with a new `nn.Linear`", edit=bend(weights="old")),
        mistake("the new head is frozen", "the head is what has to learn: freeze the body, then replace the head", edit=bend(learns="no"), ways=({"edit": bend(learns="as the old one")},)),
        mistake("the model is not returned", "is the `return` missing?", edit=bend(returned="nothing")),
        mistake("the head is returned", "return the model", edit=bend(returned="the head")),
        mistake("a copy is changed", "change the model itself, in place, and return it", edit=bend(returned="a copy")),
    ),
)  # fmt: skip
def replace_head(model, n_classes):
    return {"rest": "as before", "head": "a linear layer", "inputs": 4, "outputs": f"{n_classes} logits",
            "bias": "with a bias" if model["bias"] else "without a bias", "dtype": model["dtype"], "weights": "new ones", "learns": "yes",
            "returned": "the model"}  # fmt: skip


GROUPS = {
    "returned": "returns something else than groups of parameters", "missing": "leaves parameters out", "twice": "has parameters in two groups",
    "head": "lets the head learn at another rate", "body": "lets the body learn at another rate", "model": "changes the model",
}  # fmt: skip


def group_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield heads at the outermost level and deeper; every model has a parameter of its own, and names that are similar."""
    for head, body, fast in (("fc", 0.001, 0.1), ("classifier.2", 0.01, 0.5), ("top.head", 0.002, 0.02)):
        yield case({"head": head}, {"lr_body": body, "lr_head": fast})
    yield drawn(
        {"head": "fc"}, {"lr_body": float(rng.uniform(0.001, 0.01)), "lr_head": float(rng.uniform(0.1, 1))}
    )


def grouping(model, rates):
    return f"head {model['head']!r}, lr_body {rates['lr_body']:.3g}, lr_head {rates['lr_head']:.3g}"


EXACT = "the head's parameters begin with its name *and a dot*; safer: `ids = {id(p) for p in model.get_submodule(head).parameters()}`"
REST = "the body is all that is not the head: go through `model.parameters()` and leave out the head's"


@exercise(
    "Slow body, fast head", points=3, cases=group_cases, observe=Benched("groups", grouped, GROUPS, grouping), forbid="",
    why="every parameter in exactly one group: the head's with lr_head, all others with lr_body; each group is {{'params': […], 'lr': …}}",
    help=("Boolean value of Tensor with more than one value is ambiguous", "object has no attribute", "some parameters appear in more than one parameter group"),
    mistakes=(
        mistake("body and head are exchanged", "the head is new and has far to go: it gets lr_head", edit=bend(rates="exchanged")),
        mistake("the head gets the body's rate", "the head's group has `'lr': lr_head`", edit=bend(rates="body")),
        mistake("the body gets the head's rate", "the body's group has `'lr': lr_body`", edit=bend(rates="head")),
        mistake("the head's rate is a multiple of the body's", "lr_head is a rate, not a factor", edit=bend(rates="product")),
        mistake("the body does not learn at all", "a rate of 0 freezes it; lr_body is asked for", edit=bend(rates="zero")),
        mistake("the head's group has no rate", "each group has its own `'lr'`: else the optimizer's is used", edit=bend(rates="no head")),
        mistake("the body's group has no rate", "each group has its own `'lr'`: else the optimizer's is used", edit=bend(rates="no body")),
        mistake("no group has a rate", "each group has its own `'lr'`: else the optimizer's is used", edit=bend(rates="none")),
        mistake("what only bears a similar name counts as head", EXACT, edit=bend(member="begins"), ways=({"edit": bend(member="contains")},)),
        mistake("the whole box counts as head", "a dotted name means one part of the box, and the others belong to the body", edit=bend(member="box")),
        mistake("the parameters outside all layers are in no group", REST + "; a model may hold parameters of its own", edit=bend(missing="direct")),
        mistake("biases are in no group", REST, edit=bend(missing="biases")),
        mistake("only biases are in a group", REST, edit=bend(missing="weights")),
        mistake("the head is in no group", "what is in no group never learns", edit=bend(missing="head")),
        mistake("the body is in no group", "what is in no group never learns", edit=bend(missing="body")),
        mistake("the head's neighbours are in no group", REST + ", at every depth", edit=bend(missing="box")),
        mistake("the head is in both groups", REST + "; PyTorch's optimizers refuse a parameter that comes twice", edit=bend(twice="head")),
        mistake("the groups hold names", "an optimizer takes the parameters themselves", edit=bend(kind="names")),
        mistake("the parameters are a copy's", "an optimizer must get the parameters of the model that is trained", edit=bend(kind="copy")),
        mistake("it is a dict and not a list", "`[{'params': …, 'lr': …}, …]`, as `torch.optim.SGD` takes it", edit=bend(kind="dict")),
        mistake("the groups are plain lists", "each group is a dict with 'params' and 'lr'", edit=bend(kind="lists")),
        mistake("nothing is returned", "is the `return` missing?", edit=bend(kind="nothing")),
        mistake("the body is frozen", "a low rate is enough: freezing is another exercise", edit=bend(model="frozen")),
    ),
)  # fmt: skip
def parameter_groups(model, rates):
    return {
        "returned": "groups of parameters",
        "missing": "none",
        "twice": "none",
        "head": "lr_head",
        "body": "lr_body",
        "model": "as before",
    }
