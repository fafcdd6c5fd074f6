/* Makes a field for a place a combobox (ARIA 1.2, list autocomplete with manual selection). Without it the form searches.
 *
 * <form data-finder data-finder-url="/find.json" data-finder-in="municipality or empty"
 *       data-finder-some="{count} places, use the arrow keys" data-finder-none="nothing found"> … <input type="text"> …
 * Inside another form an <input type="hidden" data-pick data-pick-name="pick" data-pick-do="take:"> takes the choice;
 * otherwise the choice's page is opened.
 */

const PAUSE = 180; // milliseconds after the last key

let count = 0;

function element(name, attributes) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export function enhance(box) {
  const input = box.querySelector('input[type="text"]');
  const id = `places-${count += 1}`;
  const list = element("ul", { id, role: "listbox", class: "options", "aria-label": input.labels[0].textContent });
  const status = element("p", { role: "status", class: "hidden" });
  list.hidden = true;
  input.after(list, status);
  for (const [key, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocomplete: "off",
  })) input.setAttribute(key, value);
  let hits = [];
  let active = -1;
  let asked = 0;
  let timer = 0;

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    active = index;
    [...list.children].forEach((one, at) => one.setAttribute("aria-selected", String(at === index)));
    if (index < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[index].id);
    return list.children[index].scrollIntoView({ block: "nearest" });
  }

  function choose(hit) {
    const pick = box.querySelector("[data-pick]");
    close();
    input.value = hit.title;
    if (!pick) return window.location.assign(hit.url);
    pick.name = pick.dataset.pickName;
    pick.value = hit.pick;
    const button = box.querySelector('button[name="do"]');
    button.value = pick.dataset.pickDo;
    return pick.form.requestSubmit(button);
  }

  function show(found) {
    hits = found;
    list.replaceChildren(...found.map((hit, at) => {
      const option = element("li", { id: `${id}-${at}`, role: "option", "aria-selected": "false" });
      const about = element("span", { class: "meta" });
      about.textContent = hit.about;
      option.append(hit.title, " ", about);
      option.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
      option.addEventListener("click", () => choose(hit));
      return option;
    }));
    mark(-1);
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    status.textContent = found.length
      ? box.dataset.finderSome.replace("{count}", found.length)
      : box.dataset.finderNone;
  }

  async function ask() {
    const text = input.value.trim();
    const mine = asked += 1;
    if (text.length < 2) {
      status.textContent = "";
      return close();
    }
    const query = new URLSearchParams({ q: text, in: box.dataset.finderIn || "" });
    try {
      const answer = await fetch(`${box.dataset.finderUrl}?${query}`, { credentials: "same-origin" });
      if (answer.ok && mine === asked) show((await answer.json()).hits);
    } catch { /* the button searches, too */ }
    return undefined;
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!hits.length) return;
      if (!open) {
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      const ring = hits.length + 1; // the field itself lies between the last and the first
      mark(((active + 1 + step + ring) % ring) - 1);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && box.querySelector("[data-pick]")) {
      event.preventDefault(); // in a larger form Enter must not send that form
      if (open && active >= 0) choose(hits[active]);
      else box.querySelector('button[name="do"]').click();
    } else if (event.key === "Enter" && open && active >= 0) {
      event.preventDefault();
      choose(hits[active]);
    }
  });
}

if (typeof document !== "undefined") document.querySelectorAll("[data-finder]").forEach(enhance);
