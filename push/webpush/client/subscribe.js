/* Turns web push on and off on this device, in plain words. An ES module without dependencies.
 *
 * <section data-push data-push-worker="/sw.js?…" data-push-key="applicationServerKey as base64url"
 *          data-push-url="/push/subscribe" data-push-csrf="…">
 *   <p data-push-state role="status"></p>
 *   <button type="button" data-push-on hidden>…</button> <button type="button" data-push-off hidden>…</button>
 * </section>
 *
 * POSTs JSON {"subscription": …, "old": "earlier endpoint or empty", "language": "de"} to data-push-url when turned on,
 * {"subscription": null, "old": endpoint} when turned off. A subscription that the browser will end soon is renewed when
 * the page is opened ({"subscription": …, "old": …, "renewed": true}), without a word. Permission is asked for only after a tap.
 * After turning on it asks with {"look": endpoint} how the test message fares: {"state": "active", "pending" or "gone"}.
 */

const TEXTS = {
  de: {
    on: "Benachrichtigungen sind auf diesem Gerät eingeschaltet.",
    off: "Benachrichtigungen sind auf diesem Gerät ausgeschaltet.",
    blocked: "Benachrichtigungen sind in den Einstellungen Ihres Browsers blockiert. Bitte erlauben Sie sie dort.",
    unsupported: "Dieser Browser kann keine Benachrichtigungen zeigen. Nutzen Sie gern E-Mail oder Kalender.",
    install: "Bitte fügen Sie die Seite zuerst dem Home-Bildschirm hinzu (Teilen, dann „Zum Home-Bildschirm“) und öffnen Sie sie von dort.",
    inapp: "Sie sehen diese Seite in einer anderen App. Die kann keine Benachrichtigungen zeigen: Bitte öffnen Sie die Seite in Ihrem Browser.",
    failed: "Das hat leider nicht geklappt. Bitte versuchen Sie es später noch einmal.",
    working: "Einen Moment bitte …",
    waiting: "Eingeschaltet. Eine Testmeldung ist unterwegs; sobald sie ankommt, bekommen Sie Meldungen.",
    dead: "Die Testmeldung kam nicht an: Ihr Browser ist bei seinem Meldedienst nicht mehr bekannt. Bitte versuchen Sie es noch einmal.",
  },
  en: {
    on: "Notifications are on for this device.",
    off: "Notifications are off for this device.",
    blocked: "Notifications are blocked in your browser's settings. Please allow them there.",
    unsupported: "This browser cannot show notifications. E-mail or a calendar will do as well.",
    install: "Please add this page to your home screen first (Share, then “Add to Home Screen”) and open it from there.",
    inapp: "You see this page inside another app, which cannot show notifications. Please open the page in your browser.",
    failed: "Sorry, that did not work. Please try again later.",
    working: "One moment please …",
    waiting: "Switched on. A test message is on its way; as soon as it arrives you will get messages.",
    dead: "The test message did not arrive: your browser's push service no longer knows this device. Please try again.",
  },
  "de-simple": {
    on: "Die Mitteilungen auf diesem Gerät sind eingeschaltet.",
    off: "Die Mitteilungen auf diesem Gerät sind ausgeschaltet.",
    blocked: "Ihr Internet-Programm erlaubt keine Mitteilungen. Das können Sie ändern: Öffnen Sie die Einstellungen vom Internet-Programm. Erlauben Sie dort die Mitteilungen.",
    unsupported: "Dieses Internet-Programm kann keine Mitteilungen zeigen. Sie können E-Mails bekommen. Oder Sie nehmen den Kalender.",
    install: "Legen Sie die Seite zuerst auf Ihren Home-Bildschirm. Tippen Sie auf „Teilen“. Tippen Sie dann auf „Zum Home-Bildschirm“. Öffnen Sie die Seite dann von dort.",
    inapp: "Sie sehen diese Seite in einer anderen App. Die App kann keine Mitteilungen zeigen. Bitte öffnen Sie die Seite in Ihrem Internet-Programm.",
    failed: "Das hat nicht geklappt. Bitte versuchen Sie es später noch einmal.",
    working: "Bitte warten Sie kurz.",
    waiting: "Die Mitteilungen sind eingeschaltet. Wir schicken Ihnen jetzt einen Test. Kommt der Test an? Dann bekommen Sie Meldungen.",
    dead: "Der Test kam nicht an. Bitte versuchen Sie es noch einmal.",
  },
  tr: {
    on: "Bu cihazda bildirimler açık.",
    off: "Bu cihazda bildirimler kapalı.",
    blocked: "Bildirimler tarayıcınızın ayarlarında engellenmiş. Lütfen orada izin verin.",
    unsupported: "Bu tarayıcı bildirim gösteremiyor. E-posta veya takvim de aynı işi görür.",
    install: "Lütfen bu sayfayı önce ana ekranınıza ekleyin (Paylaş, sonra “Ana Ekrana Ekle”) ve oradan açın.",
    inapp: "Bu sayfayı başka bir uygulamanın içinde görüyorsunuz; o uygulama bildirim gösteremez. Lütfen sayfayı tarayıcınızda açın.",
    failed: "Ne yazık ki olmadı. Lütfen daha sonra yeniden deneyin.",
    working: "Bir saniye lütfen …",
    waiting: "Açıldı. Bir deneme bildirimi yolda; o ulaşır ulaşmaz mesajlarınız gelmeye başlar.",
    dead: "Deneme bildirimi ulaşmadı: Tarayıcınızın bildirim hizmeti bu cihazı artık tanımıyor. Lütfen yeniden deneyin.",
  },
  uk: {
    on: "Сповіщення на цьому пристрої увімкнено.",
    off: "Сповіщення на цьому пристрої вимкнено.",
    blocked: "Сповіщення заблоковано в налаштуваннях Вашого браузера. Будь ласка, дозвольте їх там.",
    unsupported: "Цей браузер не може показувати сповіщення. Скористайтеся електронною поштою або календарем.",
    install: "Будь ласка, спершу додайте сторінку на початковий екран («Поділитися», потім «На початковий екран») і відкрийте її звідти.",
    inapp: "Ви бачите цю сторінку всередині іншого застосунку, а він не може показувати сповіщення. Будь ласка, відкрийте сторінку у своєму браузері.",
    failed: "На жаль, не вдалося. Будь ласка, спробуйте ще раз пізніше.",
    working: "Хвилинку, будь ласка …",
    waiting: "Увімкнено. Тестове сповіщення вже в дорозі; щойно воно надійде, Ви почнете отримувати повідомлення.",
    dead: "Тестове сповіщення не надійшло: служба сповіщень Вашого браузера більше не знає цього пристрою. Будь ласка, спробуйте ще раз.",
  },
  ar: {
    on: "الإشعارات مفعّلة على هذا الجهاز.",
    off: "الإشعارات متوقفة على هذا الجهاز.",
    blocked: "الإشعارات محظورة في إعدادات متصفحكم. يرجى السماح بها هناك.",
    unsupported: "لا يستطيع هذا المتصفح عرض الإشعارات. يمكنكم استخدام البريد الإلكتروني أو التقويم.",
    install: "يرجى أولًا إضافة الصفحة إلى الشاشة الرئيسية («مشاركة» ثم «إضافة إلى الشاشة الرئيسية») وفتحها من هناك.",
    inapp: "تظهر هذه الصفحة داخل تطبيق آخر لا يستطيع عرض الإشعارات. يرجى فتح الصفحة في متصفحكم.",
    failed: "عذرًا، لم ينجح ذلك. يرجى المحاولة مرة أخرى لاحقًا.",
    working: "لحظة من فضلكم …",
    waiting: "تم التشغيل. رسالة تجريبية في الطريق إليكم؛ وحالما تصل ستبدأ الرسائل بالوصول.",
    dead: "لم تصل الرسالة التجريبية: خدمة الإشعارات في متصفحكم لم تعد تعرف هذا الجهاز. يرجى المحاولة مرة أخرى.",
  },
};

