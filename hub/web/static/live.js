// What is still under way is looked up again every few seconds, until it is done. Without this script the page is loaded anew.

const EVERY = 5000;

async function lookAgain() {
  const shown = document.querySelector("[data-live]");
  if (!shown) return;
  if (document.visibilityState === "visible" && !shown.contains(document.activeElement)) {
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (answer?.ok && !answer.redirected) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = fresh.getElementById(shown.id);
      if (found && found.innerHTML !== shown.innerHTML) {
        for (const one of shown.querySelectorAll("details[open]")) found.querySelector(`#${one.id}`)?.setAttribute("open", "");
        shown.replaceWith(found);
      }
      if (found && !found.hasAttribute("data-live")) {
        document.getElementById(found.id).removeAttribute("data-live");
        document.querySelector("[data-live-said]").textContent = fresh.querySelector("[data-live-said]")?.textContent ?? "";
      }
    }
  }
  setTimeout(lookAgain, EVERY);
}

setTimeout(lookAgain, EVERY);
