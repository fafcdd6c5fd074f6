/* Service worker of Ortsruf: shows pushes, opens our own pages, keeps a small shell for the time without a network.
 *
 * Registered as sw.js?shell=/offline,/static/site.css&renew=/push/renew: the query names the pages of the shell (the
 * first one stands in for any page that cannot be loaded) and where a renewed subscription is sent.
 */
"use strict";

const QUERY = new URL(self.location.href).searchParams;
const SHELL = (QUERY.get("shell") || "").split(",").filter((path) => path.startsWith("/") && !path.startsWith("//"));
const RENEW = QUERY.get("renew") || "/push/renew";
const CACHE = "ortsruf-shell-" + SHELL.join(",");
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

/* Network first, and only pages and what the shell names: an old warning must never pass for a current one. */
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const named = SHELL.includes(url.pathname);
  if (!named && event.request.mode !== "navigate") return;
  event.respondWith(fetch(event.request).catch(async () => {
    const cache = await caches.open(CACHE);
    const kept = named ? await cache.match(url.pathname) : undefined;
    return kept || (SHELL.length && await cache.match(SHELL[0])) || Response.error();
  }));
});

/* Whatever arrives, something is shown: browsers end subscriptions whose pushes stay silent. */
self.addEventListener("push", (event) => {
  event.waitUntil(show(read(event)));
});

function read(event) {
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

async function show(notification) {
  const data = { ...notification.data, navigate: notification.navigate };
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
  await badge(notification.app_badge);
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

/* The URL if it lies on our own origin, else null. */
function ours(value) {
  try {
    const url = new URL(text(value), self.location.origin);
    return text(value) && url.origin === self.location.origin ? url : null;
  } catch {
    return null;
  }
}

async function badge(count) {
  try {
    if (Number.isInteger(count) && count > 0) await self.navigator.setAppBadge(count);
  } catch {
    // no badge on this platform
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = ours(event.notification.data?.navigate) || new URL("/", self.location.origin);
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
  event.waitUntil(renew(event));
});

async function renew(event) {
  const old = event.oldSubscription;
  const key = old?.options?.applicationServerKey;
  let fresh = event.newSubscription || await self.registration.pushManager.getSubscription();
  if (!fresh && key) {
    fresh = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }
  if (!fresh) return;
  await fetch(RENEW, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ old: old ? old.endpoint : "", subscription: fresh.toJSON() }),
  });
}
