"""How modules are judged: by behaviour, with weights of our choosing, under whatever names a learner gave them.

`recipe` describes a block as data and computes it; `matching` finds which of a learner's tensors plays which part;
`watching` compares what both do; `judge` puts the verdict together.
"""
