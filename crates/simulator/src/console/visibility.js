// What the API user may see.
import { h } from "./dom.js";
import { get, post } from "./api.js";
import { field, head, section, select, tell } from "./parts.js";

const LISTS = [
  ["hidden_sets", "Entity sets that are not there", "PerEmail"],
  ["empty_sets", "Entity sets without a visible row", "EmpJob"],
  ["read_only_sets", "Entity sets that cannot be written", "User"],
  ["hidden_fields", "Fields that are not there", "PerEmail/emailAddress"],
  ["read_only_fields", "Fields that cannot be written", "User/custom01"],
  ["no_group_types", "Types of groups that are refused", "permission"],
];
const PEOPLE = [
  ["nobody", "nobody"], ["percent", "so many of a hundred"], ["departments", "whoever works in departments"],
  ["companies", "whoever works in companies"], ["locations", "whoever works at locations"],
  ["outside", "everybody outside companies, departments or locations"], ["outside_groups", "everybody outside groups"],
];

const words = (text) => text.split(/[\n,]/).map((word) => word.trim()).filter(Boolean);
const area = (value, rows, placeholder) => {
  const control = h("textarea", { rows, placeholder, spellcheck: "false", autocomplete: "off" });
  control.value = value;
  return control;
};

export async function visibility({ again }) {
  const is = await get("visibility");
  const people = is.hidden_people;
  const kind = select(PEOPLE, typeof people === "string" ? people : Object.keys(people)[0]);
  const of = typeof people === "string" ? "" : [Object.values(people)[0]].flat().join(", ");
  const which = h("input", { type: "text", value: of, autocomplete: "off" });
  const whichField = field("Which", which, "A number, codes or names, separated by commas.");
  const fit = () => { whichField.hidden = kind.value === "nobody"; };
  kind.addEventListener("change", fit);
  fit();
  const noApi = h("input", { type: "checkbox" });
  noApi.checked = is.no_api;
  const lists = Object.fromEntries(LISTS.map(([name, , hint]) => [name, area((is[name] ?? []).join("\n"), 2, hint)]));
  const advanced = area(JSON.stringify({ hidden_rows: is.hidden_rows, hidden_values: is.hidden_values }, null, 2), 6);
  const later = h("input", { type: "number", min: 0, value: 0, inputmode: "numeric" });
  const wrong = h("p", { class: "wrong", role: "alert" });
  const send = async (rules, said) => {
    wrong.textContent = "";
    try {
      await post("visibility", rules);
      tell(said);
      await again();
    } catch (error) {
      wrong.textContent = error.message;
    }
  };
  const form = h("form", { class: "form wide", onsubmit: (event) => {
    event.preventDefault();
    let more;
    try {
      more = JSON.parse(advanced.value || "{}");
    } catch {
      wrong.textContent = "The rules by person are no JSON.";
      return;
    }
    const hidden = kind.value === "nobody" ? "nobody"
      : { [kind.value]: kind.value === "percent" ? Number(which.value) : words(which.value) };
    const rules = { no_api: noApi.checked, hidden_people: hidden, after_pages: Number(later.value), ...more };
    for (const [name, control] of Object.entries(lists)) rules[name] = words(control.value);
    send(rules, Number(later.value) ? `It changes after ${later.value} more pages.` : "From now on the API user sees this.");
  } },
    section("Calls", field("The API user may not call OData at all", noApi)),
    section("People", h("div", { class: "pair" }, field("No row is visible of", kind), whichField)),
    section("Entity sets and fields", h("div", { class: "pair" }, LISTS.map(([name, text]) => field(text, lists[name]))),
      h("p", { class: "hint" }, "One name a line. Fields are written Entity/field.")),
    section("By person", field("Rows and values that are hidden of some people", advanced, "As in the control API: who is hidden, by entity set or by field.")),
    section("When", field("After so many more pages", later, "0 means at once. Otherwise it changes in the middle of a walk.")),
    wrong,
    h("div", { class: "actions" }, h("button", { class: "primary" }, "Apply"),
      h("button", { type: "button", onclick: () => send({}, "Everything is visible.") }, "Make everything visible")));
  return { content: [head("Visibility", "What the API user's role allows. A changed role is how people silently disappear from a sync."), form] };
}
