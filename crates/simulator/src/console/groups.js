// Groups, and who is in them today.
import { h } from "./dom.js";
import { get } from "./api.js";
import { badge, empty, field, head, number, pager, section, table } from "./parts.js";
import { who } from "./people.js";

const KINDS = { static: ["Static", "soft"], dynamic: ["Dynamic", "good"], everyone: ["Everyone", "off"] };

function membership(group) {
  const [text, kind] = KINDS[group.membership];
  return badge(text, kind);
}

export async function groups({ options }) {
  const asked = { search: options.get("search") ?? "", page: options.get("page") ?? "1" };
  const found = await get("groups", asked);
  const to = (changes) => `#/groups?${new URLSearchParams({ ...asked, ...changes })}`;
  const search = h("input", { type: "search", value: asked.search, autocomplete: "off" });
  const form = h("form", { class: "filters", role: "search", onsubmit: (event) => { event.preventDefault(); location.hash = to({ search: search.value.trim(), page: "1" }); } },
    field("Search", search), h("button", {}, "Search"));
  const columns = [
    ["Name", (group) => h("span", { class: "who" }, h("a", { class: "name", href: `#/groups/${group.id}`, dir: "auto" }, group.name), h("code", {}, String(group.id)))],
    ["Membership", membership],
    ["Type", (group) => group.type],
    ["Members", (group) => number(group.members), "figure"],
    ["Active", (group) => number(group.active), "figure"],
  ];
  return { content: [
    head("Groups", `${number(found.total)} groups. Dynamic ones are evaluated over the company as it is today.`),
    form,
    found.groups.length ? table("Groups", columns, found.groups) : empty("No group is found.", asked.search ? "Try fewer letters." : null),
    pager(found, (page) => to({ page }), "groups"),
  ] };
}

function pool(one, at) {
  return h("li", {}, h("span", { class: "muted" }, `Pool ${at + 1} `), h("code", {}, one.id),
    one.conditions.length
      ? h("ul", { class: "conditions" }, one.conditions.map((text) => h("li", { dir: "auto" }, text)))
      : h("p", {}, "Everybody: the pool has no condition."));
}

export async function group({ id, options }) {
  const page = options.get("page") ?? "1";
  const found = await get(`groups/${encodeURIComponent(id)}`, { page });
  const one = found.group;
  const top = head(one.name, `${number(one.members)} members today, ${number(one.active)} of them active`);
  top.querySelector("h1").setAttribute("dir", "auto");
  const pools = (title, all, none) => section(title, all.length ? h("ol", { class: "pools" }, all.map(pool)) : empty(none));
  const columns = [
    ["Name", who],
    ["User name", (user) => user.username],
    ["Title", (user) => user.title && h("span", { dir: "auto" }, user.title)],
    ["Department", (user) => user.department && h("span", { dir: "auto" }, user.department)],
    ["Log-in", (user) => (/^t$/i.test(user.status) ? badge("Active", "good") : badge("Inactive", "off"))],
  ];
  return { content: [
    h("p", { class: "back" }, h("a", { href: "#/groups" }, "Groups")),
    top,
    h("p", { class: "tags" }, membership(one), badge(one.type), h("code", {}, String(one.id)), one.of_the_system ? badge("of the system", "off") : null),
    one.membership === "dynamic" ? [
      pools("Who is in: meets all conditions of one of these pools", one.include, "No pool includes anybody."),
      one.exclude.length ? pools("Unless: meets all conditions of one of these", one.exclude, "") : null,
    ] : null,
    section("Members", found.members.length ? table("Members", columns, found.members) : empty("Nobody is in this group today."),
      pager(found, (to) => `#/groups/${encodeURIComponent(id)}?page=${to}`, "members")),
  ] };
}
