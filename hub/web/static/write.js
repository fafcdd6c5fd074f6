// The form of a notice while it is being typed: saves by itself, leads from gap to gap, says how easy a text is to read.
// Everything works without this script too; what is typed is then saved by the button.

const form = document.querySelector("[data-write]");
if (form) start(form);

function start(form) {
  const given = form.dataset;
  const said = form.querySelector("[data-saved]");
  let quiet = given.quiet;
  let changed = false;
  let running = null;
  let timer = 0;
  let failed = false; // the last try to save by itself
  let leaving = false; // with the whole form: saving beside it would be somebody else's save

  function fields() {
    const data = new FormData(form);
    data.delete("upload");
    return data;
  }

  function say(text, warns, link) {
    said.textContent = text;
    said.classList.toggle("warn", warns); // stays in sight wherever somebody is typing
    if (!link) return;
    const way = Object.assign(document.createElement("a"), { href: link, target: "_blank", rel: "noopener", textContent: given.signInWord });
    said.append(" ");
    said.append(way);
  }

  async function keep() {
    changed = false;
    failed = false;
    try {
      const answer = await fetch(quiet, { method: "POST", body: fields(), redirect: "manual", keepalive: document.hidden });
      if (answer.type === "opaqueredirect") {
        changed = failed = true;
        return say(given.signedOut, true, given.signIn);
      }
      const found = await answer.json();
      if (!answer.ok) {
        changed = true;
        quiet = "";
        return say(found.error, true);
      }
      form.querySelector('[name="version"]').value = found.version;
      if (quiet !== found.quiet) {
        quiet = found.quiet;
        form.action = found.form;
        form.querySelector('[name="once"]')?.remove();
        history.replaceState(null, "", found.form);
      }
      return say(found.said, false);
    } catch {
      changed = failed = true;
      return say(given.noNetwork, true);
    }
  }

  function saving() {
    if (!quiet || !changed || running || leaving) return running;
    running = keep().finally(() => {
      running = null;
      if (changed) later();
    });
    return running;
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(saving, 3000);
  }

  form.addEventListener("input", (event) => {
    if (event.target.type === "file" || event.target.name === "seek") return;
    changed = true;
    later();
    if (event.target.matches("textarea")) read(event.target);
    count();
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) saving(); });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (running) {
      event.preventDefault(); // what is being saved gives the form its next version
      running.then(() => form.requestSubmit(event.submitter));
      return;
    }
    leaving = true;
    setTimeout(() => { leaving = !event.defaultPrevented; });
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !leaving && (!quiet || failed)) event.preventDefault(); // nothing else would keep what was typed
  });

  // ---- gaps: what a template asks for stands in [brackets] ----

  const texts = () => [...form.querySelectorAll('input[name$=".title"], textarea[name*="."]')].filter((one) => !one.name.startsWith("file"));
  const gap = /\[[^[\]\n]{1,80}\]/g;
  const next = Object.assign(document.createElement("button"), { type: "button", className: "quiet small", hidden: true });
  form.querySelector("section").append(next);

  function gaps() {
    return texts().flatMap((field) => [...field.value.matchAll(gap)].map((found) => ({ field, at: found.index, end: found.index + found[0].length })));
  }

  function count() {
    const left = gaps().length;
    if (document.activeElement === next && !left) texts()[0].focus();
    next.hidden = !left;
    next.textContent = `${given.gaps} (${left})`;
  }

  next.addEventListener("click", () => {
    const all = gaps();
    const here = document.activeElement;
    const found = all.find((one) => one.field === here && one.at >= here.selectionEnd) ?? all[0];
    found?.field.focus();
    found?.field.setSelectionRange(found.at, found.end);
  });
  form.addEventListener("click", (event) => {
    const field = event.target;
    if (!texts().includes(field) || field.selectionStart !== field.selectionEnd) return;
    const found = [...field.value.matchAll(gap)].find((one) => one.index < field.selectionStart && field.selectionStart < one.index + one[0].length);
    if (found) field.setSelectionRange(found.index, found.index + found[0].length);
  });
  count();

  // ---- how easy a text is to read ----

  const timers = {};

  function read(field) {
    const [lang, part] = field.name.split(".");
    const box = form.querySelector(`[data-readable="${CSS.escape(lang)}"]`);
    if (part !== "body" || !box) return;
    clearTimeout(timers[lang]);
    timers[lang] = setTimeout(async () => {
      const data = new FormData();
      for (const [name, value] of [["csrf_token", form.elements.csrf_token.value], ["lang", lang], ["text", field.value]]) data.append(name, value);
      try {
        const answer = await fetch(given.readability, { method: "POST", body: data, redirect: "manual" });
        if (answer.ok) show(box, await answer.json());
      } catch { /* a hint less */ }
    }, 1200);
  }

  function show(box, found) {
    const open = box.querySelector("details")?.open;
    box.replaceChildren();
    if (!found.level && !found.hints.length) return;
    const details = Object.assign(document.createElement("details"), { className: "kern-accordion", open });
    const summary = Object.assign(document.createElement("summary"), { className: "kern-accordion__header" });
    summary.append(Object.assign(document.createElement("span"), { className: "kern-title kern-title--small", textContent: found.level || found.hints[0] }));
    const list = document.createElement("ul");
    list.append(...found.hints.map((hint) => Object.assign(document.createElement("li"), { textContent: hint })));
    details.append(summary, list);
    box.append(details);
  }
}
