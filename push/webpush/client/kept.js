/* The service worker's first part: what this device keeps for the time without a network. Pages as they were last seen
 * and messages as they came are shown with their age: what is old must never pass for current.
 *
 * The server says which pages may be kept: "Ortsruf-Keep: KIND OWNER" with KIND home, town, notice or dates, and OWNER a
 * sign of the secret link that this device remembers, or "-". Another owner, and a home that is gone, end all that is kept.
 * The words come with the pages: a template "kept" has {moment} and {age}, "kept-since" a list for the messages that came
 * later, "kept-list" (on the page that stands in for others) one for the pages, data-kept-until what is said from then on.
 */
"use strict";

const kept = (() => {
  const STORE = "ortsruf-kept-1";
  const MOST = { home: 1, town: 3, dates: 3, notice: 20 };
  const MOST_BYTES = 200_000; // of one page
  const MOST_MESSAGES = 20;
  const PATIENCE = 8_000; // milliseconds without an answer, then a page that is kept is shown
  const FRESH = 3600_000; // a push fetches no page again that is younger
  const SPREAD = 20_000; // and not all devices at once
  const STATE = new URL("/.kept/state", self.location.origin).href;
  const APP = "/app"; // where the installed app opens
  const HIDDEN = new Set(["content-encoding", "content-length", "set-cookie"]);

  let line = Promise.resolve();
  /** One after the other: two pushes at a time must not lose each other's marks. */
  const inTurn = (job) => (line = line.then(job, job));

  const store = () => caches.open(STORE);

  async function state() {
    const found = await (await store()).match(STATE);
    return found ? found.json() : { owner: "", unread: 0, messages: [] };
  }

  async function remember(values) {
    await (await store()).put(STATE, new Response(JSON.stringify({ ...(await state()), ...values })));
  }

  /* A page's own address: the language it was asked in and where it was scrolled to make no other page. */
  function address(href) {
    const url = new URL(href);
    url.hash = "";
    url.searchParams.delete("lang");
    if (url.pathname.length > 1 && url.pathname.startsWith("/m/")) url.pathname = url.pathname.replace(/\/$/, "");
    return url.href;
  }

  /* Whether two addresses differ in their query only. */
  function same(one, other) {
    return new URL(one).pathname === new URL(other).pathname;
  }

  function own(url) {
    return new URL(url).pathname.startsWith("/m/");
  }

  /* What stands in for a page that is not kept, if that is: the page of the notice to which one's own page leads by way
   * of the server; the home where the installed app opens, and where a message's link only adds which one it explains. */
  async function twin(url) {
    const { pathname } = new URL(url);
    const last = (one) => new URL(one).pathname.split("/").pop();
    const home = (one) => one.kind === "home" && (pathname === APP || same(one.url, url));
    const notice = (one) => own(url) && one.kind === "notice" && last(one.url) === last(url);
    const found = (await pages()).find((one) => home(one) || notice(one));
    return found ? { page: await (await store()).match(found.url), url: found.url } : null;
  }

  async function pages() {
    const cache = await store();
    const found = [];
    for (const request of await cache.keys()) {
      if (request.url === STATE) continue;
      const { headers } = await cache.match(request);
      found.push({
        url: request.url, kind: headers.get("x-kept-kind"), at: Number(headers.get("x-kept-at")),
        title: decodeURIComponent(headers.get("x-kept-title") || ""),
      });
    }
    return found.sort((one, other) => other.at - one.at);
  }

  async function forget() {
    await caches.delete(STORE);
    await badge(0);
  }

  /** Look at a page that was loaded: keep it, or forget what it ends. */
  function seen(href, response) {
    return inTurn(async () => {
      const said = response.headers.get("ortsruf-keep");
      if (said) await keep(address(href), response, ...said.split(" "));
      else if (response.status === 404 || response.status === 410) await gone(address(href));
    });
  }

  async function gone(url) {
    const found = (await pages()).find((one) => one.url === url || (one.kind === "home" && same(one.url, url)));
    if (found?.kind === "home" || (found && own(url))) await forget();
    else if (found) await (await store()).delete(url);
  }

  async function keep(url, response, kind, owner) {
    if (!(kind in MOST)) return;
    const html = await response.text();
    const before = (await state()).owner;
    if (owner !== "-" && before && before !== owner) await forget();
    if (new Blob([html]).size > MOST_BYTES) return;
    const headers = new Headers([...response.headers].filter(([name]) => !HIDDEN.has(name)));
    headers.set("x-kept-kind", kind);
    headers.set("x-kept-at", String(Date.now()));
    headers.set("x-kept-title", encodeURIComponent(heading(html)));
    const cache = await store();
    await cache.delete(url);
    await cache.put(url, new Response(html, { headers }));
    if (owner !== "-") await remember({ owner });
    for (const one of (await pages()).filter((page) => page.kind === kind).slice(MOST[kind])) await cache.delete(one.url);
    if (kind === "home") await glance(url);
    else if (!(await pages()).some((page) => page.kind === "home")) await read(0);
  }

  function heading(html) {
    const found = /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(html);
    return plain(found ? found[1] : "").slice(0, 120);
  }

  /* How much is unread, as the person's own page counts it. */
  async function glance(home) {
    try {
      const answer = await fetch(home + "/glance", { credentials: "same-origin" });
      await read(answer.ok ? (await answer.json()).unread : 0);
    } catch {
      // the network went: the count stays
    }
  }

  async function read(unread) {
    const count = Number.isInteger(unread) && unread > 0 ? unread : 0;
    await remember({ unread: count });
    await badge(count);
  }

  async function badge(count) {
    try {
      if (count > 0) await self.navigator.setAppBadge(count);
      else await self.navigator.clearAppBadge();
    } catch {
      // no badge on this platform
    }
  }

  /** Keep a message that was shown; `count` is how many are unread, if the sender knows, `again` that it was there before. */
  function came(message, count, again) {
    return inTurn(async () => {
      const known = await state();
      const own = {
        title: String(message.title).slice(0, 200), body: String(message.body || "").slice(0, 1000), at: Date.now(),
        tag: message.tag, url: message.url, until: Date.parse(message.until) || 0, lang: message.lang || "",
      };
      const rest = known.messages.filter((one) => one.tag !== own.tag);
      const unread = Number.isInteger(count) ? count : known.unread + (again ? 0 : 1);
      await remember({ messages: [own, ...rest].slice(0, MOST_MESSAGES), unread });
      await badge(unread);
    });
  }

  /** After a push: load the person's own page anew, if it is old. Severe warnings go to everybody at once: not then. */
  async function refresh(severity) {
    const home = (await pages()).find((one) => one.kind === "home");
    if (!home || Date.now() - home.at < FRESH || ["severe", "extreme"].includes(severity)) return;
    await new Promise((go) => { setTimeout(go, Math.random() * SPREAD); });
    const answer = await fetch(home.url, { credentials: "same-origin", headers: { "Ortsruf-Refresh": "push" } });
    await seen(home.url, answer);
  }

  /** Answer a visit: from the network, else what is kept of this page, else the page that stands in for all. */
  async function visit(event, standIn) {
    const url = address(event.request.url);
    const loaded = fetch(event.request);
    const known = await (await store()).match(url);
    event.waitUntil(loaded.then((answer) => (answer.status < 500 ? seen(url, answer.clone()) : undefined), () => undefined));
    const late = new Promise((go) => { if (known) setTimeout(go, PATIENCE); });
    try {
      const answer = await Promise.race([loaded, late]);
      if (answer && (answer.status < 500 || !known)) return answer;
    } catch {
      // no network
    }
    const other = known ? null : await twin(url);
    const page = known || other?.page || await standIn();
    return page ? dated(page, other?.url || url) : Response.error();
  }

  /* Put the age into a page, and what came since. */
  async function dated(page, url) {
    const at = Number(page.headers.get("x-kept-at")) || 0;
    const { messages } = await state();
    let html = await page.text();
    const lang = tongue(/<html[^>]*\slang="([\w-]+)"/.exec(html)?.[1]);
    const holds = messages.filter((one) => one.at > at && (!one.until || one.until > Date.now()));
    const about = page.headers.get("x-kept-kind") === "notice" ? holds.filter((one) => one.url === url) : holds;
    html = html.replace(/<html\b/, "<html data-kept");
    html = html.replace(/<template data-kept-until="([^"]*)">([\s\S]*?)<\/template>/g,
      (_, until, content) => (Date.parse(until) < Date.now() ? content : ""));
    html = opened(html, "kept", (content) => (at
      ? content.replace("{moment}", moment(at, lang)).replace("{age}", age(at, lang)) : ""));
    html = opened(html, "kept-since", (content) => listed(content, about.map((one) => entry(one, lang))));
    const others = (await pages()).filter((one) => one.title && one.url !== url);
    html = opened(html, "kept-list", (content) => listed(content, others.map((one) => entry(one, lang))));
    return new Response(html, { status: 200, headers: page.headers });
  }

  function opened(html, id, fill) {
    const found = new RegExp(`<template id="${id}">([\\s\\S]*?)</template>`).exec(html);
    return found ? html.replace(found[0], () => fill(found[1])) : html;
  }

  function listed(content, entries) {
    return entries.length ? content.replace("<ul></ul>", () => `<ul class="notices">${entries.join("")}</ul>`) : "";
  }

  function entry(one, lang) {
    const title = safe(one.title);
    const link = one.url ? `<a href="${safe(one.url)}">${title}</a>` : `<strong>${title}</strong>`;
    const body = one.body ? `<p class="pre" dir="auto">${safe(one.body)}</p>` : "";
    const words = one.lang ? ` lang="${safe(one.lang)}"` : "";
    return `<li><span${words} dir="auto">${link}</span> <span class="meta">${moment(one.at, lang)}, ${age(one.at, lang)}</span>${body}</li>`;
  }

  function safe(value) {
    return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  }

  const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#34": '"', "#39": "'", nbsp: " " };

  function plain(html) {
    return html.replace(/<[^>]*>/g, "").replace(/&(#?\w+);/g, (all, name) => ENTITIES[name] ?? all).trim();
  }

  /* Western digits, as everywhere else on the pages. */
  function tongue(lang) {
    try { return Intl.getCanonicalLocales(`${lang}-u-nu-latn`)[0]; } catch { return "de"; }
  }

  function moment(at, lang) {
    const day = (value) => new Date(value).toDateString();
    const clock = { hour: "2-digit", minute: "2-digit" };
    const whole = day(at) === day(Date.now()) ? clock : { weekday: "long", day: "numeric", month: "long", ...clock };
    return new Intl.DateTimeFormat(lang, whole).format(at);
  }

  function age(at, lang) {
    const minutes = Math.max(0, Math.floor((Date.now() - at) / 60_000));
    const [count, unit] = minutes < 60 ? [minutes, "minute"]
      : minutes < 2880 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1440), "day"];
    return new Intl.RelativeTimeFormat(lang, { numeric: count ? "always" : "auto" }).format(-count, unit);
  }

  return { visit, came, refresh, forget, state, remember, inTurn };
})();

/* From our pages: everything was deleted, or the server knows this device now. */
self.addEventListener("message", (event) => {
  const { forget, device } = event.data || {};
  if (forget) event.waitUntil(kept.inTurn(kept.forget));
  if (device) event.waitUntil(kept.inTurn(() => kept.remember({ device })));
});
