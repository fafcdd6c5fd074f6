// Copy buttons, dialogs, forms without a network, and the summary of faults first. Everything works without this script too.

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const label = button.querySelector(".kern-label") ?? button;
  const text = label.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = text; }, 2000);
  });
}

for (const opener of document.querySelectorAll("[data-dialog]")) {
  const dialog = document.getElementById(opener.dataset.dialog);
  if (!dialog?.showModal) continue;
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
}

// A form that is sent without a network would end on the browser's own page, and what was typed with it.
document.addEventListener("submit", (event) => {
  if (navigator.onLine !== false || event.target.method === "dialog") return;
  event.preventDefault();
  const said = document.querySelector("[data-said]") ?? document.createElement("p");
  Object.assign(said, { className: "no-network", textContent: document.body.dataset.noNetwork });
  said.setAttribute("role", "alert");
  said.dataset.said = "";
  (event.submitter?.closest(".buttons") ?? event.target).after(said);
});

document.getElementById("faults")?.focus();
