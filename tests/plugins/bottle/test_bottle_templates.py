"""Bottle's own template language, and `template`, `view` and the adapters."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pytest

from fenrir_bottle import Bottle, SimpleTemplate, TemplateError, jinja2_template, template, view


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a {{x}} b", "a &lt;1&gt; b"),
        ("a {{!x}} b", "a <1> b"),
        ("{{'}}'}}", "}}"),
        ("%for i in [1, 2]:\n{{i}}\n%end\nx", "1\n2\nx"),
        ("% if x:\nyes\n% else:\nno\n% end\n", "yes\n"),
        ("% if not x: y = 1\n% elif x: y = 2\n% else: y = 3\n% end\n{{y}}", "2"),
        ("<%\ny = 5\nif y:\n  z = 6\nend\n%>\n{{y + z}}", "11"),
        ("<% y = '%>' # a comment\n%>\n{{!y}}", "%>"),
        ("% y = [i\n%      for i in range(3)\n%      if i]\n{{y}}", "[1, 2]"),
        ("\\% text\n  \\<% text", "% text\n  <% text"),
        ("one\\\\\n% pass\ntwo", "onetwo"),
        ("% y = '''a\nb'''\n{{y}}", "a\nb"),
        ("% def hello(name):\nhi {{name}}\n% end\n% hello('ann')\n", "hi ann\n"),
        ("{{get('nope', 1)}} {{defined('x')}}", "1 True"),
        ("% setdefault('z', 2)\n{{z}}", "2"),
        ("% import base64\n{{base64.b64encode(b'a').decode()}}", "YQ=="),
        ("%# a comment\nx", "x"),
        ("a\r\n% if x:\r\nb\r\n% end\r\n", "a\r\nb\r\n"),
    ],
)
def test_a_template_is_rendered(source: str, text: str) -> None:
    assert SimpleTemplate(source).render(x="<1>") == text


def test_tokens_may_be_others() -> None:
    source = "[# for i in range(2): #]\n[[i]]\n@ end\n"
    assert SimpleTemplate(source, syntax="[# #] @ [[ ]]").render() == "0\n1\n"


def test_an_error_names_the_line_of_the_template() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        SimpleTemplate("one\ntwo\n{{1 / 0}}\n").render()
    assert raised.traceback[-1].lineno + 1 == 3


def test_templates_include_and_rebase_others(tmp_path: Path) -> None:
    (tmp_path / "base.tpl").write_text("<b>{{title}}</b>{{!base}}")
    (tmp_path / "part.tpl").write_text("part {{x}}\n")
    (tmp_path / "page.tpl").write_text("% rebase('base', title='T')\nbefore\n% include('part', x=2)\nafter\n")
    assert template("page", template_lookup=[str(tmp_path)]) == "<b>T</b>before\npart 2\nafter\n"


@pytest.mark.parametrize("name", ["missing", "../secret"])
def test_a_template_is_looked_for_in_its_directories_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.tpl").write_text("secret")
    (tmp_path / "views").mkdir()
    with pytest.raises(TemplateError, match="no template"):
        template(name, template_lookup=[str(tmp_path / "views")])


def test_view_renders_what_a_handler_returns_if_it_is_a_dictionary() -> None:
    @view("hello {{name}}", name="you")
    def hello(value: Any) -> Any:
        return value

    assert (hello({"name": "ann"}), hello(None), hello("text")) == ("hello ann", "hello you", "text")


def test_a_route_may_name_its_template() -> None:
    app = Bottle()

    def handler() -> Dict[str, str]:
        return {"name": "ann"}

    app.route("/", callback=handler, template="hi {{name}}")
    assert app.routes[0].call() == "hi ann"


def test_jinja2_renders_if_it_is_installed() -> None:
    pytest.importorskip("jinja2")
    assert jinja2_template("{% if x %}hi {{ x }}{% endif %}", x="ann") == "hi ann"
