// Turns the pages of a notice board; what stood there stays when the connection is lost, and says since when.

const wait = Number(document.body.dataset.seconds || 15) * 1000;

async function turn() {
  const main = document.querySelector("main");
  try {
    const answer = await fetch(main.dataset.next, { credentials: "omit", signal: AbortSignal.timeout(wait) });
    if (!answer.ok) throw new Error("HTTP " + answer.status);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (!next) throw new Error("no page");
    main.replaceWith(document.adoptNode(next));
  } catch {
    main.querySelector("[data-lost]").hidden = false;
  }
}

setInterval(turn, wait);
