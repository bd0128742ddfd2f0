# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the texts that can reach Blender's interface, in the source: nobody keeps a list of them.

A text is a template: a constant as it is, an f-string with a placeholder for each value, named after what is put there.
Where a value is one of a few constants, such as "mesh" or "meshes", there is a text with each, so that a language can
inflect the sentence. What is for the command line alone is left out, by the rooms it is in; what is no text at all, by
where it stands: in a log call, a regular expression, a key, a comparison.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from typing import Any, Final

__all__ = ["Text", "placeholders", "shape", "texts_of"]

_ROOT: Final = Path(__file__).resolve().parents[1]
_PACKAGE: Final = _ROOT / "scenario_addon"
_ELSEWHERE: Final = (
    *(f"engine/{room}/" for room in ("batch", "cli", "handover", "inputs", "manifests", "outputs", "report")),
    *("engine/scripting/", "engine/terminal/", "engine/examination/report.py", "engine/__init__.py", "__main__.py"),
    *("blender/command.py", "blender/library.py", "blender/stage.py", "blender/writing/", "blender/sheet/"),
)
"""Never in the interface: the command line, its files, and what other people's scripts get."""
_MODELS: Final = "engine/models/models.json"
_MOST_ALTERNATIVES: Final = 16

_LOGGING: Final = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
_NO_TEXT_INSIDE: Final = frozenset(
    {
        *("cast", "getattr", "hasattr", "setattr", "isinstance", "Path", "TypeVar", "getLogger", "environ", "getenv"),
        *("compile", "execute", "executemany", "executescript", "fullmatch", "match", "search", "sub", "findall"),
        *("startswith", "endswith", "removeprefix", "removesuffix", "split", "rsplit", "partition", "rpartition"),
        *("strip", "rstrip", "lstrip", "replace", "count", "find", "index", "encode", "decode", "strftime", "open"),
        *("menu", "operator_menu_enum", "AttributeError", "TypeError", "NotImplementedError", "KeyError", "_Lazy"),
        *("template_ID", "panel", "import_module", "mkdtemp", "TemporaryDirectory", "Thread", "get", "is_running"),
        *("_kinds", "run", "wait", "accept", "Request", "capture", "from_environment", "lit", "new", "nodes", "inputs"),
    }
)
"""Functions whose arguments, those without a name, are no texts."""
_TEXTS_INSIDE: Final = frozenset(
    {
        *("report", "complain", "ask_first", "draw_sentence", "_draw_lines", "Check", "_check", "Activity"),
        *(
            "_at_most",
            "_check_length",
            "_number",
            "plain_heading",
            "_draw_folder",
            "spent_words",
            *("translated", "translated_report", "translated_tip"),
        ),
    }
)
"""Those whose arguments are texts, be they of one word."""
_NO_TEXTS: Final = frozenset(
    {
        *("alloc returns null", "cannot allocate memory", "doesn't match", "not valid for", "size doesn't match"),
        *("length of", "bad gltf", "not a gltf", "version must be 2", "couldn't parse", "ply header", "stl import"),
        *("missing resource", "is not available on this addon", "does not have any image data", "uv map"),
        *("not enough", "not have enough", "out of", "quota of", "too few", "too low", "used up", "No space left"),
        *("built-in sRGB", "sRGB built-in", "Application Support", "GlobalMemoryStatusEx failed", "Radiance HDR"),
        *("glTF Material Output", "Scenario picture", "elsewhere pictures", '[{"name": "value"}]', "One, Another"),
        *("portrait {job_id}", "price {key}", "fetch {text}", "elsewhere {remote_id}", "model {model_id}"),
        *("words {prompt}", "picture {seen}", "objects {list}", "picture {files}", "{subject_name} mesh"),
        *("{name}, framed", "{name}, whole", "{name}, sketched", "{name}, sketched again", "{name} Part {number}"),
        *("a job cannot go from {state} to {state2}", "scenario-addon/{version} Python/{major}.{minor}"),
        *("Basic {login}", "doctor {part}", "Scenario 3D {version}", "Python {platform}", "pydantic {version}"),
        "requests {requests_version}",
    }
)
"""What others write, and is looked for in it; names of tasks, of things in a file, and what only a programmer sees."""
_TEXT_NAMES: Final = frozenset(
    {
        *("text", "name", "description", "title", "question", "yes", "bl_label", "bl_description", "label", "hint"),
        *("otherwise", "what", "fix", "words", "told", "note", "view_names"),
    }
)
"""Arguments and variables whose values are texts, be they of one word with a capital."""
_WORD_NAMES: Final = frozenset({"PARTS"})
"""Variables whose values are texts, be they of any one word."""
_CODE_NAMES: Final = frozenset(
    {
        *("icon", "type", "options", "subtype", "category", "bl_idname", "bl_category", "bl_options", "bl_space_type"),
        *(
            "bl_region_type",
            "operator_context",
            "mode",
            "encoding",
            "errors",
            "prefix",
            "suffix",
            "default",
            "alignment",
        ),
        *("idname", "unit", "target", "key", "emboss", "__all__", "undo_mode", "reported"),
    }
)
_TEXTS: Final = frozenset({"{seconds} s"})
"""Texts without a whole word."""
_STATEMENT: Final = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|ALTER|BEGIN|CASE|COALESCE|OR|FROM)\b")
_MACHINE: Final = re.compile(r"^# |[\\|^~]|\$\{|^\S*://\S*$|^[a-z_.]+\[|^\w+ \| |^/|%[sdr]|%\.|^[\w.-]+\.\w+$|\(\?")
"""Regular expressions, types, addresses, formats of logs."""
_SENTENCES: Final = re.compile(r"[A-Za-z][a-z'\u2019]+[,;:.?!)\"]*( |\n)\W*[\w{]|[\w}\"')]\W* [A-Za-z'\u2019]*[a-z]{2}")
"""Two words at least: what is a text anywhere."""
_LABELS: Final = re.compile(r"[A-Z][A-Za-z]*[a-z][a-z-]*(\.\.\.|\?)?|UVs|LODs")
"""One word with a capital, which can be anything."""
_WORDS: Final = re.compile(r"[A-Za-z]*[a-z]{2}[a-z-]*(\.{1,3}|\?)?")
"""One word."""
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Text:
    """One text and where it stands."""

    text: str
    places: list[str] = field(default_factory=list)


