"""Every page, looked at by axe in all ways of seeing, reached by keyboard, weighed, and asked whom it calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.house import PLACE, make_town, news
from fakes.people import COUNTY, account, session_of
from playwright.sync_api import Browser, Page

from hub.blanks import blanks
from hub.core.draft import Area
from hub.core.errors import SourceRefused
from hub.core.message import Result
from hub.core.mutes import Mute, Sort
from hub.core.notice import Geometry, Link, NoticeText, Occurrence, PlaceRef, Severity
from hub.core.permission import Grant, Role
from hub.core.place import local_path
from hub.core.source import Source
from hub.core.subscription import Action, Criteria
from hub.jobs import tallying, write
from hub.jobs.contact import desk_link, set_contact
from hub.jobs.dress import dress
from hub.jobs.subscribe import Wish, set_wishes
from hub.store import mutes, sources, towns
from hub.store.database import Store
from tests.browser.conftest import PATIENCE, Visit, served

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parents[1] / "node/node_modules/axe-core/axe.min.js").read_text()
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M2 2h20v12L12 22 2 14z" fill="#1d6b3c"/></svg>'
AREA = Geometry(polygons=(((6.35, 50.68), (6.45, 50.68), (6.45, 50.74), (6.35, 50.74)),))
DUEREN = "053580008008"
BUDGET = 150 * 1024  # bytes of a first visit, as they are sent

OFFICE = (
    "office",
    "deliveries",
    "delivery",
    "delivery opened",
    "impact",
    "record",
    "record everything",
    "messages",
    "begin",
    "write",
    "write opened",
    "versions",
    "patterns",
    "exchange",
)  # behind a sign-in
PAGES = (
    "town", "choose", "find", "find nothing", "start", "start faults", "start everything", "start street", "start combobox",
    "notice", "cancelled", "notices", "notices faults", "map", "tenders", "tenders faults", "year", "welcome", "manage",
    "manage mailed", "mine", "inbox", "inbox search", "agenda", "muting", "confirm", "confirmed", "delete", "unsubscribe",
    "privacy", "error", "offline", "status", "sources", "source", "desk", "desk source", "accessibility", "report",
    "report faults", "reported", "app", "app faults", "kept", "offline kept", "install", "export", "calendars",
    "calendars opened", "addresses", "addresses faults", "move", "move code", "move take", "moved", "move enter",
    "move enter faults", "lost", "lost faults", "lost sent", "unsubscribed", "board", "widget", "embed", *OFFICE,
)  # fmt: skip
REFUSED = {name for name in PAGES if name == "error" or name.endswith(" faults")}  # answered with 400 or 404
ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # all that another colour scheme can change
RUN = """async (only) => {
  const found = await axe.run({resultTypes: ["violations", "incomplete"], runOnly: only});
  const tell = (one) => one.id + ": " + one.nodes.map((node) => node.target.join(" ") + " " +
    (node.any[0]?.message ?? node.failureSummary)).join(" | ");
  return [...found.violations, ...found.incomplete.filter((one) => one.id === "color-contrast")].map(tell);
}"""
MIRROR = """() => {
  document.documentElement.dir = "rtl";
  const sheet = document.querySelector('link[href*="/static/kern.css"]');
  const loaded = new Promise((done) => { sheet.onload = done; });
  sheet.href = sheet.href.replace("/kern.css", "/kern-rtl.css");
  return loaded;
}"""


@dataclass
class Tour:
    """One visitor and the address of every page; what a page must be brought to is done by ``open``."""

    visit: Visit
    paths: dict[str, str]
    sign_in: Callable[[], str]

    def open(self, name: str) -> None:
        page = self.visit.page
        if name in OFFICE:
            cookie = {"name": "ortsruf-session", "value": self.sign_in(), "url": self.visit.site}
            self.visit.context.add_cookies([cookie])
        page.goto(self.visit.site + self.paths.get(name, self.paths[name.partition(" ")[0]]))
        bring = _BROUGHT.get(name)
        if bring:
            bring(page)


def _confirmed(page: Page) -> None:
    page.get_by_role("button", name="Ja, das ist meine Adresse").click()
    page.get_by_role("heading", name="Ihre Adresse ist bestätigt").wait_for()


def _refused(page: Page) -> None:
    if page.locator("#waste-push").count():
        page.locator("#waste-push").uncheck()
    page.locator("main form button[type=submit]:not([aria-hidden])").last.click()
    page.locator("#faults").wait_for()


def _everything(page: Page) -> None:
    """Choose every topic for two places, so that no part of the form is folded away."""
    page.get_by_role("button", name="Weiteren Ort hinzufügen").click()
    page.locator("#p2-topics").wait_for()
    for box in page.locator(".topic > .kern-form-check input").all():
        box.check()
    page.locator("#news-mail").select_option("now")
    page.locator("[data-mail]").wait_for()


def _combobox(page: Page) -> None:
    page.get_by_role("combobox", name="Ihre Straße").press_sequentially("ahorn")
    page.get_by_role("option").first.wait_for()
    page.get_by_role("combobox", name="Ihre Straße").press("ArrowDown")


def _opened(page: Page) -> None:
    for one in page.locator("main summary").all():
        one.click()
    page.locator("main details[open] svg.qr").last.wait_for()


def _unfolded(page: Page) -> None:
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true;")
    page.locator("main details[open]").first.wait_for()


def _wrong_address(page: Page) -> None:
    page.get_by_role("button", name="Adresse ändern").first.click()
    page.locator("#faults").wait_for()


def _folded_out(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    page.locator("[data-canvas] .corner").first.wait_for()


def _code(page: Page) -> None:
    page.get_by_role("button", name="Code zeigen").click()
    page.locator(".square svg").wait_for()


def _scanned(page: Page) -> None:
    _code(page)
    code = page.locator(".code").inner_text().strip()
    page.goto(page.url.partition("/m/")[0] + f"/move/{code}")
    page.get_by_role("button", name="Ja, übernehmen").wait_for()


def _ended(page: Page) -> None:
    page.get_by_role("button", name="Ja, abmelden").click()
    page.get_by_role("button", name="Zurücknehmen").wait_for()


def _drawn(page: Page) -> None:
    page.locator(".map path.leaflet-interactive").first.wait_for()


def _unknown(page: Page, then: Callable[[], None] = lambda: None) -> None:
    """Open the app on a device that knows nobody, and forget that again."""
    known = page.context.cookies()
    page.context.clear_cookies()
    page.goto(f"{page.evaluate('location.origin')}/app?town=huertgenwald")
    then()
    page.context.clear_cookies()
    page.context.add_cookies(known)


def _wrong_link(page: Page) -> None:
    def paste() -> None:
        page.locator("#link").fill("https://example.org/m/nobody")
        _refused(page)

    _unknown(page, paste)


def _kept(page: Page) -> None:
    """Show what the service worker shows without a network."""
    page.evaluate("""() => {
      document.documentElement.dataset.kept = "";
      for (const one of document.querySelectorAll("template[id^=kept]")) {
        const list = one.content.querySelector("ul");
        if (list) list.innerHTML = '<li><a href="/">Sturm</a> <span class="meta">14:05, vor 3 Stunden</span></li>';
        one.replaceWith(one.content);
      }
    }""")


def _install(page: Page) -> None:
    """Show both ways to the home screen."""
    page.locator("[data-install]").evaluate("""(box) => {
      for (const one of [box, ...box.querySelectorAll("[data-install-how]")]) one.hidden = false;
    }""")


_BROUGHT: dict[str, Callable[[Page], None]] = {
    "confirmed": _confirmed, "start faults": _refused, "report faults": _refused, "start everything": _everything,
    "start combobox": _combobox, "map": _drawn, "notice": _drawn, "app": _unknown, "app faults": _wrong_link,
    "kept": _kept, "offline kept": _kept, "install": _install, "calendars opened": _opened,
    "addresses faults": _wrong_address, "move code": _code, "move take": _scanned, "move enter faults": _refused,
    "write opened": _folded_out, "lost faults": _refused, "unsubscribed": _ended, "delivery opened": _unfolded,
}  # fmt: skip


@pytest.fixture(scope="module")
def tour(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('looks') / 'looks.sqlite'}")
    store.upgrade()
    village = make_town(store)
    storm = _filled(village)
    with served(village) as site:
        context = chromium.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        visit = Visit(context, site)
        anna = account(village, "anna@example.org", COUNTY, Grant(Role.EDITOR, "huertgenwald"))
        paths = _paths(visit, village, storm) | _office(village, anna)
        _delivered(village)
        yield Tour(visit, paths, lambda: session_of(village, anna))
        context.close()
    store.close()


def _filled(village):
    """Let the village have a bit of everything: a storm, a silent source, held items, a logo, an editor."""
    for name, topic, title in (
        ("s1", "waste", "Abfallkalender des Landkreises"),
        ("s2", "news", ""),
        ("w", "warnings", "DWD"),
    ):
        with village.store.begin() as session:
            made = Source(name, "rss", f"https://{topic}.example.org/a", "huertgenwald", title, topic, interval=600)
            sources.add(session, "huertgenwald", made, village.clock())
        village.gatherer.has(
            name, news("n1", "Restmüll" if topic == "waste" else "Freibad öffnet", topic=topic, source=name)
        )
    village.run()
    begins = village.clock() + timedelta(days=5)
    storm = replace(
        news("o", topic="warnings", source="w"), severity=Severity.EXTREME, expires=village.clock() + timedelta(days=9),
        texts=(NoticeText("de", "Orkanböen", "Bäume stürzen um.", instruction="Bleiben Sie im Haus."),),
        links=(Link("enclosure", "https://example.org/karte.pdf", "Karte"),), url="https://example.org/a", attribution="DWD", geometry=AREA,
        occurrences=(Occurrence("1", begins, begins + timedelta(hours=2), summary="Sturm", location="Gey"),),
    )  # fmt: skip
    village.gatherer.has("w", storm)
    village.gatherer.has(
        "s2", *(news(f"f{count}", f"Meldung {count}", source="s2", body="Im Rathaus.") for count in range(22))
    )
    village.gatherer.breaks("s1", SourceRefused("The source answered with a web page instead of data."))
    for _ in range(4):
        village.clock.forward(hours=18)
        village.run()
    village.gatherer.has("w")
    with village.store.begin() as session:
        towns.add_places(session, "huertgenwald", [(f"{PLACE}/zone:gey", "zone", "Gey")])
        values = {"path": DUEREN, "language": "de", "zone": "Europe/Berlin", "colour": "#1d4f91"}
        towns.add(session, {"id": "dueren", "name": "Düren", **values}, village.clock())
        zones = [f"Ahorn{end}" for end in ("weg", "gasse", "ring")] + [f"Bezirk {number}" for number in range(40)]
        rows = [(local_path(DUEREN, "zone", one), "zone", one) for one in zones]  # too many for a list
        towns.add_places(session, "dueren", rows)
    dress(
        village.house, "huertgenwald",
        {"colour": "#ffcc00", "imprint_url": "https://example.org/impressum", "easy_url": "https://example.org/leicht",
         "sign_url": "https://example.org/dgs", "enforcement": "Ombudsstelle", "barriers": "Die Karte."}, LOGO,
    )  # fmt: skip
    set_contact(village.house, "huertgenwald", "redaktion@example.org")
    return storm


def _signed_up(visit: Visit, village, address: str) -> tuple[str, str, str]:
    """Sign up as a resident does; returns the paths of one's own page, of the confirmation and of the end."""
    page = visit.page
    page.goto(f"{visit.site}/huertgenwald/start")
    page.locator("#waste-zone").select_option(label="Gey")
    page.locator("#waste-calendar").check()
    page.locator("#waste-mail").select_option("digest")
    page.locator("#email").fill(address)
    page.get_by_role("button", name="Anmelden").click()
    manage = page.locator("#manage-address").input_value().removeprefix(visit.site)
    village.engine.run_all()
    recipient = next(one for one, _ in village.mail.sent if one.address == address)
    confirm, end = (url.partition(".example")[2] for url in (recipient.confirm_url, recipient.unsubscribe_url))
    return manage, confirm, end


