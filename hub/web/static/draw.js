// Drawing on the map. The lines of text below it are what counts: this script writes them, and draws what is typed there.
// By keyboard: arrow keys move the map, Enter sets a corner in its middle; corners are buttons that arrow keys move.

const KINDS = {
  punkt: "point", point: "point", linie: "line", line: "line", "fläche": "area", flaeche: "area", gebiet: "area",
  area: "area", polygon: "area", kreis: "circle", circle: "circle",
};
const LEAST = { point: 1, line: 2, area: 3, circle: 1 };
const STEP = 8; // pixels that an arrow key moves a corner

export function parse(text) {
  return text.split("\n").filter((one) => one.trim()).map((raw) => {
    const [word, ...rest] = raw.trim().split(" ");
    const kind = KINDS[word.toLowerCase().replace(/:$/, "")];
    const parts = rest.join(" ").split(";").map((one) => one.trim()).filter(Boolean);
    const radius = kind === "circle" ? /^(\d+(?:[.,]\d+)?)\s*(k?m)$/.exec(parts.pop() ?? "") : null;
    const points = parts.map((one) => /^(-?\d{1,3}(?:[.,]\d+)?)\s*[,\s]\s*(-?\d{1,3}(?:[.,]\d+)?)$/.exec(one));
    if (!kind || points.includes(null) || points.length < LEAST[kind] || (kind === "circle" && !radius)) return { raw };
    return {
      kind, word, points: points.map((one) => [number(one[1]), number(one[2])]),
      radius: radius ? number(radius[1]) * (radius[2] === "km" ? 1000 : 1) : 0,
    };
  });
}

function number(text) {
  return Number(text.replace(",", "."));
}

export function write(shapes) {
  return shapes.map((one) => {
    if (one.raw !== undefined) return one.raw;
    const points = one.points.map(([lat, lon]) => `${lat.toFixed(5)}, ${lon.toFixed(5)}`).join("; ");
    return `${one.word} ${points}${one.kind === "circle" ? `; ${Math.round(one.radius)} m` : ""}`;
  }).join("\n");
}

