/* Service worker of Ortsruf: shows pushes, opens our own pages, answers without a network. kept.js comes before it.
 *
 * Registered as sw.js?shell=/offline,/static/site.css&renew=/push/renew: the query names the pages of the shell (the
 * first one stands in for any page that cannot be loaded) and where a renewed subscription is sent.
 */
"use strict";

const QUERY = new URL(self.location.href).searchParams;
const SHELL = (QUERY.get("shell") || "").split(",").filter((path) => path.startsWith("/") && !path.startsWith("//"));
const RENEW = QUERY.get("renew") || "/push/renew";
const CACHE = "ortsruf-shell-" + SHELL.join(",");
const PARTS = /^\/(static|theme|logo|icon)\//; // what pages are made of
const MOST_PARTS = 60;
const MOST_ACTIONS = 2; // that platforms show
const FALLBACK = {
  de: { lang: "de", dir: "ltr", title: "Neue Meldung", body: "Bitte öffnen Sie die Seite, um sie zu lesen." },
  en: { lang: "en", dir: "ltr", title: "New message", body: "Please open the page to read it." },
  tr: { lang: "tr", dir: "ltr", title: "Yeni mesaj", body: "Okumak için lütfen sayfayı açın." },
  uk: { lang: "uk", dir: "ltr", title: "Нове повідомлення", body: "Будь ласка, відкрийте сторінку, щоб його прочитати." },
  ar: { lang: "ar", dir: "rtl", title: "رسالة جديدة", body: "يرجى فتح الصفحة لقراءتها." },
};

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all(SHELL.map((path) => cache.add(path).catch(() => undefined)));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("ortsruf-shell-") && name !== CACHE);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

/* Network first: an old warning must never pass for a current one. What is sent (POST) goes its own way. */
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(kept.visit(event, () => shell(SHELL[0])));
  else if (SHELL.includes(url.pathname) || PARTS.test(url.pathname)) event.respondWith(part(event, url.pathname));
});

/* Parts are found by their path: an older one does while there is no other. */
async function part(event, path) {
  try {
    const answer = await fetch(event.request);
    if (answer.status === 200) event.waitUntil(put(path, answer.clone()));
    return answer;
  } catch {
    return await shell(path) || Response.error();
  }
}

async function put(path, answer) {
  const cache = await caches.open(CACHE);
  await cache.put(path, answer);
  const names = (await cache.keys()).filter((one) => !SHELL.includes(new URL(one.url).pathname));
  for (const one of names.slice(0, Math.max(0, names.length - MOST_PARTS))) await cache.delete(one);
}

async function shell(path) {
  return path && (await caches.open(CACHE)).match(path);
}

/* Whatever arrives, something is shown: browsers end subscriptions whose pushes stay silent. */
self.addEventListener("push", (event) => {
  event.waitUntil(show(read(event)));
});

/* A declarative message that may be changed comes as a Notification and without data (Push API, "push event"). */
function read(event) {
  if (event.notification?.title) return { ...proposed(event.notification), app_badge: event.appBadge };
  try {
    const found = event.data.json();
    const notification = found.notification || {};
    if (typeof notification.title === "string" && notification.title.trim()) {
      return { ...notification, app_badge: found.app_badge ?? notification.app_badge };
    }
  } catch {
    // broken, empty or not ours: the general sentence below
  }
  const words = FALLBACK[(self.navigator.language || "de").toLowerCase().split("-")[0]] || FALLBACK.en;
  return { ...words, navigate: self.location.origin + "/", tag: "ortsruf" };
}

/* The members of a Notification are getters of its class: a spread would lose them. */
function proposed(one) {
  const { title, body, lang, dir, tag, icon, badge, data, navigate, actions } = one;
  return { title, body, lang, dir, tag, icon, badge, data, navigate, actions };
}

