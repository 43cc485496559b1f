"""The only way anything touches a learner's answer.

A judge, a widget or a grader holds an `Answer`. Here it wraps an object of the same process
(`LocalAnswer`); in grading the same interface reaches a sandboxed process. What crosses is plain:
numbers, strings, lists, tuples, dicts, arrays, and handles to what can be called or built.
"""

from convbook.answers.answer import Answer, Built
from convbook.answers.limits import TooSlow, time_limit
from convbook.answers.local import LocalAnswer, hold

__all__ = ["Answer", "Built", "LocalAnswer", "TooSlow", "hold", "time_limit"]