// Browsers inside other apps: they have no push of their own, and a hint to install would lead nowhere.
const IN_APP = /FBAN|FBAV|FB_IAB|Instagram|Line\/|WhatsApp|Snapchat|LinkedInApp|TikTok|musical_ly|Twitter|; wv\)/;

/** The browser whose settings are explained: "ios", "samsung", "firefox", "edge", "chrome", "safari" or "other". */
export function browser(view = window) {
  const agent = view.navigator.userAgent;
  if (/iPhone|iPad|iPod/.test(agent) || (view.navigator.platform === "MacIntel" && view.navigator.maxTouchPoints > 1)) return "ios";
  const found = [["samsung", /SamsungBrowser/], ["firefox", /Firefox/], ["edge", /Edg/], ["chrome", /Chrome/], ["safari", /Safari/]];
  return found.find(([, pattern]) => pattern.test(agent))?.[0] ?? "other";
}

/** What this browser can do: "ready", "blocked", "install" (iOS outside an installed app), "inapp" or "unsupported". */
export function capability(view = window) {
  if ("serviceWorker" in view.navigator && "PushManager" in view && "Notification" in view) {
    return view.Notification.permission === "denied" ? "blocked" : "ready";
  }
  if (IN_APP.test(view.navigator.userAgent)) return "inapp";
  const apple = /iPhone|iPad|iPod/.test(view.navigator.userAgent)
    || (view.navigator.platform === "MacIntel" && view.navigator.maxTouchPoints > 1);
  return apple && view.navigator.standalone !== true ? "install" : "unsupported";
}

