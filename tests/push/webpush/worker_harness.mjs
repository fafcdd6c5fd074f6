/* Runs sw.js with a fake browser around it: reads steps as JSON from stdin, writes what was seen as JSON. */
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const [worker] = process.argv.slice(2);
const steps = JSON.parse(readFileSync(0, "utf8"));
const seen = { shown: [], opened: [], focused: [], fetched: [], badge: [], closed: 0 };
const handlers = {};
let displayed = [];
let windows = [];

const self = {
  location: new URL("https://town.example/sw.js?shell=/offline&renew=/push/renew"),
  navigator: { language: "de-DE", setAppBadge: async (count) => seen.badge.push(count) },
  addEventListener: (name, handler) => { handlers[name] = handler; },
  registration: {
    getNotifications: async ({ tag }) => displayed.filter((one) => one.tag === tag),
    showNotification: async (title, options) => {
      seen.shown.push({ title, ...options });
      displayed = displayed.filter((one) => one.tag !== options.tag).concat([{ title, ...options }]);
    },
    pushManager: {
      getSubscription: async () => null,
      subscribe: async (options) => ({ toJSON: () => ({ endpoint: "https://new", key: options.applicationServerKey }) }),
    },
  },
  clients: {
    matchAll: async () => windows,
    openWindow: async (href) => { seen.opened.push(href); },
    claim: async () => undefined,
  },
  skipWaiting: async () => undefined,
};
const caches = { open: async () => ({ add: async () => undefined, match: async () => undefined }), keys: async () => [] };
const fetch = async (url, options) => { seen.fetched.push({ url, body: JSON.parse(options.body) }); };
const context = createContext({ self, caches, fetch, URL, Response, console });
runInContext(readFileSync(worker, "utf8"), context);

function event(step) {
  if (step.event === "push") return { data: step.text === null ? null : { json: () => JSON.parse(step.text) } };
  if (step.event === "notificationclick") {
    windows = (step.windows || []).map((url) => ({
      url,
      focus: async () => { seen.focused.push(url); },
      navigate: async (href) => ({ focus: async () => { seen.focused.push(href); } }),
    }));
    return { notification: { data: step.data, close: () => { seen.closed += 1; } } };
  }
  return { oldSubscription: { endpoint: "https://old", options: { applicationServerKey: "key" } }, newSubscription: null };
}

for (const step of steps) {
  const waits = [];
  handlers[step.event]({ ...event(step), waitUntil: (promise) => waits.push(promise) });
  if (!waits.length) throw new Error("waitUntil was not called");
  await Promise.all(waits);
}
process.stdout.write(JSON.stringify(seen));
