"""The components of the pages: their markup as it was looked at, and that the sheet knows every class of it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import render_template_string

from tests.push.samples import agrees_with_golden

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "hub/web/static"
IMPORT = '{% import "components.html" as c with context %}'
CASES = {
    "button": '{{ c.button("Anmelden") }}{{ c.button("Beenden", "secondary", small=true, more="E-Mail") }}'
    '{{ c.button("Kopieren", "tertiary", "button", icon_name="content-copy", attributes={"data-copy": "x", "hidden": true}) }}'
    '{{ c.button_link("Weiter", "/a?b=1&c=2", icon_name="arrow-forward") }}',
    "danger": '{{ c.button("Alles löschen", "danger", icon_name="delete") }}{{ c.button_link("Alles löschen …", "/a", "danger", small=true) }}',
    "input": '{{ c.input("waste.house", "Hausnummer", "12 a", hint_text="Leer für alle.", optional=true, mode="numeric") }}'
    '{{ c.input("email", "E-Mail-Adresse", "<b>", "Das ist keine Adresse.", "Nur dafür.", "email", "email") }}',
    "textarea": '{{ c.textarea("words", "Was ist falsch?", "Das <b>", "Bitte schreiben Sie etwas.", most=2000) }}',
    "date": '{{ c.date("birth", "Geburtstag", 1, 2, 1950, "Diesen Tag gibt es nicht.", "Zum Beispiel 1 2 1950") }}',
    "select": '{{ c.select("days", "Pause", [("1", "ein Tag"), ("7", "eine Woche")], "7") }}'
    '{{ c.select("what", "Stumm", [], "b", "Bitte wählen.", "Nur eines.", [("Orte", [("a", "Gey"), ("b", "Kleinhau")])]) }}',
    "checkbox": '{{ c.checkbox("news.push", "Auf diesem Gerät", true) }}{{ c.checkbox("news", "Neues", fault="Wie?", also="about", strong=true) }}',
    "radios": '{{ c.radios("way", "Wie?", [("push", "Mitteilung"), ("mail", "E-Mail", "Kommt einmal am Tag.")], "mail", hint_text="Sie können es ändern.") }}',
    "fieldset": '{% call c.fieldset("quiet", "Ruhezeit", "Bis wann?", "Nachts.", horizontal=true, large=true) %}<p>Felder</p>{% endcall %}',
    "alert": '{% call c.alert("danger", "Jetzt gültig", "alert", 3, "urgent") %}<p>Sturm</p>{% endcall %}{{ c.alert_line("success", "Gespeichert.", "status") }}{{ c.toast("Gespeichert.") }}',
    "notice": '{% call c.notice("warning") %}<strong>Alt.</strong> <a href="/a">Was ist los?</a>{% endcall %}',
    "badge": '{{ c.badge("Läuft", "success") }}{{ c.badge("Verstummt", "danger", small=false) }}{{ c.badge("Wartet", icon_name="autorenew") }}',
    "fault_list": '{{ c.fault_list({"email": "Please choose", "waste.zone": "Please choose"}, {"waste": "Abfall"}) }}',
    "card": '{% call c.card("Ihr Kalender", 2, "calendar", "Neu") %}<p>Text</p>{% endcall %}{{ c.card_link("Gey", "/gey/", "Ein Dorf") }}',
    "details": '{% call c.details("Mehr", true, "more") %}<p>Text</p>{% endcall %}',
    "summary_list": '{{ c.summary_list([("Wo", "Gey"), ("Wann", "heute")]) }}',
    "table": '{% call c.table("Quellen: 1", ["Quelle", "Stand"], "sources") %}{% call c.row() %}{% call c.th() %}Amtsblatt{% endcall %}{% call c.td("Stand", whole=true) %}gut{% endcall %}{% endcall %}{% endcall %}',
    "progress": '{{ c.progress("Schritt 2 von 3", 2, 3, "step") }}',
    "dialog": '{% call c.dialog("sure", "Wirklich?") %}<p>Text</p>{% endcall %}',
    "navigation": '{{ c.navigation([("/a", "Überblick", true), ("/b", "Quellen", false)], "Hauptseiten") }}'
    '{{ c.breadcrumb([("/a", "Überblick")], "Quellen") }}',
    "pagination": "{% macro url(number) %}?page={{ number }}{% endmacro %}{{ c.pagination(1, 3, url) }}{{ c.pagination(3, 3, url) }}{{ c.pagination(1, 1, url) }}",
    "languages": "{{ c.languages(languages|selectattr('code', 'in', ('de', 'en'))|list, language, language_url) }}",
    "address": '{{ c.address("manage-address", "Ihr geheimer Link", "https://ortsruf.example/m/x") }}',
}  # fmt: skip
_VOID = {"input", "br", "link", "meta", "use"}


class Tree(HTMLParser):
    """Well-formed, no id twice, and every id that is pointed to is there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open, self.ids, self.wanted = [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs)
        self.ids += [given["id"]] if "id" in given else []
        for name in ("aria-describedby", "aria-labelledby", "for"):
            self.wanted += (given.get(name) or "").split()
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def rendered(pages, source: str) -> str:
    with pages.client.application.test_request_context("/huertgenwald/?lang=de"):
        html = render_template_string(IMPORT + source)
    return "\n".join(line.rstrip() for line in html.splitlines() if line.strip()) + "\n"