/** Bytes of a base64url text. */
export function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

/** Whether a subscription was made with another server key than `key` (base64url): such a one must be renewed. */
export function outdated(subscription, key) {
  const made = subscription.options && subscription.options.applicationServerKey;
  if (!made) return false;
  const found = new Uint8Array(made);
  const wanted = bytes(key);
  return found.length !== wanted.length || found.some((one, index) => one !== wanted[index]);
}

/** The server key that a subscription was made with, as base64url; "" where the browser does not say. */
export function madeWith(subscription) {
  const made = subscription?.options?.applicationServerKey;
  if (!made) return "";
  const signs = String.fromCharCode(...new Uint8Array(made));
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Whether a subscription must be made anew: with another key than the page's, and one that no town here uses.
 *
 * A browser has one subscription for all towns at this address, and each town has a key of its own. */
async function stale(section, present) {
  if (!present || !outdated(present, section.dataset.pushKey)) return false;
  if (!section.dataset.pushStays) return true;
  try {
    const answer = await fetch(`${section.dataset.pushStays}?made=${madeWith(present)}`, { credentials: "omit" });
    return answer.ok && (await answer.json()).stays !== true;
  } catch {
    return false; // without a network nothing is given up
  }
}

const SOON = 14 * 24 * 3600 * 1000;

/** Whether the browser will end a subscription within two weeks: it is renewed as soon as its page is opened. */
export function expiring(subscription, now = Date.now()) {
  const end = subscription.expirationTime;
  return typeof end === "number" && end - now < SOON;
}

async function tell(section, content) {
  const answer = await fetch(section.dataset.pushUrl, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": section.dataset.pushCsrf || "" },
    body: JSON.stringify({ ...content, language: document.documentElement.lang || "de" }),
  });
  if (!answer.ok) throw new Error("HTTP " + answer.status);
  return answer.json();
}

// What the server must still be told: the endpoint that was given up ("" if there was none). Kept until it knows the new
// one, or a lost connection between giving up and telling would silence this device for good.
const UNTOLD = "ortsruf-push-untold";

function untold() {
  try { return localStorage.getItem(UNTOLD); } catch { return null; }
}

function remember(endpoint) {
  try {
    if (endpoint === null) localStorage.removeItem(UNTOLD);
    else localStorage.setItem(UNTOLD, endpoint);
  } catch { /* storage is switched off */ }
}

// The subscription that the server is known to know. A browser may change it while no page is open, and its worker may
// not have got through: then the page tells it, by the endpoint that was given up and its secret.
const TOLD = "ortsruf-push-told";

function note(section, registration, subscription) {
  const { endpoint, keys } = subscription.toJSON();
  const device = { endpoint, auth: keys?.auth || "", key: madeWith(subscription) || section.dataset.pushKey };
  registration.active?.postMessage({ device });
  try { localStorage.setItem(TOLD, JSON.stringify(device)); } catch { /* storage is switched off */ }
}

function noted() {
  try { return JSON.parse(localStorage.getItem(TOLD)); } catch { return null; }
}

/** Tell which subscription took the place of the one that the server knows; whether it was told. */
async function moved(section, registration, present) {
  const old = noted();
  if (!old || old.endpoint === present.endpoint) return false;
  const answer = await fetch(new URL(section.dataset.pushWorker, location.href).searchParams.get("renew"), {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      old: old.endpoint, auth: old.auth,
      subscription: { ...present.toJSON(), vapid: madeWith(present) || section.dataset.pushKey },
    }),
  });
  if (answer.ok) note(section, registration, present);
  return answer.ok;
}

