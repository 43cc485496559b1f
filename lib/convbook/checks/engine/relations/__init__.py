"""Explain what nobody declared: a relation between what came back and what was wanted that holds in every case tried.

Three kinds. *Generic mistakes* are made by themselves from the arguments and the result of any exercise: an argument
ignored, exchanged or reversed along an axis, a result transposed, negated or summed up. *Factors and offsets*: yours is the
wanted number times, over, plus or minus a fact of the case. A *condition* parts the right cases from the wrong ones.
"""

from convbook.checks.engine.relations.conditions import comparison, condition
from convbook.checks.engine.relations.laws import shaped
from convbook.checks.engine.relations.search import beside, one, restless, where_wrong

__all__ = ["beside", "comparison", "condition", "one", "restless", "shaped", "where_wrong"]
