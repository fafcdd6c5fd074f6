"""The service worker with a fake browser around it, in Node."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from push import load
from push.webpush.render import render
from tests.push.samples import MESSAGES, SITE, recipient

CLIENT = load("webpush").folder / "client"
HARNESS = Path(__file__).parent / "worker_harness.mjs"
ORIGIN = "https://town.example"


def run(*steps):
    done = subprocess.run(
        ["node", str(HARNESS), str(CLIENT / "kept.js"), str(CLIENT / "sw.js")],
        input=json.dumps(steps), capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def push(**notification):
    return {"event": "push", "text": json.dumps({"web_push": 8030, "notification": notification})}


def test_a_rendered_message_is_shown_as_it_is():
    body = render(MESSAGES["new-storm"], recipient(), SITE).body.decode()
    (shown,) = run({"event": "push", "text": body})["shown"]
    sent = json.loads(body)["notification"]
    assert {name: shown[name] for name in ("title", "body", "lang", "dir", "tag")} == {
        name: sent[name] for name in ("title", "body", "lang", "dir", "tag")
    }
    assert shown["requireInteraction"] is True
    assert shown["renotify"] is True
    assert shown["data"]["navigate"] == sent["navigate"]


@pytest.mark.parametrize(
    "text", [None, "", "{", "null", "[]", "{}", '{"notification":{"title":7}}', '{"notification":null}']
)
def test_a_broken_message_is_announced_all_the_same(text):
    (shown,) = run({"event": "push", "text": text})["shown"]
    assert shown["title"] == "Neue Meldung"
    assert shown["data"]["navigate"] == f"{ORIGIN}/"


def test_a_repeat_stays_quiet_and_a_new_revision_speaks_up():
    one = push(title="a", tag="t", data={"serial": "1", "revision": 1})
    two = push(title="b", tag="t", data={"serial": "2", "revision": 2})
    seen = run(one, one, two)
    assert [shown["renotify"] for shown in seen["shown"]] == [True, False, True]


def test_a_late_older_revision_does_not_replace_the_newer():
    new = push(title="new", tag="t", body="x", data={"serial": "2", "revision": 2})
    old = push(title="old", tag="t", data={"serial": "1", "revision": 1})
    seen = run(new, old)
    assert [shown["title"] for shown in seen["shown"]] == ["new", "new"]
    assert seen["shown"][1]["renotify"] is False


def test_the_badge_is_the_senders_count_or_one_more():
    said = {"event": "push", "text": '{"app_badge":3,"notification":{"title":"a"}}'}
    one = push(title="b", tag="t", data={"serial": "1"})
    assert run(said, one, one, push(title="c", tag="u", data={"serial": "2"}))["badge"] == [3, 4, 4, 5]


PROPOSED = {
    "title": "Sturm",
    "body": "Böen",
    "tag": "t",
    "lang": "de",
    "navigate": f"{ORIGIN}/n/1",
    "data": {"revision": 2},
}


def test_a_declarative_message_comes_as_a_notification_and_without_data():
    seen = run({"event": "push", "proposed": PROPOSED, "badge": 2})
    (shown,) = seen["shown"]
    assert (shown["title"], shown["body"], shown["tag"]) == ("Sturm", "Böen", "t")
    assert (shown["navigate"], shown["data"]["revision"]) == (f"{ORIGIN}/n/1", 2)
    assert seen["badge"] == [2]


BUTTONS = [
    {"action": "open", "title": "Öffnen", "navigate": f"{ORIGIN}/n/1"},
    {"action": "map", "title": "Auf der Karte", "navigate": f"{ORIGIN}/n/1#spot"},
]


def test_two_buttons_open_the_notice_or_its_map():
    (shown,) = run(push(title="a", navigate=f"{ORIGIN}/n/1", actions=BUTTONS))["shown"]
    assert shown["actions"] == [{"action": "open", "title": "Öffnen"}, {"action": "map", "title": "Auf der Karte"}]
    opened = [
        run({"event": "notificationclick", "data": shown["data"], "action": action})["opened"]
        for action in ("", "open", "map", "unheard-of")
    ]
    assert opened == [[f"{ORIGIN}/n/1"], [f"{ORIGIN}/n/1"], [f"{ORIGIN}/n/1#spot"], [f"{ORIGIN}/n/1"]]


def test_a_page_at_a_towns_own_host_opens_where_the_device_is_known():
    there = "https://ruf.example.org/dorf/n/1?a=b#spot"
    (shown,) = run(push(title="a", navigate=there, actions=[{"action": "map", "title": "Karte", "navigate": there}]))[
        "shown"
    ]
    assert shown["navigate"] == f"{ORIGIN}/dorf/n/1?a=b#spot"
    assert shown["data"]["actions"][0]["navigate"] == f"{ORIGIN}/dorf/n/1?a=b#spot"


@pytest.mark.parametrize(
    "actions",
    [
        "text", {}, [None, 7], [{"action": "map"}], [{"action": "map", "title": "Karte", "navigate": "javascript:alert(1)"}],
        [{"action": 7, "title": "Karte", "navigate": f"{ORIGIN}/n/1"}],
    ],
)  # fmt: skip
def test_buttons_that_are_none_or_lead_elsewhere_are_left_out(actions):
    (shown,) = run(push(title="a", navigate=f"{ORIGIN}/n/1", actions=actions))["shown"]
    assert shown["actions"] == []


@pytest.mark.parametrize(
    ("wanted", "opened"),
    [
        (f"{ORIGIN}/n/1?x=2", f"{ORIGIN}/n/1?x=2"), ("/n/1", f"{ORIGIN}/n/1"), ("https://evil.example/", f"{ORIGIN}/"),
        ("//evil.example/", f"{ORIGIN}/"), ("javascript:alert(1)", f"{ORIGIN}/"), ("https://town.example.evil.example/", f"{ORIGIN}/"),
        ("http://town.example/", f"{ORIGIN}/"), (None, f"{ORIGIN}/"), (7, f"{ORIGIN}/"),
    ],
)  # fmt: skip
def test_a_tap_opens_our_own_pages_only(wanted, opened):
    seen = run({"event": "notificationclick", "data": {"navigate": wanted}})
    assert (seen["opened"], seen["closed"]) == ([opened], 1)


def test_a_tap_uses_a_window_that_is_there():
    click = {"event": "notificationclick", "data": {"navigate": "/n/1"}}
    assert run({**click, "windows": [f"{ORIGIN}/", f"{ORIGIN}/n/1"]})["focused"] == [f"{ORIGIN}/n/1"]
    moved = run({**click, "windows": [f"{ORIGIN}/"]})
    assert (moved["focused"], moved["opened"]) == ([f"{ORIGIN}/n/1"], [])


def test_a_lost_subscription_is_renewed_with_the_same_key():
    (told,) = run({"event": "pushsubscriptionchange"})["fetched"]
    assert told["url"] == "/push/renew"
    renewed = {"endpoint": "https://new", "key": "key"}
    assert told["body"] == {"old": "https://old", "auth": "old secret", "subscription": renewed}


def test_a_browser_that_does_not_say_what_it_gave_up_is_renewed_by_what_the_page_noted():
    noted = {"event": "message", "data": {"device": {"endpoint": "https://known", "auth": "s", "key": "AQI"}}}
    lost = {"event": "pushsubscriptionchange", "unknown": True}
    (told,) = run(noted, lost)["fetched"]
    renewed = {"endpoint": "https://new", "key": [1, 2]}
    assert told["body"] == {"old": "https://known", "auth": "s", "subscription": renewed}
    assert run(lost)["fetched"] == []


def test_the_scripts_name_no_other_host():
    for script in sorted(CLIENT.glob("*.js")):
        assert not re.findall(r"https?://|import\s*\(|importScripts", script.read_text()), script.name


@pytest.mark.parametrize(
    ("view", "state"),
    [
        ("{navigator:{serviceWorker:{},userAgent:''},PushManager:1,Notification:{permission:'default'}}", "ready"),
        ("{navigator:{serviceWorker:{},userAgent:''},PushManager:1,Notification:{permission:'denied'}}", "blocked"),
        ("{navigator:{serviceWorker:{},userAgent:'Mozilla (iPhone)'}}", "install"),
        ("{navigator:{userAgent:'iPhone',standalone:true}}", "unsupported"),
        ("{navigator:{userAgent:'Lynx'}}", "unsupported"),
    ],
)
def test_the_page_knows_what_the_browser_can_do(view, state):
    script = (CLIENT / "subscribe.js").read_text()
    code = f"{script}\nconsole.log(capability({view}));"
    done = subprocess.run(
        ["node", "--input-type=module", "-"], input=code, capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.stdout.strip(), done.stderr) == (state, "")


def test_a_subscription_of_another_server_key_is_noticed():
    script = (CLIENT / "subscribe.js").read_text()
    code = script + (
        "\nconst made = (list) => ({options: {applicationServerKey: new Uint8Array(list).buffer}});"
        "\nconsole.log(outdated(made([1, 2]), 'AQI'), outdated(made([1, 3]), 'AQI'), outdated(made([1]), 'AQI'));"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "-"], input=code, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.stdout.strip() == "false true true", done.stderr


PAGE = """
const kept = {};
globalThis.localStorage = {
  getItem: (name) => (name in kept ? kept[name] : null),
  setItem: (name, value) => { kept[name] = value; },
  removeItem: (name) => { delete kept[name]; },
};
globalThis.document = { documentElement: { lang: "de" }, querySelectorAll: () => [] };
globalThis.atob = (text) => Buffer.from(text, "base64").toString("latin1");
const told = [];
let online = false;
let states = ["pending", "active"];
globalThis.fetch = async (url, options) => {
  if (!online) throw new Error("no network");
  const body = JSON.parse(options.body);
  told.push(body);
  return { ok: true, json: async () => ("look" in body ? { state: states.shift() } : { status: "ok" }) };
};
const made = (endpoint, key) => ({
  endpoint, options: { applicationServerKey: new Uint8Array(key).buffer },
  unsubscribe: async () => { present = null; }, toJSON: () => ({ endpoint }),
});
let present = made("https://push/old", [9]);
const registration = { pushManager: {
  getSubscription: async () => present,
  subscribe: async () => (present = made("https://push/new", [1, 2])),
} };
const section = { dataset: { pushKey: "AQI", pushUrl: "/m/x/device", pushWait: "1" } };
"""


def page(steps):
    code = (CLIENT / "subscribe.js").read_text() + PAGE + steps
    done = subprocess.run(
        ["node", "--input-type=module", "-"], input=code, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_renewal_that_was_interrupted_is_told_later():
    seen = page(
        "const first = await subscribe(section, registration).catch((error) => error.message);"
        "const waits = untold(); online = true;"
        "const second = await subscribe(section, registration);"
        "console.log(JSON.stringify({first, waits, second, after: untold(), told}));"
    )
    assert (seen["first"], seen["waits"]) == ("no network", "https://push/old")
    assert (seen["second"], seen["after"]) == ("on", None)
    assert (seen["told"][0]["old"], seen["told"][0]["subscription"]["endpoint"]) == (
        "https://push/old",
        "https://push/new",
    )
    assert [one.get("look") for one in seen["told"][1:]] == ["https://push/new"] * 2


def test_a_device_unknown_to_its_push_service_is_said_to_be_so_and_let_go():
    seen = page(
        "online = true; states = ['pending', 'gone'];"
        "const said = await subscribe(section, registration);"
        "console.log(JSON.stringify({said, present}));"
    )
    assert seen == {"said": "dead", "present": None}


def test_a_subscription_that_ends_soon_is_renewed_without_a_word():
    seen = page(
        "online = true; const day = 86400e3;"
        "const ends = (days) => expiring({expirationTime: days === null ? null : Date.now() + days * day});"
        "const soon = [ends(3), ends(15), ends(null), ends(-1)];"
        "await renew(section, registration);"
        "console.log(JSON.stringify({soon, after: untold(), told}));"
    )
    assert seen["soon"] == [True, False, False, True]
    (told,) = seen["told"]
    assert (told["old"], told["renewed"]) == ("https://push/old", True)
    assert told["subscription"] == {"endpoint": "https://push/new", "vapid": "AQI"}
    assert seen["after"] is None


MOVED = """
present = made("https://push/moved", [1, 2]); present.unsubscribe = null; online = true; states = ["gone"];
globalThis.window = {navigator: {serviceWorker: 1, userAgent: ''}, PushManager: 1, Notification: 1};
window.Notification = globalThis.Notification = {permission: 'granted'};
globalThis.location = new URL("https://town.example/m/x");
section.dataset.pushWorker = "/sw.js?renew=/push/renew";
const asked = [];
const plain = globalThis.fetch;
globalThis.fetch = async (url, options) => { asked.push(String(url)); return plain(url, options); };
"""


@pytest.mark.parametrize(("noted", "said", "asked"), [
    ("https://push/old", "on", ["/m/x/device", "/push/renew"]),
    ("https://push/moved", "off", ["/m/x/device"]), (None, "off", ["/m/x/device"]),
])  # fmt: skip
def test_a_subscription_that_changed_while_nobody_looked_is_told_by_the_page(noted, said, asked):
    known = json.dumps(json.dumps({"endpoint": noted, "auth": "s", "key": "AQI"}))
    note = f"kept['ortsruf-push-told'] = {known};" if noted else ""
    seen = page(MOVED + note + "console.log(JSON.stringify({said: await state(section, registration), asked, told}));")
    assert (seen["said"], seen["asked"]) == (said, asked)
    if said == "on":
        told = seen["told"][1]
        assert (told["old"], told["auth"], told["subscription"]["endpoint"]) == (noted, "s", "https://push/moved")


def test_a_silent_renewal_that_was_interrupted_is_told_later():
    seen = page(
        "const first = await renew(section, registration).catch((error) => error.message);"
        "const waits = untold(); online = true;"
        "await subscribe(section, registration);"
        "console.log(JSON.stringify({first, waits, told, after: untold()}));"
    )
    assert (seen["first"], seen["waits"], seen["after"]) == ("no network", "https://push/old", None)
    assert seen["told"][0]["old"] == "https://push/old"


@pytest.mark.parametrize(("answer", "said"), [("active", "on"), ("pending", "waiting"), ("gone", "off")])
def test_a_browser_that_somebody_else_signed_up_with_is_not_said_to_be_on(answer, said):
    seen = page(
        "globalThis.window = {navigator: {serviceWorker: 1, userAgent: ''}, PushManager: 1, Notification: 1};"
        "window.Notification = globalThis.Notification = {permission: 'granted'};"
        f"online = true; states = ['{answer}'];"
        "console.log(JSON.stringify({said: await state(section, registration), told}));"
    )
    assert seen == {"said": said, "told": [{"look": "https://push/old", "language": "de"}]}


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile Safari/604.1", "ios"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/27.0 Chrome/125 Mobile Safari/537.36", "samsung"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "firefox"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140", "edge"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537.36", "chrome"),
        ("Mozilla/5.0 (Macintosh) Version/18.0 Safari/605.1.15", "safari"), ("Lynx", "other"),
    ],
)  # fmt: skip
def test_each_browsers_settings_are_its_own(agent, name):
    seen = page(f"console.log(JSON.stringify(browser({{navigator: {{userAgent: {json.dumps(agent)}}}}})));")
    assert seen == name
