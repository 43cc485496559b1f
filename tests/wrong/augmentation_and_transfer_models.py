"""Wrong answers to the exercises of unit 08 that take models, as people really write them."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import nn

from wrong import wrong

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)

# ---- multi_crop_predict


def _asked(model, crops):
    before = model.training
    model.eval()
    with torch.no_grad():
        outputs = model(crops)
    model.train(before)
    return outputs


@wrong("multi_crop_predict")
def softmax_after_the_mean(model, crops):
    return _asked(model, crops).mean(0).softmax(0)


@wrong("multi_crop_predict")
def mean_of_logits(model, crops):
    return _asked(model, crops).mean(0)


@wrong("multi_crop_predict")
def softmax_over_axis_zero(model, crops):
    return F.softmax(_asked(model, crops), dim=0).mean(0)


@wrong("multi_crop_predict")
def mean_over_axis_one(model, crops):
    return F.softmax(_asked(model, crops), dim=1).mean(1)


@wrong("multi_crop_predict")
def mean_without_an_axis(model, crops):
    return F.softmax(_asked(model, crops), dim=1).mean()


@wrong("multi_crop_predict")
def argmax_at_the_end(model, crops):
    return F.softmax(_asked(model, crops), dim=1).mean(0).argmax()


@wrong("multi_crop_predict")
def not_averaged(model, crops):
    return F.softmax(_asked(model, crops), dim=1)


@wrong("multi_crop_predict")
def left_in_eval(model, crops):
    model.eval()
    with torch.no_grad():
        return model(crops).softmax(1).mean(0)


@wrong("multi_crop_predict")
def always_back_to_train(model, crops):
    model.eval()
    with torch.no_grad():
        shares = model(crops).softmax(1).mean(0)
    model.train()
    return shares


@wrong("multi_crop_predict")
def no_eval(model, crops):
    with torch.no_grad():
        return model(crops).softmax(1).mean(0)


@wrong("multi_crop_predict")
def majority(model, crops):
    outputs = _asked(model, crops)
    return F.one_hot(outputs.argmax(1), outputs.shape[1]).float().mean(0)


@wrong("multi_crop_predict")
def summed(model, crops):
    return sum(shares for shares in _asked(model, crops).softmax(1))


@wrong("multi_crop_predict")
def returned_inside_the_loop(model, crops):
    before = model.training
    model.eval()
    for crop in crops:
        shares = model(crop[None]).softmax(1)[0]
        model.train(before)
        return shares


@wrong("multi_crop_predict")
def as_a_list(model, crops):
    return _asked(model, crops).softmax(1).mean(0).tolist()


# ---- freeze


def _still(part):
    part.eval()
    part.train = lambda mode=True: part


@wrong("freeze")
def gradients_only(module):
    for p in module.parameters():
        p.requires_grad = False


@wrong("freeze")
def gradients_and_eval(module):
    for p in module.parameters():
        p.requires_grad = False
    module.eval()


@wrong("freeze")
def norms_in_eval_only_once(module):
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, NORMS):
            part.eval()


@wrong("freeze")
def norms_only(module):
    for part in module.modules():
        if isinstance(part, NORMS):
            _still(part)


@wrong("freeze")
def no_momentum(module):
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, NORMS):
            part.momentum = 0


@wrong("freeze")
def no_tracking(module):
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, NORMS):
            part.track_running_stats = False
            part.running_mean = part.running_var = None


@wrong("freeze")
def two_dimensions_only(module):
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            _still(part)


@wrong("freeze")
def one_level_only(module):
    module.requires_grad_(False)
    for part in module.children():
        if isinstance(part, NORMS):
            _still(part)


@wrong("freeze")
def parts_but_not_itself(module):
    module.requires_grad_(False)
    for part in list(module.modules())[1:]:
        if isinstance(part, NORMS):
            _still(part)


@wrong("freeze")
def grad_set_to_none(module):
    for p in module.parameters():
        p.grad = None
    for part in module.modules():
        if isinstance(part, NORMS):
            _still(part)


@wrong("freeze")
def requires_grad_of_the_module(module):
    module.requires_grad = False
    for part in module.modules():
        if isinstance(part, NORMS):
            _still(part)


@wrong("freeze")
def norms_keep_learning(module):
    for part in module.modules():
        if isinstance(part, NORMS):
            _still(part)
        elif isinstance(part, nn.Linear | nn.Conv2d):
            part.requires_grad_(False)
    for p in module.parameters(recurse=False):
        p.requires_grad_(isinstance(module, NORMS))


# ---- replace_head


def _new(old, n_classes, **options):
    return nn.Linear(
        old.in_features, n_classes, **{"bias": old.bias is not None, "dtype": old.weight.dtype, **options}
    )


def _put(model, name, head):
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, head)


@wrong("replace_head")
def setattr_with_dots(model, name, n_classes):
    setattr(model, name, _new(model.get_submodule(name), n_classes))
    return model


@wrong("replace_head")
def getattr_with_dots(model, name, n_classes):
    setattr(model, name, _new(getattr(model, name), n_classes))
    return model


@wrong("replace_head")
def always_fc(model, name, n_classes):
    model.fc = nn.Linear(model.fc.in_features, n_classes)
    return model


@wrong("replace_head")
def bias_by_default(model, name, n_classes):
    old = model.get_submodule(name)
    _put(model, name, nn.Linear(old.in_features, n_classes, dtype=old.weight.dtype))
    return model


@wrong("replace_head")
def dtype_by_default(model, name, n_classes):
    old = model.get_submodule(name)
    _put(model, name, nn.Linear(old.in_features, n_classes, bias=old.bias is not None))
    return model


@wrong("replace_head")
def no_return(model, name, n_classes):
    _put(model, name, _new(model.get_submodule(name), n_classes))


@wrong("replace_head")
def head_returned(model, name, n_classes):
    head = _new(model.get_submodule(name), n_classes)
    _put(model, name, head)
    return head


@wrong("replace_head")
def deep_copy(model, name, n_classes):
    model = copy.deepcopy(model)
    _put(model, name, _new(model.get_submodule(name), n_classes))
    return model


@wrong("replace_head")
def arguments_exchanged(model, name, n_classes):
    old = model.get_submodule(name)
    _put(model, name, nn.Linear(n_classes, old.in_features, old.bias is not None, dtype=old.weight.dtype))
    return model


@wrong("replace_head")
def out_features_only(model, name, n_classes):
    model.get_submodule(name).out_features = n_classes
    return model


@wrong("replace_head")
def stacked_on_top(model, name, n_classes):
    old = model.get_submodule(name)
    new = nn.Linear(old.out_features, n_classes, old.bias is not None, dtype=old.weight.dtype)
    _put(model, name, nn.Sequential(old, new))
    return model


@wrong("replace_head")
def with_a_softmax(model, name, n_classes):
    _put(model, name, nn.Sequential(_new(model.get_submodule(name), n_classes), nn.Softmax(1)))
    return model


@wrong("replace_head")
def first_rows_kept(model, name, n_classes):
    old = model.get_submodule(name)
    head = _new(old, n_classes)
    with torch.no_grad():
        rows = min(n_classes, old.out_features)
        head.weight[:rows] = old.weight[:rows]
    _put(model, name, head)
    return model


@wrong("replace_head")
def everything_frozen_afterwards(model, name, n_classes):
    _put(model, name, _new(model.get_submodule(name), n_classes))
    for p in model.parameters():
        p.requires_grad_(False)
    return model


# ---- parameter_groups


def _groups(model, member, lr_body, lr_head):
    named = list(model.named_parameters())
    return [
        {"params": [p for n, p in named if not member(n)], "lr": lr_body},
        {"params": [p for n, p in named if member(n)], "lr": lr_head},
    ]


@wrong("parameter_groups")
def startswith_without_a_dot(model, head, lr_body, lr_head):
    return _groups(model, lambda n: n.startswith(head), lr_body, lr_head)


@wrong("parameter_groups")
def head_in_name(model, head, lr_body, lr_head):
    return _groups(model, lambda n: head in n, lr_body, lr_head)


@wrong("parameter_groups")
def rates_exchanged(model, head, lr_body, lr_head):
    return _groups(model, lambda n: n.startswith(head + "."), lr_head, lr_body)


@wrong("parameter_groups")
def head_in_both(model, head, lr_body, lr_head):
    return [
        {"params": list(model.parameters()), "lr": lr_body},
        {"params": list(model.get_submodule(head).parameters()), "lr": lr_head},
    ]


@wrong("parameter_groups")
def only_the_head(model, head, lr_body, lr_head):
    return [{"params": model.get_submodule(head).parameters(), "lr": lr_head}]


@wrong("parameter_groups")
def children_only(model, head, lr_body, lr_head):
    groups = []
    for name, child in model.named_children():
        inside = f"{name}." if name != head else head
        if name == head:
            groups.append({"params": list(child.parameters()), "lr": lr_head})
        elif head.startswith(inside):
            groups.append({"params": list(model.get_submodule(head).parameters()), "lr": lr_head})
            ours = {id(p) for p in model.get_submodule(head).parameters()}
            groups.append({"params": [p for p in child.parameters() if id(p) not in ours], "lr": lr_body})
        else:
            groups.append({"params": list(child.parameters()), "lr": lr_body})
    return groups


@wrong("parameter_groups")
def no_rate_for_the_body(model, head, lr_body, lr_head):
    groups = _groups(model, lambda n: n.startswith(head + "."), lr_body, lr_head)
    del groups[0]["lr"]
    return groups


@wrong("parameter_groups")
def learning_rate_spelled_out(model, head, lr_body, lr_head):
    groups = _groups(model, lambda n: n.startswith(head + "."), lr_body, lr_head)
    return [{"params": g["params"], "learning_rate": g["lr"]} for g in groups]


@wrong("parameter_groups")
def in_a_list_of_tensors(model, head, lr_body, lr_head):
    ours = list(model.get_submodule(head).parameters())
    return [
        {"params": [p for p in model.parameters() if p not in ours], "lr": lr_body},
        {"params": ours, "lr": lr_head},
    ]


@wrong("parameter_groups")
def names_for_parameters(model, head, lr_body, lr_head):
    names = [n for n, _ in model.named_parameters()]
    ours = [n for n in names if n.startswith(head + ".")]
    return [{"params": [n for n in names if n not in ours], "lr": lr_body}, {"params": ours, "lr": lr_head}]


@wrong("parameter_groups")
def getattr_of_a_dotted_name(model, head, lr_body, lr_head):
    ours = set(getattr(model, head).parameters())
    return [
        {"params": [p for p in model.parameters() if p not in ours], "lr": lr_body},
        {"params": list(ours), "lr": lr_head},
    ]


@wrong("parameter_groups")
def box_as_head(model, head, lr_body, lr_head):
    return _groups(model, lambda n: n.split(".")[0] == head.split(".")[0], lr_body, lr_head)


@wrong("parameter_groups")
def a_dict(model, head, lr_body, lr_head):
    return dict(
        zip(
            ("body", "head"),
            _groups(model, lambda n: n.startswith(head + "."), lr_body, lr_head),
            strict=True,
        )
    )


@wrong("parameter_groups")
def without_biases(model, head, lr_body, lr_head):
    groups = _groups(model, lambda n: n.startswith(head + "."), lr_body, lr_head)
    return [{**g, "params": [p for p in g["params"] if p.ndim != 1]} for g in groups]