def _chosen(village) -> None:
    """Let the first resident hear of more, so that their own pages have warnings, dates, and messages unread and muted."""
    way = (("webpush", Action.NOW, ""),)
    wishes = tuple(Wish(Criteria(topics=(one,), places=(PLACE,)), way) for one in ("warnings", "news", "council"))
    with village.store.begin() as session:
        set_wishes(village.house, session, "huertgenwald", 1, wishes)
        mutes.put(session, 1, Mute(Sort.NOTICE, news("f3", source="s2").id), village.clock())
    village.engine.run_all()
    village.gatherer.has("s2", news("fresh", "Neues aus dem Rathaus", source="s2"))
    village.clock.forward(hours=1)
    village.run()


def _delivered(village) -> None:
    """Let a notice have two words that are told to devices, to one of them in vain, so that its report has all parts."""
    people = [village.person() for _ in range(7)]
    village.push.answers(people[0], Result.GONE)
    for title in ("Neues aus dem Rathaus, ergänzt", "Neues aus dem Rathaus, berichtigt"):
        village.poll("s2", news("fresh", title, source="s2"), minutes=60)
    tallying.tally(village.house)


def _paths(visit: Visit, village, storm) -> dict[str, str]:
    """Return where every page is; of three residents one has confirmed, one will, one will not."""
    manage, confirm, end = _signed_up(visit, village, "a@example.org")
    _, to_confirm, _ = _signed_up(visit, village, "b@example.org")
    mailed, mine, _ = _signed_up(visit, village, "c@example.org")
    _, leaving, over = _signed_up(visit, village, "d@example.org")
    for confirmation in (mine, leaving):
        visit.page.goto(visit.site + confirmation)
        _confirmed(visit.page)
    _chosen(village)
    desk = desk_link(village.house, "huertgenwald").partition(".example")[2]
    visit.complaints.clear()
    return {
        "town": "/huertgenwald/", "notice": f"/huertgenwald/n/{storm.id}", "welcome": f"{manage}/welcome", "manage": f"{manage}/settings",
        "mine": manage, "inbox": f"{manage}/inbox", "inbox search": f"{manage}/inbox?q=xyzzy", "agenda": f"{manage}/dates",
        "cancelled": f"/huertgenwald/n/{news('n1', source='w').id}", "muting": f"{manage}?notice={storm.id}",
        "confirm": confirm, "confirmed": to_confirm, "delete": f"{manage}/delete", "unsubscribe": end, "privacy": "/datenschutz",
        "error": "/nowhere/", "offline": "/offline", "status": "/huertgenwald/status", "sources": "/huertgenwald/quellen",
        "source": "/huertgenwald/quellen/s1", "desk": desk, "desk source": f"{desk}/s2", "choose": "/",
        "find": "/find?q=ahorn", "find nothing": "/find?q=xyzzy", "start": "/huertgenwald/start", "manage mailed": f"{mailed}/settings",
        "start street": "/dueren/start?place=zone:ahornweg", "start combobox": "/dueren/start",
        "start search": "/dueren/start",
        "notices": "/huertgenwald/notices", "notices faults": "/huertgenwald/notices?place=nirgends",
        "map": "/huertgenwald/map", "tenders": "/huertgenwald/tenders?words=dach&cpv=45&tree=452",
        "tenders faults": "/huertgenwald/tenders?least=viel", "year": "/huertgenwald/year?place=Gey", "board": "/huertgenwald/board",
        "widget": "/huertgenwald/widget", "embed": "/huertgenwald/embed",
        "accessibility": "/huertgenwald/barrierefreiheit", "report": "/huertgenwald/rueckmeldung",
        "reported": "/huertgenwald/rueckmeldung/danke", "app": "/app?town=huertgenwald", "kept": "/huertgenwald/",
        "install": "/huertgenwald/", "export": f"{mailed}/export", "calendars": f"{mailed}/calendars",
        "addresses": f"{mailed}/addresses", "move": f"{mailed}/move", "moved": f"{mailed}/moved", "move enter": "/move",
        "move enter faults": "/move", "lost": "/huertgenwald/link", "lost sent": "/huertgenwald/link/sent",
        "unsubscribed": over, "office": "/verwaltung/", "deliveries": "/verwaltung/huertgenwald/berichte",
        "delivery": f"/verwaltung/huertgenwald/bericht/{news('fresh', source='s2').id}",
        "impact": "/verwaltung/huertgenwald/wirkung", "record": "/verwaltung/huertgenwald/protokoll",
        "record everything": "/verwaltung/protokoll?was=sign-in", "exchange": "/verwaltung/huertgenwald/austausch/",
    }  # fmt: skip


