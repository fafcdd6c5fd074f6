// The map beside a list: draws the notices' shapes; the ground, if any, is the operator's own file. Asks nobody else.

const box = document.querySelector("[data-map]");
if (box && window.L) start(box, window.L);

async function start(box, L) {
  const given = box.dataset;
  const answer = await fetch(given.shapes);
  if (!answer.ok) return;
  const shapes = await answer.json();
  box.hidden = false;
  const map = L.map(box, { zoomControl: false, renderer: L.svg({ padding: 0 }), maxZoom: given.tiles ? 18 : 16 });
  map.attributionControl.setPrefix(false);
  L.control.zoom({
    zoomInText: given.closer, zoomInTitle: given.closer, zoomOutText: given.farther, zoomOutTitle: given.farther,
  }).addTo(map);
  const drawn = L.geoJSON(shapes, {
    pointToLayer: (_feature, at) => L.circleMarker(at, { radius: 9 }),
    style: look,
    onEachFeature: (feature, layer) => {
      layer.bindPopup(() => words(feature.properties), { closeButton: false });
      layer.bindTooltip(text(feature.properties.title));
      layer.on("keypress", (event) => press(layer, event.originalEvent));
    },
  });
  const spot = given.centre.split(",").map(Number);
  const around = drawn.getBounds();
  if (given.centre) around.extend(spot);
  if (shapes.features.length) map.fitBounds(around.pad(0.2), { maxZoom: 15, animate: false });
  else map.setView(given.centre ? spot : [51.2, 10.4], given.centre ? 12 : 6);
  if (given.tiles && window.protomapsL) ground(map, given);
  drawn.addTo(map);
  drawn.eachLayer((layer) => reach(layer, layer.feature.properties.title));
  drawn.eachLayer((layer) => { if (/Polygon|Collection/.test(layer.feature.geometry.type)) layer.bringToBack?.(); });
  if (given.centre) town(map, L, given, spot);
  locating(map, L, given);
}

function ground(map, given) {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const layer = window.protomapsL.leafletLayer({
    url: given.tiles, flavor: dark ? "dark" : "light", lang: document.documentElement.lang.split("-")[0], attribution: given.credit,
  });
  layer.addTo(map);
}

function town(map, L, given, spot) {
  L.circleMarker(spot, { radius: 4, color: ink(), fillOpacity: 1, interactive: false }).addTo(map)
    .bindTooltip(text(given.town), { permanent: !given.tiles, direction: "right", className: "town-name" });
}

function ink() {
  return getComputedStyle(document.body).color;
}

function look(feature) {
  const bad = ["severe", "extreme"].includes(feature.properties.severity);
  const style = getComputedStyle(document.documentElement);
  const colour = style.getPropertyValue(bad ? "--bad" : "--accent").trim() || ink();
  return { color: colour, weight: 4, fillOpacity: 0.2, dashArray: feature.properties.state ? "6 8" : null };
}

// Leaflet's shapes can be focused in some browsers only and have no name.
function reach(layer, title) {
  if (layer.eachLayer) return layer.eachLayer((one) => reach(one, title));
  const shape = layer.getElement();
  for (const [name, value] of [["role", "button"], ["tabindex", "0"], ["aria-label", title]]) shape.setAttribute(name, value);
  return layer;
}

// Leaflet opens on Enter; a button answers to the space bar, too, and the next stop is what it opened.
function press(layer, key) {
  if (key.key !== " " && key.key !== "Enter") return;
  key.preventDefault();
  layer.openPopup();
  layer.getPopup().getElement()?.querySelector("a")?.focus({ preventScroll: true });
}

// Text only: a title is what a stranger wrote, and Leaflet takes a string for HTML.
function text(said) {
  const one = document.createElement("span");
  one.textContent = said;
  return one;
}

function words(given) {
  const link = document.createElement("a");
  link.href = new URL(given.url).pathname;
  link.textContent = given.title;
  const said = document.createElement("p");
  said.append(link, given.state ? ` (${given.state})` : "");
  return said;
}

function locating(map, L, given) {
  const button = document.querySelector("[data-locate]");
  const said = document.querySelector("[data-locate-said]");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  let mine = null;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const at = [coords.latitude, coords.longitude];
        mine?.remove();
        mine = L.circleMarker(at, { radius: 8, color: ink(), weight: 3, fillOpacity: 0.6 }).addTo(map);
        map.setView(at, Math.max(map.getZoom(), 14), { animate: false });
        said.textContent = given.kept;
      },
      () => { said.textContent = given.refused; },
      { maximumAge: 60000, timeout: 15000 },
    );
  });
}
