/* Runs the service worker with a fake browser around it: reads steps as JSON from stdin, writes what was seen as JSON. */
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const workers = process.argv.slice(2);
const steps = JSON.parse(readFileSync(0, "utf8"));
const seen = { shown: [], opened: [], focused: [], fetched: [], badge: [], pages: [], closed: 0 };
const ORIGIN = "https://town.example";
const handlers = {};
let displayed = [];
let windows = [];
let network = () => { throw new TypeError("no network"); };
let clock = Date.parse("2026-11-26T12:00:00Z");

class Clock extends Date {
  constructor(...given) { super(...(given.length ? given : [clock])); }
  static now() { return clock; }
}

class FakeCache {
  kept = new Map();
  href(one) { return new URL(one.url ?? one, ORIGIN).href; }
  async put(one, answer) { this.kept.set(this.href(one), { body: await answer.text(), headers: [...answer.headers] }); }
  async add(one) { this.kept.set(this.href(one), { body: `shell ${one}`, headers: [] }); }
  async match(one) {
    const found = this.kept.get(this.href(one));
    return found && new Response(found.body, { headers: found.headers });
  }
  async delete(one) { return this.kept.delete(this.href(one)); }
  async keys() { return [...this.kept.keys()].map((url) => ({ url })); }
}

const stores = new Map();
const caches = {
  open: async (name) => stores.get(name) ?? stores.set(name, new FakeCache()).get(name),
  keys: async () => [...stores.keys()],
  delete: async (name) => stores.delete(name),
};

const self = {
  location: new URL(`${ORIGIN}/sw.js?shell=/offline&renew=/push/renew`),
  navigator: {
    language: "de-DE",
    setAppBadge: async (count) => seen.badge.push(count),
    clearAppBadge: async () => seen.badge.push(0),
  },
  addEventListener: (name, handler) => { handlers[name] = handler; },
  registration: {
    getNotifications: async ({ tag }) => displayed.filter((one) => one.tag === tag),
    showNotification: async (title, options) => {
      seen.shown.push({ title, ...options });
      displayed = displayed.filter((one) => one.tag !== options.tag).concat([{ title, ...options }]);
    },
    pushManager: {
      getSubscription: async () => null,
      subscribe: async (options) => {
        const key = options.applicationServerKey;
        return { endpoint: "https://new", toJSON: () => ({ endpoint: "https://new", key: typeof key === "string" ? key : [...key] }) };
      },
    },
  },
  clients: {
    matchAll: async () => windows,
    openWindow: async (href) => { seen.opened.push(href); },
    claim: async () => undefined,
  },
  skipWaiting: async () => undefined,
};
const fetch = async (request, options = {}) => {
  const url = request.url ?? request;
  if (options.body) {
    seen.fetched.push({ url, body: JSON.parse(options.body) });
    return { ok: true };
  }
  seen.fetched.push({ url, ...options.headers });
  return network(new URL(url, ORIGIN).pathname);
};
const hurried = (go, wait) => (wait === 8000 ? undefined : setImmediate(go)); // nobody waits, and nobody loses patience
const context = createContext({
  self, caches, fetch, URL, Response, Headers, Blob, console, atob, Date: Clock, setTimeout: hurried,
});
for (const worker of workers) runInContext(readFileSync(worker, "utf8"), context);

function event(step) {
  if (step.event === "push" && step.proposed) return { data: null, notification: step.proposed, appBadge: step.badge };
  if (step.event === "push") return { data: step.text === null ? null : { json: () => JSON.parse(step.text) } };
  if (step.event === "message") return { data: step.data };
  if (step.event === "notificationclick") {
    windows = (step.windows || []).map((url) => ({
      url,
      focus: async () => { seen.focused.push(url); },
      navigate: async (href) => ({ focus: async () => { seen.focused.push(href); } }),
    }));
    return { action: step.action || "", notification: { data: step.data, close: () => { seen.closed += 1; } } };
  }
  const old = step.unknown ? null : {
    endpoint: "https://old", options: { applicationServerKey: "key" },
    toJSON: () => ({ endpoint: "https://old", keys: { auth: "old secret" } }),
  };
  return { oldSubscription: old, newSubscription: null };
}

/* A page is asked for; `answers` is what the network has, by path: {status, html, keep} or JSON. */
async function visit(step, waits) {
  network = (path) => {
    const found = (step.answers || {})[path];
    if (!found) throw new TypeError("no network");
    if (found.json) return Response.json(found.json);
    const headers = { "content-type": "text/html", ...(found.keep ? { "ortsruf-keep": found.keep } : {}) };
    return new Response(found.html ?? "", { status: found.status ?? 200, headers });
  };
  let answer = null;
  handlers.fetch({
    request: { url: new URL(step.url, ORIGIN).href, method: step.method || "GET", mode: step.mode || "navigate" },
    respondWith: (promise) => { answer = promise; }, waitUntil: (promise) => waits.push(promise),
  });
  const page = await answer;
  seen.pages.push(page ? await page.text() : null);
}

for (const step of steps) {
  const waits = [];
  clock += (step.minutes || 0) * 60_000;
  if (step.event === "fetch") await visit(step, waits);
  else handlers[step.event]({ ...event(step), waitUntil: (promise) => waits.push(promise) });
  if (step.event !== "fetch" && !waits.length) throw new Error("waitUntil was not called");
  for (let done = 0; done < waits.length; done += 1) await waits[done];
}
seen.stores = Object.fromEntries([...stores].map(([name, cache]) => [name, [...cache.kept.keys()]]));
process.stdout.write(JSON.stringify(seen));
