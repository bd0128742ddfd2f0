# SPDX-License-Identifier: GPL-3.0-or-later
"""What a text of the interface is and what is none, by its words and by where it stands."""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "CODE_NAMES",
    "LABELS",
    "LOGGING",
    "MACHINE",
    "NO_TEXTS",
    "NO_TEXT_INSIDE",
    "SENTENCES",
    "STATEMENT",
    "TEXTS",
    "TEXTS_INSIDE",
    "TEXT_NAMES",
    "WORDS",
    "WORD_NAMES",
]

LOGGING: Final = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
NO_TEXT_INSIDE: Final = frozenset(
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
TEXTS_INSIDE: Final = frozenset(
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
NO_TEXTS: Final = frozenset(
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
TEXT_NAMES: Final = frozenset(
    {
        *("text", "name", "description", "title", "question", "yes", "bl_label", "bl_description", "label", "hint"),
        *("otherwise", "what", "fix", "words", "told", "note", "view_names"),
    }
)
"""Arguments and variables whose values are texts, be they of one word with a capital."""
WORD_NAMES: Final = frozenset({"PARTS"})
"""Variables whose values are texts, be they of any one word."""
CODE_NAMES: Final = frozenset(
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
TEXTS: Final = frozenset({"{seconds} s"})
"""Texts without a whole word."""
STATEMENT: Final = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|ALTER|BEGIN|CASE|COALESCE|OR|FROM)\b")
MACHINE: Final = re.compile(r"^# |[\\|^~]|\$\{|^\S*://\S*$|^[a-z_.]+\[|^\w+ \| |^/|%[sdr]|%\.|^[\w.-]+\.\w+$|\(\?")
"""Regular expressions, types, addresses, formats of logs."""
SENTENCES: Final = re.compile(r"[A-Za-z][a-z'\u2019]+[,;:.?!)\"]*( |\n)\W*[\w{]|[\w}\"')]\W* [A-Za-z'\u2019]*[a-z]{2}")
"""Two words at least: what is a text anywhere."""
LABELS: Final = re.compile(r"[A-Z][A-Za-z]*[a-z][a-z-]*(\.\.\.|\?)?|UVs|LODs")
"""One word with a capital, which can be anything."""
WORDS: Final = re.compile(r"[A-Za-z]*[a-z]{2}[a-z-]*(\.{1,3}|\?)?")
"""One word."""
