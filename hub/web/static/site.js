// Copy buttons and notifications on this device. Everything else works without a script.

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

document.getElementById("faults")?.focus();

const bytes = (text) => {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain + "=".repeat((4 - plain.length % 4) % 4)), (char) => char.charCodeAt(0));
};

const same = (one, other) => one && one.byteLength === other.byteLength
  && new Uint8Array(one).every((value, at) => value === other[at]);

async function subscription(registration) {
  const answer = await fetch("/push/key");
  if (!answer.ok) throw new Error((await answer.json()).error);
  const key = bytes((await answer.json()).key);
  const old = await registration.pushManager.getSubscription();
  if (old && same(old.options.applicationServerKey, key)) return old;
  await old?.unsubscribe(); // made with another key: it could never be reached again
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function turnOn(box) {
  if (await Notification.requestPermission() !== "granted") return box.dataset.denied;
  await navigator.serviceWorker.register("/sw.js");
  const registration = await navigator.serviceWorker.ready;
  const answer = await fetch("/push/subscribe", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: box.dataset.token, subscription: (await subscription(registration)).toJSON() }),
  });
  if (!answer.ok) throw new Error((await answer.json()).error);
  return box.dataset.done;
}

for (const box of document.querySelectorAll("[data-push]")) {
  const button = box.querySelector("[data-push-button]");
  const status = box.querySelector("[data-push-status]");
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    status.textContent = box.dataset.unsupported;
    continue;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = box.dataset.working;
    try {
      status.textContent = await turnOn(box);
    } catch (error) {
      status.textContent = box.dataset.failed + error.message;
    }
    button.disabled = false;
  });
}
