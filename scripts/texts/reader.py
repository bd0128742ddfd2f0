# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks through the source of a module and gathers its texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from texts.rules import (
    CODE_NAMES,
    LABELS,
    LOGGING,
    MACHINE,
    NO_TEXT_INSIDE,
    NO_TEXTS,
    SENTENCES,
    STATEMENT,
    TEXT_NAMES,
    TEXTS,
    TEXTS_INSIDE,
    WORD_NAMES,
    WORDS,
)
from texts.templates import alternatives, choices_in, is_part, numbered, pairs, shape

__all__ = ["Reader"]

_MOST_ALTERNATIVES: Final = 16


class Reader(ast.NodeVisitor):
    """Walks through a module and gathers its texts."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._found: list[tuple[int, str]] = []
        self._may_be = SENTENCES
        """What is a text where it stands."""
        self._chosen: dict[str, ast.IfExp] = {}
        """What is one of two texts in the function that is read, by its name."""
        self._parts: set[str] = set()
        """Which of these are only put into others, so that they are no texts by themselves."""

    def texts(self) -> list[tuple[int, str]]:
        self._body(self._tree.body)
        return self._found

    def _body(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                self.visit(statement)

    def _within(self, node: ast.AST | None, may_be: re.Pattern[str]) -> None:
        if node is None:
            return
        before, self._may_be = self._may_be, may_be
        self.visit(node)
        self._may_be = before

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        about = ast.get_docstring(node)
        if about and node.name.startswith("SCENARIO_OT_"):  # Blender's tooltip of it
            self._add(node, about, SENTENCES)
        is_words = any(ast.unparse(base) == "StrEnum" for base in node.bases)
        for statement in node.body:
            if is_words and isinstance(statement, ast.Assign):
                self._within(statement.value, LABELS)
            else:
                self._body([statement])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before = self._chosen, self._parts
        self._chosen = dict(choices_in(node))
        self._parts = {name for name in self._chosen if is_part(name, node)}
        arguments = (
            [*node.args.posonlyargs, *node.args.args][-len(node.args.defaults) or None :] if node.args.defaults else []
        )
        defaults = zip([*arguments, *node.args.kwonlyargs], [*node.args.defaults, *node.args.kw_defaults], strict=True)
        for argument, default in defaults:
            self._within(default, LABELS if argument.arg in TEXT_NAMES else SENTENCES)
        self._body(node.body)
        self._chosen, self._parts = before

    def visit_Return(self, node: ast.Return) -> None:
        self._within(node.value, WORDS if isinstance(node.value, ast.IfExp) else SENTENCES)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        if ast.unparse(node.test) != "TYPE_CHECKING":
            self._body(node.body)
        self._body(node.orelse)

    def visit_Assign(self, node: ast.Assign) -> None:
        assigned = list(pairs(node.targets[0], node.value))
        if not any(name in self._parts for name, _ in assigned):
            self._assigned(node.targets, node.value)
            return
        for name, value in assigned:
            if name not in self._parts:
                self._assigned([ast.Name(name)], value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.annotation, ast.Call):  # a property of Blender's
            self.visit(node.annotation)
        self._assigned([node.target], node.value)

    def _assigned(self, targets: list[ast.expr], value: ast.expr | None) -> None:
        for target in targets:  # which may be what a button is given: layout.operator(..., text="Again").index = 1
            self.visit(target)
        whole_names = {ast.unparse(target) for target in targets}
        names = {name.rpartition(".")[2].strip("_").lower() for name in whole_names}
        if not names & {name.strip("_") for name in CODE_NAMES}:
            self._within(value, WORDS if whole_names & WORD_NAMES else LABELS if names & TEXT_NAMES else SENTENCES)

    def visit_Dict(self, node: ast.Dict) -> None:
        if any(isinstance(key, ast.JoinedStr | ast.IfExp) for key in node.keys):  # what is said, by whether it is so
            for key in node.keys:
                self._within(key, WORDS)
        for key, value in zip(node.keys, node.values, strict=True):
            name = key.value if isinstance(key, ast.Constant) else ""
            if name not in CODE_NAMES:
                is_state = isinstance(key, ast.Attribute) and key.attr.isupper()
                self._within(value, WORDS if is_state else LABELS if name in TEXT_NAMES else self._may_be)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        self._row(node)

    def _row(self, node: ast.Tuple) -> None:
        """Read a row; one of an enumeration of Blender's has its name and its description after its identifier."""
        first = node.elts[0] if node.elts else None
        is_item = len(node.elts) >= 3 and isinstance(first, ast.Constant) and str(first.value).isupper()
        if not is_item:
            self.generic_visit(node)
            return
        for element in node.elts[1:3]:
            self._within(element, LABELS)

    def visit_Compare(self, node: ast.Compare) -> None:
        for part in (node.left, *node.comparators):
            if not isinstance(part, ast.Constant | ast.Tuple | ast.Set | ast.List):
                self.visit(part)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        if isinstance(node.slice, ast.JoinedStr):
            self.visit(node.slice)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._within(node.test, SENTENCES)
        may_be = WORDS if isinstance(node.orelse, ast.Constant) and node.orelse.value == "" else self._may_be
        self._within(node.body, may_be)  # a word, or nothing
        self.visit(node.orelse)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if name in LOGGING and owner.strip("_").lower().startswith("log"):
            return
        if isinstance(node.func, ast.Attribute) and not (name == "split" and isinstance(node.func.value, ast.Constant)):
            self.visit(node.func.value)
        for argument in () if name in NO_TEXT_INSIDE or owner in {"os", "re", "bpy.ops"} else node.args:
            self._within(argument, WORDS if name in TEXTS_INSIDE else SENTENCES)
        for keyword in node.keywords:
            if keyword.arg not in CODE_NAMES:
                self._within(keyword.value, LABELS if keyword.arg in TEXT_NAMES else SENTENCES)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._add(node, node.value, self._may_be)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for text in islice(alternatives(node, self._chosen), _MOST_ALTERNATIVES):
            self._add(node, numbered(text), self._may_be)
        for value in node.values:  # texts may be chosen between inside of it
            if isinstance(value, ast.FormattedValue) and not isinstance(value.value, ast.IfExp):
                self._within(value.value, SENTENCES)

    def _add(self, node: ast.AST, text: str, may_be: re.Pattern[str]) -> None:
        text = text.strip()
        plain = shape(text)
        is_no_text = text in NO_TEXTS or STATEMENT.search(text) or MACHINE.search(plain)
        is_one = SENTENCES.search(plain) is not None and re.search(r"[A-Za-z][a-z]", plain) is not None
        if text in TEXTS or (not is_no_text and (is_one or may_be.fullmatch(text))):
            self._found.append((getattr(node, "lineno", 0), text))
