// What was asked and what was answered.
import { h, put } from "./dom.js";
import { get, post, remove } from "./api.js";
import { badge, empty, failure, field, head, number, section, select, tell } from "./parts.js";

const EVERY = 1500;
const MOST = 200;

function statusBadge(entry) {
  if (entry.status === 0) return badge("cut", "bad");
  return badge(String(entry.status), entry.status >= 500 ? "bad" : entry.status >= 400 ? "wait" : "good");
}

function millis(value) {
  return value < 10 ? `${value.toFixed(1)} ms` : `${number(Math.round(value))} ms`;
}

/** A body as text; JSON is laid out when all of it is there. */
function body(title, sample) {
  let text = sample.text;
  if (!sample.cut && sample.kind.includes("json")) {
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* shown as it came */ }
  }
  const size = `${number(sample.length)} bytes${sample.kind ? `, ${sample.kind}` : ""}`;
  return [
    h("h3", {}, title, " ", h("span", { class: "muted" }, sample.length ? size : "empty")),
    text ? h("pre", { tabindex: "0", "aria-label": title }, h("code", {}, text)) : sample.length ? h("p", { class: "muted" }, "The bytes are no text.") : null,
    sample.cut ? h("p", { class: "hint" }, `Only the first ${number(sample.text.length)} characters are kept.`) : null,
  ];
}

async function open(entry, into) {
  try {
    const whole = await get(`requests/log/${entry.number}`);
    put(into,
      whole.note ? h("p", { class: "note" }, whole.note) : null,
      whole.fault ? h("p", { class: "note" }, `A fault met it: ${whole.fault.replaceAll("_", " ")}.`) : null,
      whole.query.length ? [h("h3", {}, "Query"), h("dl", { class: "options" },
        whole.query.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", { dir: "auto" }, value))))] : null,
      whole.asked.length ? body("Request", whole.asked) : null,
      body("Answer", whole.answered));
  } catch (error) {
    put(into, failure(error));
  }
}

function line(entry) {
  const into = h("div", { class: "opened" }, h("p", { class: "muted" }, "Loading"));
  const query = entry.query.map(([name, value]) => `${name}=${value}`).join("&");
  const at = new Date(entry.at).toLocaleTimeString("en-GB", { timeZone: "UTC" });
  const details = h("details", { class: "request", "data-number": entry.number },
    h("summary", {},
      h("time", { class: "muted", datetime: entry.at }, at),
      statusBadge(entry),
      h("span", { class: "what" }, h("span", { class: "path", dir: "auto" }, h("b", {}, entry.method), " ", entry.path),
        query ? h("span", { class: "query", dir: "auto" }, `?${query}`) : null),
      h("span", { class: "side-facts" },
        entry.note ? badge("not captured", "wait") : null,
        entry.fault ? badge(entry.fault.replaceAll("_", " "), "wait") : null,
        entry.rows ? h("span", {}, `${number(entry.rows)} ${entry.rows === 1 ? "row" : "rows"}`) : null,
        h("span", {}, millis(entry.millis)),
        entry.user ? h("span", { class: "muted user" }, entry.user) : null)),
    into);
  details.addEventListener("toggle", () => { if (details.open) open(entry, into); });
  return details;
}

/** What a capture holds, and what was asked of it in vain. */
async function captured() {
  const told = await get("replay");
  const misses = told.misses.map((miss) => h("details", { class: "all" },
    h("summary", { dir: "auto" }, miss.request, miss.times > 1 ? ` (${number(miss.times)} times)` : ""),
    miss.nearest.length
      ? [h("p", { class: "hint" }, "Captured and most like it:"), h("ul", { class: "conditions plain" }, miss.nearest.map((line) => h("li", {}, h("code", {}, line))))]
      : h("p", { class: "hint" }, "Nothing like it was captured.")));
  return section("The capture",
    h("p", {}, `${number(told.captured)} requests are captured in `, h("code", {}, told.folder), "."),
    misses.length ? [h("h3", {}, `Asked, and not captured: ${number(misses.length)}`), misses] : h("p", { class: "muted" }, "Whatever was asked so far was captured."));
}

export async function requests({ options, state }) {
  let asked = { resource: options.get("resource") ?? "", status: options.get("status") ?? "" };
  const first = await get("requests/log", { ...asked, limit: MOST });
  let last = first.last;
  const list = h("div", { class: "requests", role: "log", "aria-live": "off", "aria-label": "Requests" });
  const none = empty("No request yet.", state ? `Point a client at ${state.base_url}, and its requests appear here.` : null);
  const nobody = empty("No request like that is kept.", "Try another filter.");
  const filtered = () => asked.resource || asked.status;
  const showEmpty = () => {
    if (!list.querySelector("details")) put(list, filtered() ? nobody : none);
  };
  add(first.entries);
  showEmpty();

  function add(entries) {
    if (entries.length) list.querySelector(".empty")?.remove();
    for (const entry of [...entries].reverse()) list.prepend(line(entry));
    for (const old of [...list.querySelectorAll("details")].slice(MOST)) old.remove();
  }

  const resource = h("input", { type: "search", value: asked.resource, placeholder: "PerPerson, upsert, a filter", autocomplete: "off", spellcheck: "false" });
  const status = select([["", "Every status"], ["failed", "Failed"], ["2xx", "2xx"], ["4xx", "4xx"], ["5xx", "5xx"], ["404", "404"], ["429", "429"]], asked.status);
  const live = h("input", { type: "checkbox" });
  live.checked = true;
  const totals = h("p", { class: "muted" });
  const count = async () => {
    const all = await get("requests");
    const of = (counts) => `${number(counts.requests)} requests, ${number(counts.rows)} rows, ${number(counts.failed)} failed`;
    const marked = all.since_mark.total.requests !== all.all.total.requests;
    totals.textContent = `Since the start: ${of(all.all.total)}.${marked ? ` Since the mark: ${of(all.since_mark.total)}.` : ""}`;
  };
  await count();
  const again = async () => {
    asked = { resource: resource.value.trim(), status: status.value };
    const found = await get("requests/log", { ...asked, limit: MOST });
    last = found.last;
    put(list);
    add(found.entries);
    showEmpty();
    const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value)).toString();
    history.replaceState(null, "", `#/requests${query ? `?${query}` : ""}`);
  };
  let busy = false;
  const timer = setInterval(async () => {
    if (!live.checked || document.hidden || busy) return;
    busy = true;
    try {
      const found = await get("requests/log", { ...asked, after: last, limit: MOST });
      if (found.last !== last) {
        last = found.last;
        add(found.entries);
        await count();
      }
    } catch { /* the corner tells that nobody answers */ } finally {
      busy = false;
    }
  }, EVERY);
  status.addEventListener("change", again);
  const button = (text, work, said) => h("button", { type: "button", onclick: async () => {
    try { await work(); await again(); await count(); tell(said); } catch (error) { tell(error.message, true); }
  } }, text);
  const form = h("form", { class: "filters", role: "search", onsubmit: (event) => { event.preventDefault(); again(); } },
    field("Resource or query", resource), field("Status", status), h("button", {}, "Filter"), field("Live", live));
  return {
    leave: () => clearInterval(timer),
    content: [
      head("Requests", `The last ${number(first.size)} are kept, of each body the first ${number(first.body_size / 1024)} KiB. Secrets are masked.`,
        button("Set a mark", () => post("requests/mark"), "Counted anew from here."),
        button("Forget them", () => remove("requests/log"), "The log is empty.")),
      state?.replay ? await captured() : null,
      totals, form, list,
    ],
  };
}
