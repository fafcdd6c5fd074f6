/* Counts again while somebody chooses, and shows a level as a slider. Everything works without this script, too. */

const PAUSE = 350; // milliseconds after the last change
const PRIVATE = new Set(["email", "website"]); // what the forecast need not know is not sent

function fields(form) {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (!PRIVATE.has(name) && value !== "") data.append(name, value);
  return data;
}

function slide(box) {
  const select = box.querySelector("select");
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: 0, max: select.options.length - 1, step: 1, value: select.selectedIndex });
  range.setAttribute("aria-label", select.labels[0].textContent);
  const tell = () => range.setAttribute("aria-valuetext", select.options[select.selectedIndex].textContent);
  range.addEventListener("input", () => {
    select.selectedIndex = Number(range.value);
    tell();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  select.addEventListener("change", () => {
    range.value = select.selectedIndex;
    tell();
  });
  tell();
  (select.closest(".kern-form-input__select-wrapper") ?? select).after(range);
}

function show(form, found) {
  for (const place of form.querySelectorAll("[data-figure]")) {
    place.textContent = found.topics[place.dataset.figure] ?? place.textContent;
  }
  for (const select of form.querySelectorAll("[data-slider] select")) {
    const told = found.levels[select.name.replace(/\.severity$/, "")] ?? {};
    for (const option of select.options) {
      const [name] = option.textContent.split(" – ");
      option.textContent = told[option.value] ? `${name} – ${told[option.value]}` : name;
    }
  }
  const list = form.querySelector("[data-total] ul");
  list.replaceChildren(...found.total.map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  }));
}

export function start(form) {
  const total = form.querySelector("[data-total]");
  let timer = 0;
  let asked = 0;
  form.querySelectorAll("[data-slider]").forEach(slide);
  form.querySelector("[data-recount]").hidden = true;

  async function count() {
    const mine = asked += 1;
    try {
      const answer = await fetch(total.dataset.forecast, { method: "POST", credentials: "same-origin", body: fields(form) });
      if (answer.ok && mine === asked) show(form, await answer.json());
    } catch {
      form.querySelector("[data-recount]").hidden = false;
    }
  }

  const mail = form.querySelector("[data-mail]");
  const needed = () => { mail.hidden = ![...form.querySelectorAll('select[name$=".mail"]')].some(
    (one) => one.value && form.elements[one.name.replace(/\.mail$/, "")]?.checked); };
  form.addEventListener("change", () => {
    if (mail) needed();
    clearTimeout(timer);
    timer = setTimeout(count, PAUSE);
  });
  if (mail && !mail.querySelector("[aria-invalid]")) needed();
}

if (typeof document !== "undefined") document.querySelectorAll("[data-start]").forEach(start);