export async function subscribe(section, registration) {
  const present = await registration.pushManager.getSubscription();
  const over = await stale(section, present);
  const key = (!over && madeWith(present)) || section.dataset.pushKey;
  const old = untold() || (over ? present.endpoint : "");
  remember(old);
  if (over) await present.unsubscribe();
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(key),
  });
  await tell(section, { subscription: { ...subscription.toJSON(), vapid: key }, old });
  remember(null);
  note(section, registration, subscription);
  return proven(section, subscription);
}

/** Put a fresh subscription in place of one that is about to end; no permission is asked for, no test message comes. */
export async function renew(section, registration) {
  const present = await registration.pushManager.getSubscription();
  const old = present.endpoint;
  remember(old);
  await present.unsubscribe();
  const fresh = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(section.dataset.pushKey),
  });
  await tell(section, {
    subscription: { ...fresh.toJSON(), vapid: section.dataset.pushKey }, old, renewed: true,
  });
  remember(null);
  note(section, registration, fresh);
}

/** Wait a little for the test message: "on" once the push service took it, "dead" if it knows no such device. */
async function proven(section, subscription) {
  const wait = Number(section.dataset.pushWait || 1500);
  for (let look = 0; look < 8; look += 1) {
    const { state: found } = await tell(section, { look: subscription.endpoint });
    if (found === "active") return "on";
    if (found === "gone") {
      await subscription.unsubscribe();
      return "dead";
    }
    await new Promise((done) => { setTimeout(done, wait); });
  }
  return "waiting";
}

async function unsubscribe(section, registration) {
  remember(null);
  const present = await registration.pushManager.getSubscription();
  if (!present) return;
  await tell(section, { subscription: null, old: present.endpoint });
  await present.unsubscribe();
}

function show(section, state) {
  const words = TEXTS[document.documentElement.lang || "de"] || TEXTS.en;
  section.querySelector("[data-push-state]").textContent = words[state];
  section.dataset.pushNow = state;
  for (const help of section.querySelectorAll("[data-push-help]")) {
    help.hidden = help.dataset.pushHelp !== state;
    const known = help.querySelector(`[data-browser="${browser()}"]`) || help.querySelector('[data-browser="other"]');
    for (const one of help.querySelectorAll("[data-browser]")) one.hidden = one !== known;
  }
  const on = section.querySelector("[data-push-on]");
  const off = section.querySelector("[data-push-off]");
  if (on) on.hidden = !["off", "failed", "dead"].includes(state);
  if (off) off.hidden = !["on", "waiting"].includes(state);
}

async function state(section, registration) {
  const able = capability();
  if (able !== "ready") return able;
  const present = await registration.pushManager.getSubscription();
  if (!present || Notification.permission !== "granted") return "off";
  // This browser may be known, but as somebody else's: of an earlier sign-up, or in another municipality.
  const { state: found } = await tell(section, { look: present.endpoint }).catch(() => ({ state: "unknown" }));
  if (found === "active") note(section, registration, present);
  if (found === "gone" && await moved(section, registration, present)) return "on";
  return { gone: "off", pending: "waiting" }[found] ?? "on";
}

/** Show where this device stands and wire the two buttons. */
export async function start(section) {
  const able = capability();
  if (["unsupported", "install", "inapp"].includes(able)) return show(section, able);
  const registration = await navigator.serviceWorker.register(section.dataset.pushWorker);
  const act = (job) => async () => {
    show(section, "working");
    try {
      const said = await job();
      show(section, said || await state(section, registration));
    } catch {
      show(section, capability() === "blocked" ? "blocked" : "failed");
    }
  };
  section.querySelector("[data-push-on]")?.addEventListener("click", act(async () => {
    const answer = await Notification.requestPermission();
    return answer === "granted" ? subscribe(section, await navigator.serviceWorker.ready) : "";
  }));
  section.querySelector("[data-push-off]")?.addEventListener("click", act(() => unsubscribe(section, registration)));
  show(section, await state(section, registration));
  const present = await registration.pushManager.getSubscription();
  if (Notification.permission !== "granted") return;
  if (untold() !== null || await stale(section, present)) {
    await act(() => subscribe(section, registration))();
  } else if (present && expiring(present)) {
    await act(() => renew(section, registration))();
  }
}

if (typeof document !== "undefined") {
  for (const section of document.querySelectorAll("[data-push]")) {
    start(section).catch(() => show(section, "failed"));
  }
}