@pytest.mark.parametrize("name", CASES)
def test_the_markup_is_as_it_was_looked_at(pages, name) -> None:
    html = rendered(pages, CASES[name])
    tree = Tree(html)
    assert len(set(tree.ids)) == len(tree.ids)
    assert set(tree.wanted) - {"about"} <= set(tree.ids)
    agrees_with_golden(f"components/{name}.html", html.encode())


def test_every_component_is_among_the_cases() -> None:
    macros = set(re.findall(r"{% macro (\w+)\(", (ROOT / "templates/components.html").read_text()))
    used = set(re.findall(r"c\.(\w+)\(", "".join(CASES.values())))
    inner = {"slug", "icon", "tie", "error", "hint", "label", "summary_row", "act", "pressed"}
    assert macros - used == inner


def test_the_sheet_knows_every_class_and_token_that_is_used() -> None:
    kern, ours = (STATIC / "kern.css").read_text(), (STATIC / "site.css").read_text()
    pages = "".join(path.read_text() for path in (ROOT / "templates").glob("*.html"))
    goldens = "".join(path.read_text() for path in (ROOT / "tests/golden/components").glob("*.html"))
    classes = {name for text in (goldens, pages) for name in re.findall(r"(?<![-\w{])kern-[\w-]*\w(?![-\w{])", text)}
    styled = set(re.findall(r"\.(kern-[\w-]+)", kern + ours))
    plain = {"kern-table__row", "kern-table__head", "kern-table__body", "kern-ux"}  # named by KERN, styled by nobody
    assert sorted(classes - styled - plain) == []
    defined = set(re.findall(r"(--[\w-]+):", kern + ours))
    assert sorted(set(re.findall(r"var\((--[\w-]+)\)", ours)) - defined) == []


def test_kern_is_mirrored_and_names_its_origin() -> None:
    left, right = ((STATIC / name).read_text() for name in ("kern.css", "kern-rtl.css"))
    assert "padding-left:var(--kern-metric-space-default, 16px)}" in left
    assert "padding-right:var(--kern-metric-space-default, 16px)}" in right
    assert left.count("{") == right.count("{")
    for sheet in (left, right):
        assert "KERN UX" in sheet[:200]
        assert "EUPL-1.2" in sheet[:200]
        assert not re.findall(r"url\((?!\"data:)", sheet)
        assert "@import" not in sheet
        assert "oklch(" not in sheet