def placeholders(text: str) -> list[str]:
    """The names of what is put into a text, sorted."""
    return sorted(_PLACEHOLDER.findall(text))


def shape(text: str) -> str:
    """A text whatever its placeholders are called: of two with the same shape one is enough."""
    return _PLACEHOLDER.sub("{}", text)


def texts_of(package: Path = _PACKAGE) -> dict[str, Text]:
    """Every text of the interface, by itself, sorted."""
    found: dict[str, Text] = {}
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package).as_posix()
        if not relative.startswith(_ELSEWHERE):
            for line, text in _Reader(ast.parse(path.read_text(encoding="utf-8"))).texts():
                found.setdefault(shape(text), Text(text)).places.append(f"{relative}:{line}")
    for text in _texts_of_models(package / _MODELS):
        found.setdefault(shape(text), Text(text)).places.append(_MODELS)
    told = {form: entry for form, entry in found.items() if not any(other in found for other in _fuller(form))}
    return {entry.text: entry for entry in sorted(told.values(), key=lambda entry: entry.text)}


def _fuller(form: str) -> Iterator[str]:
    """The same with a full stop, which is left away where it is not wanted, and with a small letter to begin with."""
    small = f"{form[:1].lower()}{form[1:]}"
    yield from {f"{form}.", f"{small}.", small} - {form}


def _texts_of_models(path: Path) -> Iterator[str]:
    """What the record that ships with this says of models, but for the names."""
    for entry in json.loads(path.read_text(encoding="utf-8")) if path.exists() else ():
        record: dict[str, Any] = entry["record"]
        yield record["shortDescription"]
        for choices in record.get("uiConfig", {}).get("selects", {}).values():
            yield from (label for label in choices.values() if re.search("[a-z]{2}", label))
        for each in record["inputs"]:
            yield from (each[name] for name in ("label", "description", "group") if name in each)
            group, label = each.get("group", ""), each.get("label", "")
            yield from {label.removeprefix(f"{group} ")} - {label}  # below its group's heading
            yield from (
                text
                for texts in each.get("required", {}).values()
                if isinstance(texts, dict)
                for text in texts.values()
            )
        yield from (rule["why"] for rule in entry["knowledge"].get("rules", ()))


