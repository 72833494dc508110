// Everybody, a page at a time.
import { h } from "./dom.js";
import { get } from "./api.js";
import { STANDINGS, empty, field, head, number, pager, select, standing, table } from "./parts.js";
import { hire } from "./orders.js";

export function nameOf(one) {
  const name = one.name || "(no name)";
  return one.person_id
    ? h("a", { class: "name", href: `#/people/${encodeURIComponent(one.person_id)}`, dir: "auto" }, name)
    : h("span", { class: "name", dir: "auto" }, name);
}

/** A name and the id below it. */
export function who(one) {
  return h("span", { class: "who" }, nameOf(one), h("code", {}, one.person_id ?? one.user_id ?? ""));
}

export async function people({ options, again }) {
  const asked = { search: options.get("search") ?? "", standing: options.get("standing") ?? "", page: options.get("page") ?? "1" };
  const found = await get("people", asked);
  const to = (changes) => {
    const all = { ...asked, ...changes };
    const kept = Object.entries(all).filter(([key, value]) => value && !(key === "page" && String(value) === "1"));
    return `#/people${kept.length ? `?${new URLSearchParams(kept)}` : ""}`;
  };
  const search = h("input", { type: "search", value: asked.search, placeholder: "Name, id, user name or e-mail", autocomplete: "off" });
  const kind = select([["", "Everybody"], ...Object.entries(STANDINGS).map(([key, [text]]) => [key, text])], asked.standing);
  const go = () => { location.hash = to({ search: search.value.trim(), standing: kind.value, page: "1" }); };
  kind.addEventListener("change", go);
  const form = h("form", { class: "filters", role: "search", onsubmit: (event) => { event.preventDefault(); go(); } },
    field("Search", search), field("Standing", kind), h("button", {}, "Search"));
  const columns = [
    ["Name", who],
    ["Standing", (one) => standing(one.standing)],
    ["Title", (one) => one.title && h("span", { dir: "auto" }, one.title)],
    ["Department", (one) => one.department && h("span", { dir: "auto" }, one.department.name)],
    ["Location", (one) => one.location && h("span", { dir: "auto" }, one.location.name)],
    ["Manager", (one) => one.manager &&
      h("a", { href: `#/people/${encodeURIComponent(one.manager.user_id)}`, dir: "auto" }, one.manager.name)],
  ];
  const filtered = asked.search || asked.standing;
  const content = [
    head("People", `${number(found.total)} ${found.total === 1 ? "person" : "people"}${filtered ? " found" : " in the company, leavers included"}`,
      h("button", { type: "button", class: "primary", onclick: () => hire() }, "Hire somebody")),
    form,
    found.people.length
      ? table("People", columns, found.people)
      : empty("Nobody is found.", filtered ? "Try fewer letters, or everybody." : "This company has no people."),
    pager(found, (page) => to({ page }), "people"),
  ];
  void again;
  return { content };
}