def _office(village, anna: int) -> dict[str, str]:
    """Return where the pages of writing are; Anna has written a bit."""
    author, at = write.Author("huertgenwald", anna), "/verwaltung/huertgenwald/mitteilungen"
    draft = replace(
        blanks()["burst-pipe"].draft("huertgenwald", "de", village.clock()), geometry=AREA,
        areas=(Area("huertgenwald", (PlaceRef("zone", "Gey", "Gey"),)),),
    )  # fmt: skip
    number = write.create(village.house, author, draft)
    texts = (replace(draft.texts[0], title="Kein Wasser in Gey"), NoticeText("ar", "لا ماء", "انكسر أنبوب."))
    write.save(village.house, author, number, replace(draft, texts=texts), seen=1)
    write.keep_template(village.house, author, number, "Unser Rohrbruch")
    return {
        "messages": at, "begin": f"{at}/neu", "write": f"{at}/{number}/schreiben", "versions": f"{at}/{number}/fassungen",
        "patterns": f"{at}/vorlagen",
    }  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_any_way_of_seeing(tour: Tour, name: str) -> None:
    page = tour.visit.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light", forced_colors="none")
    tour.visit.complaints.clear()
    tour.open(name)
    page.evaluate(AXE)
    found = {"light": page.evaluate(RUN, ALL)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = page.evaluate(RUN, COLOURS)
    page.emulate_media(color_scheme="light", forced_colors="active")
    found["forced colours"] = page.evaluate(RUN, COLOURS)
    page.emulate_media(forced_colors="none")
    page.set_viewport_size({"width": 320, "height": 640})
    found["320 pixels"] = page.evaluate(RUN, ALL)
    assert tour.visit.wide() <= 0
    page.evaluate(MIRROR)
    found["right to left"] = page.evaluate(RUN, ALL)
    assert tour.visit.wide() <= 0
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert tour.visit.wide() <= 0
    assert {way: faults for way, faults in found.items() if faults} == {}
    assert len(tour.visit.complaints) == (name in REFUSED), tour.visit.complaints  # Chromium notes a 400 or 404
    assert tour.visit.foreign == []


REACHED = """() => {
  const seen = (node) => node.checkVisibility({visibilityProperty: true}) && !node.disabled && node.tabIndex >= 0;
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
  const single = (node) => node.type !== "radio" || node === document.querySelector(`[name="${node.name}"]`);
  return all.filter((node) => seen(node) && single(node)).length;
}"""
FOCUSED = """() => {
  const node = document.activeElement, style = getComputedStyle(node), after = getComputedStyle(node, "::after");
  const ring = (one) => (one.outlineStyle !== "none" && parseFloat(one.outlineWidth) > 0) || one.boxShadow !== "none";
  if (node === document.body) return null;
  window.order ??= new Map();
  if (!window.order.has(node)) window.order.set(node, window.order.size);
  return [window.order.get(node), ring(style) || ring(after)];
}"""


@pytest.mark.parametrize(
    "name",
    [
        "town", "choose", "find", "start", "start search", "notices", "notice", "map", "tenders", "year", "welcome", "manage",
        "mine", "inbox", "delete", "unsubscribe", "status", "sources", "source", "desk source", "report", "app",
        "offline kept", "calendars", "move take", "delivery", "impact", "record", "messages", "begin", "write",
        "versions", "patterns",
    ],
)  # fmt: skip
def test_the_keyboard_reaches_everything_and_shows_where_it_is(tour: Tour, name: str) -> None:
    page = tour.visit.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light", forced_colors="none")
    tour.open(name)
    reachable, found = page.evaluate(REACHED), {}
    for _ in range(reachable * 3 + 20):  # the fields of a time have several stops
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or (focused[0] == 0 and len(found) > 1):
            break
        found[focused[0]] = found.get(focused[0], False) or focused[1]
    assert len(found) == reachable, page.evaluate("[...window.order.keys()].map((one) => one.outerHTML.slice(0, 120))")
    assert all(found.values())


def test_the_skip_link_is_first_and_leads_to_the_content(tour: Tour) -> None:
    page = tour.visit.page
    tour.open("town")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(
    "names", [("town", "start"), ("choose", "find", "start"), ("notice",), ("notices", "map"), ("tenders",)]
)
def test_a_first_visit_is_light_and_calls_nobody_else(chromium: Browser, tour: Tour, names: tuple[str, ...]) -> None:
    """All that a first visit sends over the wire, headers and bodies, for a page and what it leads to."""
    context = chromium.new_context(locale="de-DE", viewport={"width": 360, "height": 740})
    context.set_default_timeout(PATIENCE)
    visit, sizes = Visit(context, tour.visit.site), []
    context.on("requestfinished", lambda one: sizes.append((one.url, one.sizes())))
    for name in names:
        visit.page.goto(visit.site + tour.paths[name], wait_until="networkidle")
    found = [(url, max(0, size["responseBodySize"]) + max(0, size["responseHeadersSize"])) for url, size in sizes]
    context.close()
    assert len(found) >= 5
    assert all(url.startswith(visit.site) for url, _ in found)
    assert sum(size for _, size in found) <= BUDGET, sorted(found, key=lambda one: -one[1])


# What a policy without unsafe-inline forbids, in the page as it was sent.
INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style\b|\s(style|on[a-z]+)\s*=\s*[\"']|javascript:", re.IGNORECASE)


def test_every_page_is_strict_about_what_may_run(tour: Tour) -> None:
    for name, path in tour.paths.items():
        answer = tour.visit.page.request.get(tour.visit.site + path)
        policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] in {"'self'", "'none'"}, name
        assert policy.pop("frame-ancestors") == ("*" if name == "widget" else "'none'"), name
        assert not any("unsafe" in value or "http" in value or "*" in value for value in policy.values()), name
        assert not INLINE.search(answer.text()), name
        hosts = set(
            re.findall(r'<(?:link|script|img|iframe|source)[^>]*(?:href|src)="(https?://[^/"]+)', answer.text())
        )
        assert {one for one in hosts if one != tour.visit.site} <= {"https://ortsruf.example"}, name


def test_who_wants_no_motion_gets_none_and_print_leaves_out_what_is_pressed(tour: Tour) -> None:
    page = tour.visit.page
    page.emulate_media(reduced_motion="reduce", media="print", color_scheme="dark")
    tour.open("town")
    inks = "[...document.querySelectorAll('main *')].map((one) => getComputedStyle(one).color).join()"
    dark = page.evaluate(inks)
    page.emulate_media(color_scheme="light")
    assert page.evaluate(inks) == dark
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert not page.locator("main form").first.is_visible()
    assert page.get_by_role("heading", name="Aktuelles").is_visible()
    page.emulate_media(reduced_motion="no-preference", media="screen", color_scheme="light")