class _Reader(ast.NodeVisitor):
    """Walks through a module and gathers its texts."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._found: list[tuple[int, str]] = []
        self._may_be = _SENTENCES
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
            self._add(node, about, _SENTENCES)
        is_words = any(ast.unparse(base) == "StrEnum" for base in node.bases)
        for statement in node.body:
            if is_words and isinstance(statement, ast.Assign):
                self._within(statement.value, _LABELS)
            else:
                self._body([statement])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before = self._chosen, self._parts
        self._chosen = dict(_choices_in(node))
        self._parts = {name for name in self._chosen if _is_part(name, node)}
        arguments = (
            [*node.args.posonlyargs, *node.args.args][-len(node.args.defaults) or None :] if node.args.defaults else []
        )
        defaults = zip([*arguments, *node.args.kwonlyargs], [*node.args.defaults, *node.args.kw_defaults], strict=True)
        for argument, default in defaults:
            self._within(default, _LABELS if argument.arg in _TEXT_NAMES else _SENTENCES)
        self._body(node.body)
        self._chosen, self._parts = before

    def visit_Return(self, node: ast.Return) -> None:
        self._within(node.value, _WORDS if isinstance(node.value, ast.IfExp) else _SENTENCES)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        if ast.unparse(node.test) != "TYPE_CHECKING":
            self._body(node.body)
        self._body(node.orelse)

    def visit_Assign(self, node: ast.Assign) -> None:
        pairs = list(_pairs(node.targets[0], node.value))
        if not any(name in self._parts for name, _ in pairs):
            self._assigned(node.targets, node.value)
            return
        for name, value in pairs:
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
        if not names & {name.strip("_") for name in _CODE_NAMES}:
            self._within(value, _WORDS if whole_names & _WORD_NAMES else _LABELS if names & _TEXT_NAMES else _SENTENCES)

    def visit_Dict(self, node: ast.Dict) -> None:
        if any(isinstance(key, ast.JoinedStr | ast.IfExp) for key in node.keys):  # what is said, by whether it is so
            for key in node.keys:
                self._within(key, _WORDS)
        for key, value in zip(node.keys, node.values, strict=True):
            name = key.value if isinstance(key, ast.Constant) else ""
            if name not in _CODE_NAMES:
                is_state = isinstance(key, ast.Attribute) and key.attr.isupper()
                self._within(value, _WORDS if is_state else _LABELS if name in _TEXT_NAMES else self._may_be)

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
            self._within(element, _LABELS)

    def visit_Compare(self, node: ast.Compare) -> None:
        for part in (node.left, *node.comparators):
            if not isinstance(part, ast.Constant | ast.Tuple | ast.Set | ast.List):
                self.visit(part)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        if isinstance(node.slice, ast.JoinedStr):
            self.visit(node.slice)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._within(node.test, _SENTENCES)
        may_be = _WORDS if isinstance(node.orelse, ast.Constant) and node.orelse.value == "" else self._may_be
        self._within(node.body, may_be)  # a word, or nothing
        self.visit(node.orelse)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if name in _LOGGING and owner.strip("_").lower().startswith("log"):
            return
        if isinstance(node.func, ast.Attribute) and not (name == "split" and isinstance(node.func.value, ast.Constant)):
            self.visit(node.func.value)
        for argument in () if name in _NO_TEXT_INSIDE or owner in {"os", "re", "bpy.ops"} else node.args:
            self._within(argument, _WORDS if name in _TEXTS_INSIDE else _SENTENCES)
        for keyword in node.keywords:
            if keyword.arg not in _CODE_NAMES:
                self._within(keyword.value, _LABELS if keyword.arg in _TEXT_NAMES else _SENTENCES)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._add(node, node.value, self._may_be)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for text in islice(_alternatives(node, self._chosen), _MOST_ALTERNATIVES):
            self._add(node, _numbered(text), self._may_be)
        for value in node.values:  # texts may be chosen between inside of it
            if isinstance(value, ast.FormattedValue) and not isinstance(value.value, ast.IfExp):
                self._within(value.value, _SENTENCES)

    def _add(self, node: ast.AST, text: str, may_be: re.Pattern[str]) -> None:
        text = text.strip()
        plain = shape(text)
        is_no_text = text in _NO_TEXTS or _STATEMENT.search(text) or _MACHINE.search(plain)
        is_one = _SENTENCES.search(plain) is not None and re.search(r"[A-Za-z][a-z]", plain) is not None
        if text in _TEXTS or (not is_no_text and (is_one or may_be.fullmatch(text))):
            self._found.append((getattr(node, "lineno", 0), text))


def _choices_in(function: ast.FunctionDef) -> Iterator[tuple[str, ast.IfExp]]:
    """What a function assigns once, as one of two texts."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node.targets[0], node.value):
                assigned.setdefault(target, []).append(value)
    for name, values in assigned.items():
        if (
            len(values) == 1
            and isinstance(value := values[0], ast.IfExp)
            and _is_told(value.body)
            and _is_told(value.orelse)
        ):
            yield name, value