async function show(notification) {
  const data = { ...notification.data, navigate: notification.navigate, actions: ways(notification.actions) };
  const tag = text(notification.tag) || "ortsruf";
  const shown = await self.registration.getNotifications({ tag }).catch(() => []);
  const newest = shown.find((one) => Number(one.data?.revision) > Number(data.revision));
  if (newest && data.change !== "reminder") {
    // A late, older revision must not replace the newer one; but a push has to show something: the newer again.
    await self.registration.showNotification(newest.title, options(newest, newest.data, tag, false));
    return;
  }
  const repeat = shown.some((one) => one.data?.serial !== undefined && one.data.serial === data.serial);
  await self.registration.showNotification(notification.title, options(notification, data, tag, !repeat));
  await kept.came({ ...notification, tag, url: ours(notification.navigate)?.href, until: data.until }, notification.app_badge, repeat);
  await kept.refresh(data.severity).catch(() => undefined);
}

/* Where each button leads, by its name; only to our own pages. */
function ways(actions) {
  const known = (Array.isArray(actions) ? actions : []).filter((one) => text(one?.action) && text(one.title) && ours(one.navigate));
  return known.slice(0, MOST_ACTIONS).map((one) => ({ action: one.action, title: one.title, navigate: ours(one.navigate).href }));
}

/* A repeat of the same message stays quiet, a new revision speaks up again. */
function options(notification, data, tag, renotify) {
  const insists = ["severe", "extreme"].includes(data?.severity) && data?.change !== "withdrawn";
  return {
    body: text(notification.body),
    lang: text(notification.lang),
    dir: ["ltr", "rtl"].includes(notification.dir) ? notification.dir : "auto",
    icon: local(notification.icon),
    badge: local(notification.badge),
    tag,
    renotify,
    requireInteraction: insists,
    actions: (data?.actions || []).map(({ action, title }) => ({ action, title })),
    navigate: local(data?.navigate), // where declarative push is known, a notification without one is refused
    data,
  };
}

function text(value) {
  return typeof value === "string" ? value : "";
}

function local(value) {
  const url = ours(value);
  return url ? url.href : undefined;
}

/* The page on our own origin, where this device is known, else null. A town may have a host of its own and get it long
   after a device subscribed at another: all of them serve the same paths, and only our server can write what comes. */
function ours(value) {
  try {
    const { protocol, pathname, search, hash } = new URL(text(value), self.location.origin);
    if (!text(value) || !["https:", "http:"].includes(protocol)) return null;
    return new URL(`${self.location.origin}${pathname}${search}${hash}`);
  } catch {
    return null;
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { navigate, actions } = event.notification.data || {};
  const chosen = event.action && (actions || []).find((one) => one.action === event.action)?.navigate;
  const url = ours(chosen) || ours(navigate) || new URL("/", self.location.origin);
  event.waitUntil(open(url.href));
});

async function open(href) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const same = windows.find((one) => one.url === href);
  if (same) return same.focus();
  for (const one of windows) {
    try {
      const there = await one.navigate(href);
      return await (there || one).focus();
    } catch {
      // not controlled by this worker: try the next one
    }
  }
  return self.clients.openWindow(href);
}

self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(event.oldSubscription, event.newSubscription));
});

/* The page notes which subscription the server knows: not every browser says which one it gave up. What could not be
   told is told at the next visit, by subscribe.js. */
async function renew(old, given) {
  const known = (await kept.state()).device || {};
  const key = old?.options?.applicationServerKey || (known.key ? bytes(known.key) : null);
  let fresh = given || await self.registration.pushManager.getSubscription();
  if (!fresh && key) {
    fresh = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }
  const before = old?.endpoint || known.endpoint || "";
  const auth = old?.toJSON?.().keys?.auth || (known.endpoint === before ? known.auth : "") || "";
  if (!fresh || !before || fresh.endpoint === before) return;
  const answer = await fetch(RENEW, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ old: before, auth, subscription: fresh.toJSON() }),
  });
  const device = { ...known, endpoint: fresh.endpoint, auth: fresh.toJSON().keys?.auth || "" };
  if (answer.ok) await kept.inTurn(() => kept.remember({ device }));
}

function bytes(text) {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
}