function start(box, L) {
  const given = box.dataset;
  const canvas = box.querySelector("[data-canvas]");
  const text = document.getElementById("drawn");
  const said = box.querySelector("[data-said]");
  const finish = box.querySelector("[data-finish]");
  const undo = box.querySelector("[data-undo]");
  const list = document.createElement("ul");
  given.begun = "1";
  box.hidden = false;
  canvas.after(list);
  const map = L.map(canvas, { zoomControl: false, renderer: L.svg({ padding: 0 }), maxZoom: 18 });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInText: given.closer, zoomInTitle: given.closer, zoomOutText: given.farther, zoomOutTitle: given.farther }).addTo(map);
  const spot = given.centre ? given.centre.split(",").map(Number) : null;
  map.setView(spot ?? [51.2, 10.4], spot ? 13 : 6);
  if (given.tiles && window.protomapsL) {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    window.protomapsL.leafletLayer({ url: given.tiles, flavor: dark ? "dark" : "light", lang: document.documentElement.lang.split("-")[0], attribution: given.credit }).addTo(map);
  }
  if (spot) {
    const dot = L.circleMarker(spot, { radius: 4, color: getComputedStyle(document.body).color, fillOpacity: 1, interactive: false }).addTo(map);
    dot.bindTooltip(Object.assign(document.createElement("span"), { textContent: given.town }), { permanent: !given.tiles, direction: "right", className: "town-name" });
  }
  const layer = L.layerGroup().addTo(map);
  let shapes = parse(text.value);
  let open = null; // the shape that is being drawn

  function changed() {
    text.value = write(shapes.filter((one) => one.raw !== undefined || one.points.length >= LEAST[one.kind]));
    text.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  }

  function draw() {
    const focused = document.activeElement?.dataset?.corner;
    layer.clearLayers();
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--accent").trim();
    const style = { color: colour, weight: 4, fillOpacity: 0.2, interactive: false };
    shapes.forEach((one, at) => {
      if (one.raw !== undefined || !one.points.length) return;
      if (one.kind === "line") L.polyline(one.points, style).addTo(layer);
      if (one.kind === "area") L.polygon(one.points, style).addTo(layer);
      if (one.kind === "circle") L.circle(one.points[0], { ...style, radius: one.radius }).addTo(layer);
      one.points.forEach((point, corner) => handle(one, at, corner, point));
      if (one.kind === "circle") handle(one, at, "edge", edge(one));
    });
    listed();
    if (focused) canvas.querySelector(`[data-corner="${focused}"]`)?.focus({ preventScroll: true });
  }

  function edge(one) {
    const [lat, lon] = one.points[0];
    return [lat, lon + one.radius / (111195 * Math.max(0.01, Math.cos((lat * Math.PI) / 180)))];
  }

  function handle(one, at, corner, point) {
    const marker = L.marker(point, { draggable: true, keyboard: true, icon: L.divIcon({ className: "corner", iconSize: [28, 28] }) }).addTo(layer);
    const node = marker.getElement();
    const names = { edge: given.edge, 0: one.kind === "circle" ? given.middle : null };
    node.dataset.corner = `${at}-${corner}`;
    node.setAttribute("role", "button");
    node.setAttribute("aria-label", `${one.word}: ${names[corner] ?? given.corner.replace("{number}", corner + 1)}`);
    marker.on("dragend", () => moved(one, corner, marker.getLatLng()));
    node.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
      if (way) moved(one, corner, map.containerPointToLatLng(map.latLngToContainerPoint(marker.getLatLng()).add(way)));
      else if (event.key === "Delete" || event.key === "Backspace") gone(one, corner);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  function moved(one, corner, to) {
    if (corner === "edge") one.radius = Math.min(15000, Math.max(5, map.distance(one.points[0], to)));
    else one.points[corner] = [to.lat, to.lng];
    changed();
  }

  function gone(one, corner) {
    if (corner !== "edge") one.points.splice(corner, 1);
    if (corner === "edge" || one.points.length < LEAST[one.kind]) shapes = shapes.filter((other) => other !== one);
    if (one === open && !shapes.includes(one)) ended();
    changed();
    canvas.focus({ preventScroll: true });
  }

  function listed() {
    list.replaceChildren(...shapes.filter((one) => one !== open && one.raw === undefined).map((one) => {
      const item = document.createElement("li");
      const label = given.shape.replace("{kind}", one.word).replace("{line}", shapes.indexOf(one) + 1);
      const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet small", textContent: given.remove });
      button.setAttribute("aria-label", `${given.remove}: ${label}`);
      button.addEventListener("click", () => {
        shapes = shapes.filter((other) => other !== one);
        changed();
        canvas.focus({ preventScroll: true });
      });
      item.append(label, " ", button);
      return item;
    }));
  }

  function set(at) {
    if (!open) return;
    if (open.kind === "circle" && open.points.length) {
      open.radius = Math.min(15000, Math.max(5, map.distance(open.points[0], at)));
      ended();
    } else {
      open.points.push([at.lat, at.lng]);
      if (open.kind === "circle") open.radius = 200;
      if (open.kind === "point") ended();
    }
    changed();
    tell();
  }

  function ended() {
    if (open && open.points.length < LEAST[open.kind]) shapes = shapes.filter((one) => one !== open);
    open = null;
    for (const button of box.querySelectorAll("[data-kind]")) button.setAttribute("aria-pressed", "false");
    tell();
  }

  function tell() {
    said.textContent = said.dataset[open?.kind ?? "none"];
    finish.hidden = !open || !["line", "area"].includes(open.kind) || open.points.length < LEAST[open.kind];
    undo.hidden = !open?.points.length;
    canvas.classList.toggle("aiming", Boolean(open));
  }

  for (const button of box.querySelectorAll("[data-kind]")) {
    button.addEventListener("click", () => {
      const again = open?.kind === button.dataset.kind;
      ended();
      if (!again) {
        open = { kind: button.dataset.kind, word: button.dataset.word, points: [], radius: 0 };
        shapes.push(open);
        button.setAttribute("aria-pressed", "true");
        canvas.focus({ preventScroll: true });
      }
      changed();
      tell();
    });
  }
  finish.addEventListener("click", () => { ended(); changed(); canvas.focus({ preventScroll: true }); });
  undo.addEventListener("click", () => { open?.points.pop(); changed(); tell(); canvas.focus({ preventScroll: true }); });
  map.on("click", (event) => set(event.latlng));
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== canvas) return;
    event.preventDefault(); // Enter in a field would send the form
    set(map.getCenter());
  });
  text.addEventListener("input", (event) => {
    if (!event.isTrusted) return;
    open = null;
    shapes = parse(text.value);
    draw();
    tell();
  });
  draw();
  tell();
  const all = shapes.filter((one) => one.raw === undefined).flatMap((one) => [...one.points, ...(one.kind === "circle" ? [edge(one)] : [])]);
  if (all.length) map.fitBounds(L.latLngBounds(all).pad(0.5), { maxZoom: 16, animate: false });
}

const box = document.querySelector("[data-draw]");
if (box && window.L) {
  const part = box.closest("details");
  const begin = () => { if (part.open && !box.dataset.begun) start(box, window.L); };
  part.addEventListener("toggle", begin);
  begin();
}
