"""Modules are judged by behaviour, with weights of our choosing, under whatever names a learner gave them.

`graph` says as data what a module computes, `edits` makes mistakes of it, `automatic` makes and words all single ones;
`running` computes a graph. `matching` finds which of a learner's tensors plays which part, `session` compares what both do,
`observer` is what an exercise names: `Modules`.
"""

from convbook.checks.engine.modules.cases import built, small
from convbook.checks.engine.modules.graph import Graph, Node, Value, cat
from convbook.checks.engine.modules.observer import Modules

__all__ = ["Graph", "Modules", "Node", "Value", "built", "cat", "small"]
