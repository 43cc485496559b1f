"""One line of advice under a learner's own traceback: what the usual error messages of Python, NumPy and PyTorch mean here.

One table for all exercises, read from the top: the first pattern that is found in "Kind: message" gives the line. `{name}`
takes a named group of the pattern; `{array}` and the other words of `WORDS` differ between arrays and tensors.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convbook.checks.engine.question import Question

WORDS = {
    "NumPy": {
        "array": "array",
        "arrays": "arrays",
        "copy": "`x = x.copy()`",
        "zeros": "`np.zeros(shape)`",
        "float_dtype": "float",
        "imports": "`np`",
        "sum": "`.sum()` without an `axis`",
    },
    "PyTorch": {
        "array": "tensor",
        "arrays": "tensors",
        "copy": "`x = x.clone()`",
        "zeros": "`torch.zeros(shape)`",
        "float_dtype": "torch.float32",
        "imports": "`torch` and `nn`",
        "sum": "`.sum()` without a `dim`",
    },
}
PRINT = "print both shapes just above this line"
WHOLE = "a whole number is needed here, and `/` always gives a float: use `//` (here, or where the number was computed)"
NONE = "this is `None`: an optional argument (the bias, say) that was left out, asked for with `if b is not None:`, or a function without `return`"
UNEQUAL = f"the two {{arrays}} do not fit together: {PRINT}; a window that is cut short at the border, or an axis that is missing (`reshape`), is the usual reason"
PRODUCT = "`@` adds up over the last axis of its left side and the last but one of its right side, and these differ: transpose or reshape one of them, or swap the two"
STATE = "print the names and shapes on both sides: `for name, value in model.state_dict().items(): print(name, tuple(value.shape))`"
CALLED = "compare the call with the first line of the definition, and with the signature in the task"
LEAF = "a parameter that is being trained may not be written into: work on a copy, or inside `with torch.no_grad():`"
GRAPH = "something the gradient needs was overwritten in place: write `y = y + 1` instead of `y += 1`, and no `inplace=True`"

TABLE: tuple[tuple[str, str], ...] = (
    # Numbers of the wrong type
    (r"'float' object cannot be interpreted as an integer", WHOLE),
    (r"slice indices must be integers", WHOLE),
    (r"indices must be integers or slices, not float", WHOLE),
    (r"indices must be integers or slices, not tuple", "a list has no axes: pick row by row, `x[i][j]`, or make it one {array} first"),
    (r"'tuple' object does not support item assignment", "a tuple cannot be changed: make it a list first, `list(…)`"),
    (r"only integers, slices .*valid indices", WHOLE),
    (r"must be (tuple of ints|int), ?(but found element of type|but got|not) float", WHOLE),
    (r"must be of integral type|non-int of type 'float'|(zeros|ones|empty)\(\) takes 1 positional argument", WHOLE),
    (r"'\w+' object has no attribute '_(backward|forward)_(pre_)?hooks'|before Module\.__init__\(\) call", "`super().__init__()` must be the first line of `__init__`, before anything is put into `self`"),
    (r"OverflowError", "the number is too large for a float: floats end near 10³⁰⁸, whole numbers do not; or work with its logarithm"),
    # None
    (r"unsupported operand type\(s\).*'NoneType'|'NoneType' object (is not subscriptable|has no attribute|is not iterable)|not NoneType", NONE),
    (r"'NoneType' object is not callable", "what is called here is `None`: a layer that was not built (an empty shortcut, say): ask `if … is not None:` first"),
    # Truth of an array
    (r"truth value of an array|Boolean value of Tensor with more than one value", "`if b:` asks a whole {array} whether it is true: to ask whether it was given at all, write `if b is not None:`"),
    # Places that do not exist
    (r"too many indices for (array|tensor)", "there are more indices in the brackets than the {array} has axes: print its shape, and count"),
    (r"index (?P<i>-?\d+) is out of bounds for (axis|dimension) (?P<axis>\d+) with size (?P<size>\d+)", "axis {axis} has {size} entries, counted from 0: does the loop run over the input's sides where it should run over the output's?"),
    (r"Target (?P<i>-?\d+) is out of bounds", "there is a label {i}, but the last layer gives fewer scores than that: classes are counted from 0"),
    (r"(list|tuple) index out of range", "it has fewer entries than that, and they are counted from 0: print its length"),
    (r"axis (?P<i>-?\d+) is out of bounds|Dimension out of range", "the {array} has fewer axes than that, and they are counted from 0: print its shape"),
    (r"boolean index did not match|tensors used as indices must be", "an index {array} holds whole numbers, or it is true and false in the shape of what it picks from"),
    # Shapes
    (r"not enough values to unpack|too many values to unpack", "count the names on the left of `=` and the values on the right: print the shape, it has one number for each axis"),
    (r"size of tensor a \((?P<a>\d+)\) must match the size of tensor b \((?P<b>\d+)\) at non-singleton dimension 1\b", "{a} and {b} maps (axis 1) meet: where a block changes the number of maps, its shortcut needs a projection, even if the size stays; elsewhere, print both shapes"),
    (r"size of tensor a \((?P<a>\d+)\) must match the size of tensor b \((?P<b>\d+)\) at non-singleton dimension [23]\b", "the sizes {a} and {b} meet: where a block has a stride, its shortcut needs a projection with the same stride, even if the number of maps stays; where it has none, look for a 3×3 without padding"),
    (r"remapped shapes.*requested shape", "padding takes one pair of numbers for each axis: print the shape, and count the pairs"),
    (r"size of tensor a|could not be broadcast together|expanded size of the tensor|non-broadcastable output", UNEQUAL),
    (r"could not broadcast input array from shape (?P<given>\([\d,]*\)) into shape (?P<room>\([\d,]*\))", "what stands on the right of `=` has the shape {given}, and the place on the left the shape {room}: print both, and see which one you did not expect"),
    (r"mismatch in its core dimension|not aligned|batch2 tensor to be|size mismatch, got input|einsum\(\): subscript|does not have enough dimensions", PRODUCT),
    (r"mat1 and mat2 shapes cannot be multiplied \((?P<n>\d+)x(?P<has>\d+) and (?P<wants>\d+)x(?P<out>\d+)\)", "the rows have {has} numbers, and the weights take {wants}: in front of a linear layer flatten each image (`x.flatten(1)`), and count channels × height × width; for a product of your own, transpose one of the two"),
    (r"must have the same dtype|should be the same$|Input type .* (bias|weight) type", "two number types meet: make both float32, for example with `x = x.float()`"),
    (r"einstein sum subscripts", "in `einsum` each operand needs exactly one letter for each of its axes"),
    (r"Kernel size can't be greater than actual input size", "the image here is smaller than the window: a 3×3 without padding loses 2 pixels of each side (is `padding` missing?); try a larger image first, and print the shape after every layer"),
    (r"Output size is too small", "the pooling window is larger than what is left of the image: print the shape in front of it; to average all that is left, whatever its size, use `AdaptiveAvgPool2d(1)` or a mean over height and width"),
    (r"pad should be at most half", "a pooling layer takes a padding of at most half its window"),
    (r"expected input\[.*\] to have (?P<wants>\d+) channels, but got (?P<has>\d+) channels", "this layer was built for {wants} channels and is given {has}: its first number must be the number of channels that the layer before it leaves"),
    (r"running_mean should contain (?P<has>\d+) elements not (?P<wants>\d+)", "this batch norm was built for {wants} channels and is given {has}: its number is that of the convolution before it"),
    (r"must be divisible by groups", "each group takes an equal share of the channels: `groups` must divide both numbers of channels"),
    (r"expected 4D input|Expected 3D \(unbatched\) or 4D \(batched\)", "this layer takes images as (n, c, h, w): has an axis been lost, or has `flatten` come too early?"),
    (r"Expected more than 1 value per channel", "a batch norm in training mode needs more than one value in each channel: take a larger batch, or switch to `eval()`"),
    (r"Expected input batch_size", "there must be one label for each row of scores: has the batch been mixed up with another axis?"),
    (r"dimension of the tensor|length of the desired ordering|axes don't match", "name every axis exactly once: print the shape, and count"),
    (r"cannot reshape array|is invalid for input of size", "`reshape` keeps all the numbers, so the sides must multiply to as many as there are: print the shape before, and multiply"),
    (r"view size is not compatible", "after `transpose` or `permute` the numbers lie in another order: use `reshape` instead of `view`"),
    (r"must match exactly|Sizes of tensors must match|must have the same shape|expects each tensor to be equal size", "what is joined must agree in all other axes: print the shapes of all the pieces"),
    (r"negative dimensions are not allowed|Dimension size must be non-negative", "a side came out below 0: the window does not fit, or a padding is missing in the sum"),
    (r"Cannot interpret .* as a data type", "the shape is one tuple: {zeros}, with two pairs of brackets where the sides are written out"),
    (r"inhomogeneous shape|expected sequence of length", "the rows have different lengths: every row needs as many numbers as the others"),
    (r"setting an array element with a sequence", "several numbers are put into one cell: one number belongs there, such as {sum}"),
    (r"zero-size array", "nothing is left to look at: a slice came out empty, such as `x[0:-0]`"),
    (r"step must be greater than zero", "a step below 0 is not possible here: use `flip` with the axes to turn round"),
    (r"strides? .*negative", "what was turned round with `[::-1]` needs a copy first"),
    # Writing
    (r"read-only", "an answer may not write into what it was given: make a copy first, {copy}"),
    (r"leaf Variable that requires grad", LEAF),
    (r"modified by an inplace operation", GRAPH),
    (r"Cannot cast ufunc .* output|can't be cast to the desired output type", "fractions are added to {arrays} of whole numbers: leave `dtype=int` out, or make it {float_dtype}"),
    (r"could not infer output dtype|not implemented for 'Long'", "whole numbers have no mean or softmax: make them {float_dtype} first"),
    (r"does not require grad", "nothing here is to be trained: was the graph cut by `detach()`, `no_grad()`, or by computing outside PyTorch?"),
    (r"backward through the graph a second time", "`backward()` was called twice on one result: compute the loss anew in every step, and keep only its number (`loss.item()`)"),
    (r"grad can be implicitly created only for scalar", "`backward()` starts from one number: take the mean or the sum of the losses first"),
    (r"Can't call numpy\(\) on Tensor that requires grad", "leave PyTorch only after `detach()`"),
    (r"(only one element tensors|only 0-dimensional arrays|only length-1 arrays) can be converted|cannot be converted to Scalar", "one number is needed, and there are several: an axis has not been summed or averaged yet"),
    # Modules
    (r"'list' object is not callable|is missing the required \"forward\" function|list is not a Module subclass", "a list of layers does nothing by itself: `nn.Sequential(*layers)` runs them one after the other (and a class of your own needs a method `forward`)"),
    (r"is not a Module subclass", "`nn.Sequential` takes layers that are built: `nn.ReLU()`, with brackets"),
    (r"optimizer got an empty parameter list", "no parameter was found: layers in a plain list are not seen, `nn.ModuleList` or `nn.Sequential` holds them"),
    (r"unsupported operand type\(s\) for .*'(?!int|float|str|list|tuple|dict|Tensor)[A-Z]\w+' and|and '(?!int|float|str|list|tuple|dict|Tensor)[A-Z]\w+'", "a layer itself is used as a number: build it once, then call it on the values, `layer(x)`"),
    (r"received an invalid combination of arguments|must be Tensor, not", "one of the arguments is of a type that this function does not take: print the `type` of each"),
    (r"Error\(s\) in loading state_dict", STATE),
    (r"KeyError: '[\w.]+\.(weight|bias|running_mean|running_var|num_batches_tracked)'", STATE),
    (r"KeyError: (?P<key>.*)", "the dict has no entry {key}: print its keys, `list(d)`"),
    (r"unhashable type", "only what cannot change may be a key or lie in a set: use a number, a string or a tuple instead"),
    # Names and calls
    (r"takes (?P<takes>\d+) positional arguments? but (?P<given>\d+) (was|were) given", f"if this is a method: is `self` its first parameter? Otherwise {CALLED}"),
    (r"missing \d+ required|got an unexpected keyword argument|got multiple values for argument", CALLED),
    (r"NameError: name 'self' is not defined", "a method needs `self` as its first parameter"),
    (r"NameError: name '(?P<name>np|torch|nn|F)' is not defined", "run the cell with the imports at the top first: it brings {imports}"),
    (r"UnboundLocalError", "the variable is used before it gets a value inside the function: set it above the loop or the `if`"),
    (r"NameError: name '(?P<name>\w+)' is not defined", "nothing is called `{name}` here: a typo, or a cell above that has not been run since the kernel started"),
    (r"RecursionError|maximum recursion depth", "the function calls itself without end: is another function meant, or (in a module) a layer instead of `self(x)`?"),
    (r"ZeroDivisionError", "the divisor is 0 in this case: the task says what should happen then"),
    (r"'(tuple|torch.Size|Tensor|numpy.ndarray|int|float)' object is not callable", "round brackets call a function; to pick an entry use square ones, `x.shape[0]`"),
    (r"'module' object is not callable", "this is a module, not a function: a name behind a dot is missing"),
    (r"'builtin_function_or_method' object is not subscriptable|'method' object is not subscriptable", "the method was not called: round brackets come before the square ones"),
    (r"unsupported operand type\(s\) for .*'(tuple|list)'|can only concatenate (tuple|list)", "tuples and lists do not add up number by number: work with their entries, `shape[0]`"),
    (r"'(int|float)' object (has no attribute|is not subscriptable|is not iterable)", "this is one number where {arrays} are expected: has its name been used again for something else, a width `w` for the weights `w`?"),
    (r"iteration over a 0-d tensor|object of type '[\w.]+' has no len|len\(\) of (unsized|a 0-d)", "this is one number and has no axes left: it was summed too early, or an index too many was given"),
    (r"module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'", "`{module}` has nothing called `{name}`: look at capital letters and spelling (`nn.Conv2d`, `nn.ReLU`)"),
    (r"'(numpy.ndarray|Tensor)' object has no attribute '(?P<name>\w+)'", "{arrays} have no `{name}`: look at its spelling, and whether it belongs to another library"),
    (r"'(?!Tensor)[A-Z]\w+' object has no attribute '(shape|size|dim|view|reshape|flatten|mean|sum|detach)'", "a layer itself is used as its result: call it on the values, `layer(x)`"),
    (r"'(?P<kind>[A-Z]\w+)' object has no attribute '(?P<name>\w+)'", "a `{kind}` has no `{name}`: in `__init__` it must be put into `self`, `self.{name} = …`, spelled in the same way"),
)  # fmt: skip


def advise(kind: str, message: str, question: Question) -> str:
    """Return one line of advice on a learner's exception, or nothing where there is none.

    `kind` is the exception's class name, `message` its text. Where the exercise's own notebook has a *Help* for this
    error (`question.help`), the line ends by pointing to it.
    """
    error = f"{kind}: {message}"
    line = _line(error, WORDS[question.observer.library])
    help = next(
        (f'see *Help — "{snippet}"* below' for snippet in question.help if _occurs(snippet, message)), ""
    )
    return "; ".join(part for part in (line, help) if part)


def _line(error: str, words: dict[str, str]) -> str:
    for pattern, template in _compiled():
        if found := pattern.search(error):
            return template.format(**words, **found.groupdict())
    return ""


@functools.cache
def _compiled() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern, re.DOTALL), template) for pattern, template in TABLE]


def _occurs(snippet: str, message: str) -> bool:
    """Tell whether a snippet stands in a message: an ellipsis stands for anything, capital letters do not matter.

    >>> _occurs("cannot reshape array of size …", "cannot reshape array of size 30 into shape (7,3)")
    True
    """
    parts = [re.escape(part.strip()) for part in snippet.split("…")]
    return re.search(".*".join(parts), message, re.IGNORECASE | re.DOTALL) is not None
