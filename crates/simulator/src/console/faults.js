// What goes wrong on bad days, on order.
import { h } from "./dom.js";
import { get, post, remove } from "./api.js";
import { empty, field, head, number, section, select, table, tell } from "./parts.js";

const KINDS = [
  ["too_many_requests", "429 Too many requests", "retry_after", "Retry after (seconds)", 300],
  ["metadata_busy", "500 Metadata is being generated: passes"],
  ["server_failure", "500 Server failure: does not pass"],
  ["maintenance", "503 Maintenance page"],
  ["gateway_timeout", "504 Gateway time-out"],
  ["drop", "Connection closed without an answer"],
  ["drop_after", "Connection closed in the middle", "bytes", "After so many bytes", 1000],
  ["token_expired", "Access token expired"],
  ["csrf_refused", "Session over: CSRF token refused"],
  ["skip_token_expired", "Place of the walk lost"],
  ["slow", "Slow answer", "millis", "Milliseconds", 500],
];
const WHEN = [["next", "the next"], ["every", "every so many"], ["nth", "only the one with number"], ["always", "all of them"]];

const nameOf = (kind) => (typeof kind === "string" ? kind : Object.keys(kind)[0]);

function kindText(kind) {
  const known = KINDS.find(([name]) => name === nameOf(kind));
  const given = typeof kind === "object" ? Object.values(Object.values(kind)[0])[0] : null;
  return known ? `${known[1]}${given === null || given === undefined ? "" : ` (${number(given)})`}` : nameOf(kind);
}

function whenText(when) {
  if (when === "always") return "always";
  const [name, count] = Object.entries(when)[0];
  if (name === "next") return count === 1 ? "the next one" : `the next ${number(count)}`;
  return name === "every" ? `one in ${number(count)}` : `only number ${number(count)}`;
}

export async function faults({ again }) {
  const armed = (await get("faults")).faults;
  const kind = select(KINDS.map(([name, text]) => [name, text]));
  const given = h("input", { type: "number", min: 0, inputmode: "numeric" });
  const givenField = field("", given);
  const when = select(WHEN);
  const count = h("input", { type: "number", min: 1, value: 1, inputmode: "numeric" });
  const countField = field("How many", count);
  const path = h("input", { type: "text", placeholder: "/PerPerson", autocomplete: "off", spellcheck: "false" });
  const fit = () => {
    const known = KINDS.find(([name]) => name === kind.value);
    givenField.hidden = !known[2];
    givenField.querySelector("label").textContent = known[3] ?? "";
    given.value = known[4] ?? "";
    countField.hidden = when.value === "always";
    countField.querySelector("label").textContent = when.value === "next" ? "How many" : "Number";
  };
  kind.addEventListener("change", fit);
  when.addEventListener("change", fit);
  fit();
  const wrong = h("p", { class: "wrong", role: "alert" });
  const done = async (work, said) => {
    wrong.textContent = "";
    try {
      await work();
      tell(said);
      await again();
    } catch (error) {
      wrong.textContent = error.message;
    }
  };
  const form = h("form", { class: "form wide", onsubmit: (event) => {
    event.preventDefault();
    const known = KINDS.find(([name]) => name === kind.value);
    const fault = {
      kind: known[2] ? { [kind.value]: { [known[2]]: Number(given.value) } } : kind.value,
      when: when.value === "always" ? "always" : { [when.value]: Number(count.value) },
      path: path.value.trim(),
    };
    done(() => post("faults", fault), "The fault is armed.");
  } },
    h("div", { class: "pair" }, field("What happens", kind), givenField, field("To which requests", when), countField,
      field("Whose path or query contains", path, "Empty means every request of a client.")),
    wrong, h("div", { class: "actions" }, h("button", { class: "primary" }, "Arm")));
  const columns = [
    ["What happens", (one) => kindText(one.fault.kind)],
    ["To which", (one) => whenText(one.fault.when)],
    ["Where", (one) => (one.fault.path ? h("code", {}, one.fault.path) : "everywhere")],
    ["Met so far", (one) => number(one.met), "figure"],
    ["", (one) => h("button", { type: "button", class: "small", "aria-label": `Disarm: ${kindText(one.fault.kind)}`, onclick: () => done(() => remove(`faults/${one.number}`), "Disarmed.") }, "Disarm"), "end"],
  ];
  return { content: [
    head("Faults", "What a tenant, its gateway or the network does on bad days. Faults count requests; they do not roll dice.",
      armed.length ? h("button", { type: "button", onclick: () => done(() => remove("faults"), "All faults are disarmed.") }, "Disarm all") : null),
    section("Armed", armed.length ? table("Armed faults", columns, armed) : empty("No fault is armed.", "Every request is answered as it should be.")),
    section("Arm a fault", form),
  ] };
}
