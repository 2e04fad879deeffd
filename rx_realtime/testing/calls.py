"""The line with `>`: one call, of an operator or of a function of the user's."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from reactivex import Observable, abc

from .. import operators
from ..diagram import Call, DiagramError
from .values import look_up

__all__ = ["make"]

_OPERATORS = {name: getattr(operators, name) for name in operators.__all__}


def make(
    call: Call,
    lines: Mapping[str, Observable[Any]],
    values: Mapping[str, Any],
    scheduler: abc.SchedulerBase,
) -> Any:
    """Do what the call says.

    Its arguments are literals, and names of lines or of values. What it gives is used as it is
    (an observable, or something that has observables), unless it is an operator: that is applied
    to the one line which is not an argument.

    An operator of ours is never given the scheduler: it must take the subscriber's. A function of
    the values module is, if it has a parameter of this name.

    Raises:
        DiagramError: if it says something that cannot be done.
    """
    tree = ast.parse(call.text, mode="eval").body
    assert isinstance(tree, ast.Call)
    used: set[str] = set()

    def named(name: str) -> Any:
        if name in lines:
            used.add(name)
            return lines[name]
        return look_up(name, values)

    def evaluate(node: ast.expr) -> Any:
        match node:
            case ast.Name() | ast.Attribute():
                try:
                    return named(ast.unparse(node))
                except LookupError as error:
                    why = f"`{error}` is neither a line of this case nor a value"
                    raise DiagramError(why, call.place) from None
            case ast.List(elts=elements):
                return [evaluate(element) for element in elements]
            case _:
                try:
                    return ast.literal_eval(node)
                except ValueError:
                    why = f"`{ast.unparse(node)}` is neither a literal nor a name"
                    raise DiagramError(why, call.place) from None

    function = _function(ast.unparse(tree.func), call, values)
    arguments = [evaluate(each) for each in tree.args]
    options = {each.arg: evaluate(each.value) for each in tree.keywords if each.arg is not None}
    if _takes_scheduler(function) and "scheduler" not in options:
        options["scheduler"] = scheduler
    made: Any = function(*arguments, **options)
    left = [name for name in lines if name not in used]
    if _is_operator(made):
        if len(left) != 1:
            why = f"an operator has one source: a line that is not an argument, not {len(left)}"
            raise DiagramError(why, call.place)
        return made(lines[left[0]])
    if left:
        raise DiagramError(f"nothing is done with `{left[0]}`", call.place)
    return made


def _function(name: str, call: Call, values: Mapping[str, Any]) -> Callable[..., Any]:
    try:
        function: Callable[..., Any] = look_up(name, {**_OPERATORS, **values})
    except LookupError:
        why = f"`{name}` is neither an operator nor defined by the values module"
        raise DiagramError(why, call.place) from None
    return function


def _is_operator(made: object) -> bool:
    return callable(made) and not isinstance(made, Observable)


def _takes_scheduler(function: Callable[..., Any]) -> bool:
    if function in _OPERATORS.values():
        return False
    return "scheduler" in inspect.signature(function).parameters
