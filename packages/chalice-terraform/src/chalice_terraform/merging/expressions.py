"""Reads Terraform's string templates, and finds the references in them.

See "Strings and Templates" in Terraform's documentation and the HCL native syntax specification:
``${...}`` contains an expression, in which quoted strings are templates again; ``%{...}`` a
directive; ``$${`` and ``%%{`` are escapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .reference_rules import why_no_reference

MAX_DEPTH = 40

_ESCAPES = ("$${", "%%{")
_OPENINGS = ("${", "%{")
_POLICY_VARIABLE = re.compile(r"\$\{[\w-]+:[\w/.-]+\}")  # as in IAM: ${aws:username}

_SPACE = re.compile(r"(?:\s|\#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_SPACE_IN_LINE = re.compile(r"(?:[^\S\n]|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(r"[^\W\d][\w-]*")
_TRAVERSAL = re.compile(r"[^\W\d][\w-]*(?:[ \t]*\.[ \t]*[^\W\d][\w-]*)*")
_FUNCTION = re.compile(r"[^\W\d][\w-]*(?:::[^\W\d][\w-]*)*[ \t]*\(")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_STEP = re.compile(r"\.\s*(?:\*|\d+|[^\W\d][\w-]*)|\[\s*\*\s*\]")
_UNARY = re.compile(r"[-!]")
_BINARY = re.compile(r"\|\||&&|==|!=|<=|>=|[<>+\-*/]|%(?!\{)")
_ESCAPE = re.compile(r'\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})')
_BARE_KEY = re.compile(r"[^\W\d][\w-]*\s*(?:=(?![=>])|:)")

_FOR = re.compile(r"for\s")

_LITERALS = {"true", "false", "null"}


class TemplateError(ValueError):
    """Terraform cannot read the template: the message says why and, after "; ", what to do."""


def replace_in_template(text: str, replace: Callable[[str], str]) -> str:
    """Return the template with each traversal, such as ``a.b.c``, replaced.

    Raises ``TemplateError``, also for a traversal that cannot be a reference where Chalice puts it.
    """
    parts: list[str] = []
    end = 0
    for start, stop, traversal in _traversals(text, checked=True):
        parts += [text[end:start], replace(traversal)]
        end = stop
    return "".join([*parts, text[end:]])


def traversals_in(text: str) -> list[str]:
    """Return the traversals in the template, whatever they refer to. Raises ``TemplateError``."""
    return [traversal for _, _, traversal in _traversals(text, checked=False)]


def _traversals(text: str, *, checked: bool) -> list[tuple[int, int, str]]:
    """Return the traversals with their beginning and end."""
    if not any(opening in text for opening in _OPENINGS):
        return []
    reader = _Reader(text, checked=checked)
    reader.read()
    return reader.traversals


class _Reader:
    """A recursive-descent parser that keeps only where the traversals are."""

    def __init__(self, text: str, *, checked: bool) -> None:
        self.traversals: list[tuple[int, int, str]] = []
        self._text = text
        self._checked = checked
        self._at = 0
        self._opening = 0
        self._depth = 0
        self._in_line = False  # within the braces of an object, a line's end ends its item
        self._local_names: list[str] = []

    def read(self) -> None:
        """Read the whole text."""
        self._template(quoted=False)

    # Templates

    def _template(self, *, quoted: bool) -> None:
        open_directives: list[tuple[str, int]] = []
        text = self._text
        while self._at < len(text):
            if quoted and text[self._at] == '"':
                break
            if text.startswith(_ESCAPES, self._at):
                self._at += 3
            elif text.startswith("${", self._at):
                self._interpolation()
            elif text.startswith("%{", self._at):
                self._directive(open_directives)
            elif quoted:
                self._quoted_character()
            else:
                self._at += 1
        if quoted and self._at == len(text):
            raise self._error('a string in it is not closed; add the "')
        if open_directives:
            last = open_directives[-1][0]
            raise self._error(f"%{{ {last} }} has no end; add %{{ end{last} }}")
        self._at += quoted

    def _quoted_character(self) -> None:
        character = self._text[self._at]
        if character == "\n":
            raise self._error("a string in it goes over the end of a line; write \\n in it")
        if character != "\\":
            self._at += 1
            return
        escape = _ESCAPE.match(self._text, self._at)
        if escape is None:
            raise self._error('it has an unknown escape; after a \\ write n, r, t, u, " or \\')
        self._at = escape.end()

    def _interpolation(self) -> None:
        variable = _POLICY_VARIABLE.match(self._text, self._at)
        if variable:
            raise TemplateError(
                f"{variable.group()} must be escaped, as IAM's policy variables are; write "
                f"${variable.group()}"
            )
        if not self._depth:
            self._opening = self._at
        self._at += 2
        self._eat("~")
        self._nested(self._expression)
        self._close_braces()

    def _directive(self, open_directives: list[tuple[str, int]]) -> None:
        if not self._depth:
            self._opening = self._at
        self._at += 2
        self._eat("~")
        keyword = self._word()
        last = open_directives[-1][0] if open_directives else ""
        if keyword == "if":
            self._nested(self._expression)
            open_directives.append(("if", len(self._local_names)))
        elif keyword == "for":
            before = len(self._local_names)
            self._nested(self._for_intro)
            open_directives.append(("for", before))
        elif keyword in ("endif", "endfor") and keyword == f"end{last}":
            del self._local_names[open_directives.pop()[1] :]
        elif keyword != "else" or last != "if":
            raise self._error(
                "%{ begins a directive such as %{ if }, and this is none; write %%{ for the text "
                "%{ itself"
            )
        self._close_braces()

    def _close_braces(self) -> None:
        self._space()
        self._eat("~")
        if not self._eat("}"):
            raise self._error(self._unexpected())

    # Expressions

    def _nested(self, read: Callable[[], None], *, in_line: bool = False) -> None:
        before = self._in_line
        self._in_line = in_line
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error("it is nested too deep; assign a part of it to a local value")
        read()
        self._depth -= 1
        self._in_line = before

    def _expression(self) -> None:
        self._operand()
        while self._match(_BINARY):
            self._operand()
        if self._eat_after_space("?"):
            self._nested(self._expression, in_line=self._in_line)
            self._require(":")
            self._nested(self._expression, in_line=self._in_line)

    def _operand(self) -> None:
        while self._match(_UNARY):
            pass
        self._space()
        character = self._text[self._at : self._at + 1]
        if character == '"':
            self._at += 1
            self._nested(lambda: self._template(quoted=True))
        elif character == "(":
            self._at += 1
            self._nested(self._expression)
            self._require(")")
        elif character == "[":
            self._at += 1
            self._nested(self._tuple)
        elif character == "{":
            self._at += 1
            self._nested(self._object, in_line=True)
        elif not (self._match(_NUMBER) or self._call() or self._traversal()):
            raise self._error(self._unexpected())
        self._steps()

    def _steps(self) -> None:
        while True:
            if self._match(_STEP, avoid="..."):
                continue
            if not self._eat_after_space("["):
                return
            self._nested(self._expression)
            self._require("]")

    def _call(self) -> bool:
        if not self._match(_FUNCTION):
            return False
        self._nested(self._arguments)
        return True

    def _arguments(self) -> None:
        while not self._eat_after_space(")"):
            self._expression()
            self._eat_after_space("...")
            if not self._eat_after_space(","):
                self._require(")")
                return

    def _tuple(self) -> None:
        if self._at_for():
            self._for("]")
            return
        while not self._eat_after_space("]"):
            self._expression()
            if not self._eat_after_space(","):
                self._require("]")
                return

    def _object(self) -> None:
        self._lines()
        if self._at_for():
            self._nested(lambda: self._for("}"))
            return
        while not self._eat_after_space("}"):
            self._key()
            self._expression()
            start = self._at
            self._lines()
            separated = self._eat(",") or "\n" in self._text[start : self._at]
            self._lines()
            if not separated:
                self._require("}")
                return

    def _key(self) -> None:
        if self._match(_BARE_KEY):
            return
        self._expression()
        if not self._eat_after_space("="):
            self._require(":")

    def _at_for(self) -> bool:
        self._space()
        return _FOR.match(self._text, self._at) is not None

    def _for(self, closing: str) -> None:
        before = len(self._local_names)
        self._word()
        self._for_intro()
        self._require(":")
        self._expression()
        if closing == "}":
            self._require("=>")
            self._expression()
            self._eat_after_space("...")
        if self._next_word() == "if":
            self._word()
            self._expression()
        self._require(closing)
        del self._local_names[before:]

    def _for_intro(self) -> None:
        names = [self._word()]
        if self._eat_after_space(","):
            names.append(self._word())
        if not all(names) or self._word() != "in":
            raise self._error("its for needs: for NAME in VALUE; add what is missing")
        self._expression()
        self._local_names += names

    def _traversal(self) -> bool:
        found = _TRAVERSAL.match(self._text, self._at)
        if found is None:
            return False
        names = re.split(r"[ \t]*\.[ \t]*", found.group())
        self._at = found.end()
        if names[0] in self._local_names or names[0] in _LITERALS:
            return True
        if self._checked and (why := why_no_reference(names)):
            raise self._error(why)
        self.traversals.append((found.start(), found.end(), ".".join(names)))
        return True

    # Tokens

    def _space(self) -> None:
        found = (_SPACE_IN_LINE if self._in_line else _SPACE).match(self._text, self._at)
        if found:
            self._at = found.end()

    def _lines(self) -> None:
        found = _SPACE.match(self._text, self._at)
        if found:
            self._at = found.end()

    def _eat(self, token: str) -> bool:
        if not self._text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _eat_after_space(self, token: str) -> bool:
        self._space()
        return self._eat(token)

    def _require(self, token: str) -> None:
        if not self._eat_after_space(token):
            raise self._error(self._unexpected())

    def _match(self, pattern: re.Pattern[str], *, avoid: str = "") -> bool:
        self._space()
        if avoid and self._text.startswith(avoid, self._at):
            return False
        found = pattern.match(self._text, self._at)
        if found is None:
            return False
        self._at = found.end()
        return True

    def _next_word(self) -> str:
        self._space()
        found = _NAME.match(self._text, self._at)
        return found.group() if found else ""

    def _word(self) -> str:
        word = self._next_word()
        self._at += len(word)
        return word

    # Errors

    def _unexpected(self) -> str:
        found = self._text[self._at : self._at + 1]
        if found == "\\":
            return (
                'Chalice writes a " inside ${...} in a policy as \\"; assign the expression to a '
                "local value, and refer to that"
            )
        if not found:
            return "it has no closing }; add it, or write $${ for the text ${ itself"
        return (
            f"{found!r} makes it no expression; correct it, or write $${{ for the text ${{ itself"
        )

    def _error(self, why: str) -> TemplateError:
        shown = self._text[self._opening : self._opening + 40]
        end = shown.find("}")
        shown = shown[: end + 1] if end > 0 else shown
        return TemplateError(f"Terraform cannot read {shown}: {why}")
