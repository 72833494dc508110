// Routes, navigation and the clock in the corner.
import { h, put } from "./dom.js";
import { get, post } from "./api.js";
import { failure, head, instant, tell } from "./parts.js";
import { people } from "./people.js";
import { person } from "./person.js";
import { group, groups } from "./groups.js";
import { clock } from "./clock.js";
import { visibility } from "./visibility.js";
import { faults } from "./faults.js";
import { requests } from "./requests.js";

const NAV = [
  ["people", "People", people, person],
  ["groups", "Groups", groups, group],
  ["clock", "Clock", clock],
  ["visibility", "Visibility", visibility],
  ["faults", "Faults", faults],
  ["requests", "Requests", requests],
];

/** Of a tenant that is replayed there is only what was captured. */
const REPLAYED = ["faults", "requests"];

let state = null;
let leave = null;
let turn = 0;

function shown() {
  return NAV.filter(([name]) => state?.replay ? REPLAYED.includes(name) : true);
}

function drawNav(current) {
  const items = shown().map(([name, title]) => {
    const count = name === "faults" && state?.faults ? h("span", { class: "count" }, String(state.faults)) : null;
    return h("li", {}, h("a", { href: `#/${name}`, "aria-current": name === current ? "page" : null }, title, count));
  });
  put(document.getElementById("nav"), items);
}

function drawNow() {
  const corner = document.getElementById("now");
  if (!state) return put(corner);
  document.getElementById("company").textContent = state.replay ? "replay of a capture" : `simulated tenant ${state.company_id}`;
  if (state.replay) return put(corner, h("span", { class: "muted" }, `captured ${instant(state.replay.began)}`));
  const said = instant(state.now).split(", ");
  const [date, time] = [said.slice(0, -1).join(", "), said.at(-1)];
  const next = h("button", { type: "button", class: "small", onclick: advance }, "Next day");
  put(corner, h("a", { href: "#/clock" }, h("time", { datetime: state.now }, h("span", {}, date), h("span", {}, time))), next);
}

async function advance() {
  try {
    state = await post("clock", { advance: "1d" });
    tell(`It is ${instant(state.now)} now.`);
    await show();
  } catch (error) {
    tell(error.message, true);
  }
}

async function look() {
  try {
    state = await get("state");
  } catch {
    state = null;
  }
  drawNow();
  drawNav(place().name);
}

/** An address that somebody typed may hold what is no encoded text: it is taken as it stands. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function place() {
  const [path, query] = (location.hash.replace(/^#\/?/, "") || "").split("?");
  const [name, ...rest] = path.split("/").map(decoded);
  return { name: name || (state?.replay ? "requests" : "people"), id: rest.join("/"), options: new URLSearchParams(query ?? "") };
}

/** Draws the view of the address; one that is drawn meanwhile wins. */
async function show(focus = false) {
  const mine = (turn += 1);
  leave?.();
  leave = null;
  const at = place();
  const known = shown().find(([name]) => name === at.name);
  drawNav(at.name);
  drawNow();
  const main = document.getElementById("main");
  const view = known && (at.id ? known[3] : known[2]);
  if (!view) {
    put(main, head("Nothing is here"), failure(new Error("There is nothing at this address.")));
    return;
  }
  main.setAttribute("aria-busy", "true");
  let made;
  try {
    made = await view({ id: at.id, options: at.options, again: () => look().then(() => show()), state });
  } catch (error) {
    made = { content: [head("That did not work"), failure(error, () => show())] };
  }
  if (mine !== turn) {
    made.leave?.();
    return;
  }
  leave = made.leave ?? null;
  put(main, made.content ?? made);
  main.removeAttribute("aria-busy");
  if (focus) {
    (main.querySelector("h1") ?? main).focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}

window.addEventListener("hashchange", () => show(true));
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main").focus();
});
setInterval(() => {
  if (!document.hidden) look();
}, 5000);
look().then(() => show());
