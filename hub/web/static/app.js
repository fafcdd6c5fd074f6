/* Makes a page an app: registers the service worker where this device has a person or an installed app, offers the home
 * screen after a tap, and lets the device forget when everything was deleted. Everything works without this script too.
 */

const LATER = "ortsruf-install-later";
const AGAIN = 90 * 24 * 3600 * 1000; // milliseconds after "not now"

function installed(view = window) {
  return view.navigator.standalone === true || view.matchMedia("(display-mode: standalone)").matches;
}

function apple(view = window) {
  const agent = view.navigator.userAgent;
  return /iPhone|iPad|iPod/.test(agent) || (view.navigator.platform === "MacIntel" && view.navigator.maxTouchPoints > 1);
}

function declined() {
  try { return Date.now() - Number(localStorage.getItem(LATER)) < AGAIN; } catch { return false; }
}

function offer(box, how) {
  if (installed() || declined()) return;
  for (const one of box.querySelectorAll("[data-install-how]")) one.hidden = one.dataset.installHow !== how;
  box.hidden = false;
}

function start(box) {
  let asked = null;
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // the browser asks only after a tap
    asked = event;
    offer(box, "ask");
  });
  box.querySelector("[data-install-ask]").addEventListener("click", async () => {
    await asked?.prompt();
    asked = null; // it works once
    box.hidden = true;
  });
  box.querySelector("[data-install-no]").addEventListener("click", () => {
    try { localStorage.setItem(LATER, String(Date.now())); } catch { /* storage is switched off */ }
    box.hidden = true;
  });
  window.addEventListener("appinstalled", () => { box.hidden = true; });
  if (apple()) offer(box, "ios");
}

const app = document.querySelector("[data-app]");
if (app && "serviceWorker" in navigator) navigator.serviceWorker.register(app.dataset.appWorker).catch(() => undefined);
for (const box of document.querySelectorAll("[data-install]")) start(box);

if (document.querySelector("[data-forget]")) {
  try { localStorage.clear(); } catch { /* storage is switched off */ }
  navigator.serviceWorker?.getRegistration().then(async (registration) => {
    registration?.active?.postMessage({ forget: true });
    await (await registration?.pushManager?.getSubscription())?.unsubscribe();
  }).catch(() => undefined);
}
