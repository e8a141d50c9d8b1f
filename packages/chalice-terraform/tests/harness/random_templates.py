"""Random strings for Terraform: templates with and without mistakes."""

from __future__ import annotations

import random

_OPERANDS = [
    *("a.b", "var.x", "local.y", "data.a.b", "module.m", "path.module", "terraform.workspace"),
    *("aws_a.b.c", "a-b.c", "é.b", "x . y", "resource.a.b", "null", "true", "1", "1.5e3", "-1"),
    *('"t"', '"x ${var.x} y"', '"a\\"b"', '"\\n"', '"\\q"', '"$${"', '"$"', '""'),
    *('"%{ if true }y%{ endif }"', "!true", "f(1)", "f()", "f(var.x...)", "max(1, 2)", "p::f(1)"),
    *("(var.x)", "[1, var.x]", "[]", "{}", "{ k = var.x }", "var.x[0]", "var.x[*].y", "var.x.*.y"),
    *("var.x.0.y", "[for v in var.x : v.z]", "{for k, v in var.x : k => v...}", "/* c */ 1"),
    *("name", "Token[T.1]", "var", "data.x", "lazy.x", "self.x"),
]
_OPERATORS = [" + ", " == ", " && ", " ? ", " : ", "-", "/", " % ", ">=", ", ", "", ":", ".", " | "]
_OPERATORS += ["=>", " = ", "*", "<", "...", "?:", "||"]
_AROUND = ["(%s)", "[%s]", "{%s}", "f(%s)", '"${%s}"', "{ a = %s }", "[for q in %s : q]", "!%s"]
_AROUND += ["%s ? 1 : 2", "var.x[%s]"]
_LITERALS = ["$", "%", "$$", "%%", "$${", "%%{", "$$${var.x}", "%%%{x}", "$%{", "%{x}", "${", "${}"]
_LITERALS += ["{", "}", '"', "\\", "\n", "é", "text", "#", "\\${var.x}"]


def random_template(chance: random.Random) -> str:
    """Return one to three pieces, of which about half are as Terraform reads them."""
    text = "".join(_piece(chance) for _ in range(chance.choice([1, 1, 2, 3])))
    if len(text) > 1 and chance.random() < 0.1:
        lost = chance.randrange(len(text))
        return text[:lost] + text[lost + 1 :]
    return text


def _piece(chance: random.Random) -> str:
    kind = chance.random()
    expression = _expression(chance)
    if kind < 0.6:
        before, after = chance.choice(["", " ", "~ ", "\n"]), chance.choice(["", " ", " ~"])
        return f"${{{before}{expression}{after}}}"
    if kind < 0.7:
        ends = ["%{ endif }", "%{ else }n%{ endif }", "", "%{ endfor }", "%{~ endif ~}"]
        return f"%{{ if {expression} }}y{chance.choice(ends)}"
    if kind < 0.75:
        return f"%{{ for z in {expression} }}${{z}}%{{ endfor }}"
    return chance.choice(_LITERALS)


def _expression(chance: random.Random) -> str:
    text = chance.choice(_OPERANDS)
    for _ in range(chance.choice([0, 0, 0, 1, 1, 2])):
        text += chance.choice(_OPERATORS) + chance.choice(_OPERANDS)
    return chance.choice(_AROUND) % text if chance.random() < 0.2 else text
