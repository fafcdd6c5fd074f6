// Makes hub/web/static/kern.css and kern-rtl.css from the npm package @kern-ux/native (EUPL-1.2). `make kern` calls it.
//
// What is taken away or changed, and why:
//   rules and custom properties that no template, script or sheet of ours names (340 KB become about 60);
//   oklch() literals become #rrggbb, because browsers before 2023 know no oklch and would show black on black;
//   the fonts: the reader's own system font is lighter, and knows Arabic and Cyrillic too;
//   comments, apart from the notice of origin.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PurgeCSS } from "purgecss";
import rtlcss from "rtlcss";

const here = import.meta.dirname, root = join(here, "../..");
const made = JSON.parse(readFileSync(join(here, "node_modules/@kern-ux/native/package.json")));
const source = readFileSync(join(here, "node_modules/@kern-ux/native/dist/kern.min.css"), "utf8");
const under = (folder, ending) => readdirSync(join(root, folder), { recursive: true })
  .filter((name) => name.endsWith(ending)).map((name) => readFileSync(join(root, folder, name), "utf8"));
const sheets = readFileSync(join(root, "hub/web/static/site.css"), "utf8");

// Variants that macros put together from a word.
const KINDS = ["info", "success", "warning", "danger"];
const ICONS = [
  "add", "arrow-back", "arrow-forward", "autorenew", "calendar-today", "check", "checklist", "close", "content-copy",
  "danger", "default", "delete", "download", "easy-language", "edit", "help", "home", "info", "language", "large", "mail",
  "open-in-new", "search", "sign-language", "small", "success", "visibility", "warning",
];
const built = [
  ...KINDS.flatMap((kind) => [`kern-alert--${kind}`, `kern-badge--${kind}`]),
  ...["primary", "secondary", "tertiary"].map((kind) => `kern-btn--${kind}`),
  ...ICONS.map((name) => `kern-icon--${name}`),
];

function hex(lightness, chroma, hue) {
  const L = lightness / 100, a = chroma * Math.cos(hue * Math.PI / 180), b = chroma * Math.sin(hue * Math.PI / 180);
  const [l, m, s] = [
    L + 0.3963377774 * a + 0.2158037573 * b, L - 0.1055613458 * a - 0.0638541728 * b, L - 0.0894841775 * a - 1.291485548 * b,
  ].map((one) => one ** 3);
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return "#" + linear.map((one) => Math.min(1, Math.max(0, one)))
    .map((one) => one <= 0.0031308 ? 12.92 * one : 1.055 * one ** (1 / 2.4) - 0.055)
    .map((one) => Math.round(one * 255).toString(16).padStart(2, "0")).join("");
}

const plain = source
  .replace(/oklch\(\s*([\d.]+)%\s+([\d.]+)\s+([\d.]+)(?:deg)?\s*\)/g, (_, l, c, h) => hex(+l, +c, +h))
  .replace(/:is\(body,[^{]*\{/g, "body{") // themes follow the reader's system only; PurgeCSS would drop the whole list
  // Paper is light, whatever the screen was.
  .replace(/@media\s*\(prefers-color-scheme:\s*dark\)/g, "@media screen and (prefers-color-scheme:dark)")
  .replace(/@media\s*\(prefers-color-scheme:\s*light\)/g, "@media print,(prefers-color-scheme:light)")
  .replace(/@font-face\{[^}]*\}/g, "").replace(/^@charset "UTF-8";/, "");
const [{ css }] = await new PurgeCSS().purge({
  css: [{ raw: plain }],
  content: [...under("templates", ".html"), ...under("hub/web/static", ".js")].map((raw) => ({ raw, extension: "html" })),
  defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
  safelist: built,
});

// PurgeCSS's own way with custom properties loses those that others are made of.
function used(text) {
  const names = new Set(((text + sheets).match(/var\(\s*--[\w-]+/g) ?? []).map((one) => one.replace(/var\(\s*/, "")));
  const rest = text.replace(/(--kern-[\w-]+):[^;{}]*(;|(?=\}))/g, (whole, name) => names.has(name) ? whole : "");
  return rest === text ? rest : used(rest);
}
const notice = `/* KERN UX ${made.version} (@kern-ux/native), by Dataport and the KERN team, https://kern-ux.de, EUPL-1.2.
   Changed by requirements/kern/vendor.mjs: purged, colours as sRGB, no fonts. Do not edit; run \`make kern\`. */\n`;
const bare = used(css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\s*\n\s*/g, "")).replace(/[^{}]+\{\}/g, "");
// A tick is a tick from either side.
const ticks = bare.replace(/(^|\})(?=[^{}]*__checkbox[^{}]*::?before)/g, "$1/*rtl:ignore*/");
for (const [name, text] of [["kern.css", bare], ["kern-rtl.css", rtlcss.process(ticks)]]) {
  // One rule a line, so that a difference between two versions can be read.
  writeFileSync(join(root, "hub/web/static", name), notice + text.replace(/\}(?!\})/g, "}\n"));
}