def _is_part(name: str, function: ast.FunctionDef) -> bool:
    """Whether a variable is only ever put into an f-string, as it is."""
    nodes = list(ast.walk(function))
    used = {node for node in nodes if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)}
    return bool(used) and used <= {node.value for node in nodes if isinstance(node, ast.FormattedValue)}


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for part, its in zip(target.elts, value.elts, strict=True):
            yield from _pairs(part, its)


def _is_told(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_told(node.body) and _is_told(node.orelse)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _alternatives(node: ast.expr, chosen: Mapping[str, ast.IfExp]) -> Iterator[str]:
    """Every text that an expression can give, with placeholders for what is not known here."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for parts in product(*(list(_alternatives(value, chosen)) for value in node.values)):
            yield "".join(parts)
    elif isinstance(node, ast.FormattedValue):
        yield from _alternatives(node.value, chosen)
    elif isinstance(node, ast.Name) and node.id in chosen:
        yield from _alternatives(chosen[node.id], {})
    elif isinstance(node, ast.IfExp) and (_is_told(node.body) or _is_told(node.orelse)):
        yield from _alternatives(node.body, chosen)
        yield from _alternatives(node.orelse, chosen)
    else:
        yield f"{{{_named(node)}}}"


def _named(node: ast.expr) -> str:
    """What the value of an expression is called."""
    match node:
        case ast.Name(id=name):
            return name.strip("_").lower()
        case ast.Attribute(
            value=owner, attr=("name" | "names" | "words" | "id" | "stem" | "label" | "strerror") as name
        ):
            return (
                name
                if isinstance(owner, ast.Name) and owner.id == "self"
                else f"{_named(owner)}_{name}".removeprefix("job_")
            )
        case ast.Attribute(attr=name):
            return name.strip("_").lower()
        case ast.Call(func=ast.Name(id="len" | "max" | "min" | "round" | "str"), args=[first, *_]):
            return "count" if ast.unparse(node.func) == "len" else _named(first)
        case ast.Call(func=ast.Attribute(attr="join")):
            return "list"
        case ast.Call(func=ast.Attribute(value=owner)):
            return _named(owner)
        case ast.Call(func=function, args=[first, *_]) if isinstance(first, ast.Name | ast.Attribute):
            return _named(first)
        case ast.Call(func=function):
            return _named(function)
        case ast.BinOp(left=left) | ast.BoolOp(values=[left, *_]):
            return _named(left)
        case ast.Subscript(value=owner):
            return _named(owner)
        case _:
            return "value"


def _numbered(text: str) -> str:
    """Tell apart the placeholders that would be called the same."""
    seen: dict[str, int] = {}

    def renamed(match: re.Match[str]) -> str:
        name = match[1]
        seen[name] = seen.get(name, 0) + 1
        return f"{{{name}}}" if seen[name] == 1 else f"{{{name}{seen[name]}}}"

    return _PLACEHOLDER.sub(renamed, text)
