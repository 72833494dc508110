// Pieces that the views share.
import { h, hidden, put } from "./dom.js";

let told;

/** Says in a corner that something was done, for a while, and to screen readers. */
export function tell(text, bad = false) {
  const corner = document.getElementById("told");
  put(corner, h("p", { class: bad ? "bad" : "" }, text));
  clearTimeout(told);
  told = setTimeout(() => put(corner), 6000);
}

export const number = (value) => Number(value).toLocaleString("en-GB");

export const STANDINGS = {
  active: ["Active", "good"],
  away: ["On leave", "wait"],
  future: ["Starts later", "soft"],
  left: ["Left", "off"],
  none: ["No employment", "off"],
};

export function badge(text, kind = "soft") {
  return h("span", { class: `badge ${kind}` }, text);
}

export function standing(name) {
  const [text, kind] = STANDINGS[name] ?? [name, "soft"];
  return badge(text, kind);
}

/** The head of a view: title, a line below it, what can be done. */
export function head(title, line, ...actions) {
  document.title = `${title} · Simulated tenant`;
  return h(
    "div",
    { class: "head" },
    h("div", {}, h("h1", { tabindex: "-1" }, title), line ? h("p", { class: "muted" }, line) : null),
    actions.length ? h("div", { class: "actions" }, actions) : null,
  );
}

export function section(title, ...content) {
  const id = `s-${Math.random().toString(36).slice(2)}`;
  return h("section", { class: "card", "aria-labelledby": id }, h("h2", { id }, title), content);
}

export function empty(text, hint) {
  return h("div", { class: "empty" }, h("p", {}, text), hint ? h("p", { class: "muted" }, hint) : null);
}

export function failure(error, again) {
  const message = error instanceof Error ? error.message : String(error);
  return h(
    "div",
    { class: "failure", role: "alert" },
    h("p", {}, message),
    again ? h("button", { type: "button", onclick: again }, "Try again") : null,
  );
}

/** A table. A column is [title, cell] where cell takes a row; on a narrow screen each row stands by itself. */
export function table(caption, columns, rows) {
  const names = columns.map(([title, , kind]) =>
    h("th", { role: "columnheader", scope: "col", class: kind }, title || hidden("Actions")));
  const body = rows.map((row) =>
    h("tr", { role: "row", class: row.in_force === false ? "past" : null },
      columns.map(([title, cell, kind]) =>
        h("td", { role: "cell", "data-label": title, class: kind }, cell(row) ?? h("span", { class: "muted" }, "–")))));
  return h("div", { class: "table" },
    h("table", { role: "table" },
      h("caption", { class: "hidden" }, caption),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, names)),
      h("tbody", { role: "rowgroup" }, body)));
}

/** Where in a list one is, and the way on. `to` gives the address of a page. */
export function pager({ total, page, size }, to, what) {
  const last = Math.max(1, Math.ceil(total / size));
  if (total === 0) return null;
  const first = (page - 1) * size + 1;
  const link = (text, at, there) =>
    there ? h("a", { class: "button", href: to(at) }, text) : h("span", { class: "button", "aria-disabled": "true" }, text);
  return h("nav", { class: "pager", "aria-label": "Pages" },
    h("p", { class: "muted" }, `${number(first)} to ${number(Math.min(total, page * size))} of ${number(total)} ${what}`),
    last > 1 ? h("div", { class: "actions" }, link("Previous", page - 1, page > 1), link("Next", page + 1, page < last)) : null);
}

let counted = 0;

/** A labelled control: input, select, textarea or checkbox. */
export function field(label, control, hint) {
  const id = `f${(counted += 1)}`;
  control.id = id;
  const about = hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  if (about) control.setAttribute("aria-describedby", about.id);
  if (control.type === "checkbox") return h("div", { class: "field check" }, control, h("label", { for: id }, label), about);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, about);
}

export function select(options, value, attributes = {}) {
  const control = h("select", attributes, options.map(([key, text]) => h("option", { value: key }, text)));
  control.value = value ?? options[0]?.[0];
  return control;
}

/** A form in a dialog. `send` does it and gives what to say; what fails is said in the dialog. */
export function dialog({ title, text, fields = [], does, danger, send }) {
  const wrong = h("p", { class: "wrong", role: "alert" });
  const go = h("button", { class: danger ? "danger" : "primary" }, does);
  const form = h("form", { class: "form", novalidate: true },
    h("h2", { id: "dialog-title" }, title),
    text ? h("p", { class: "muted" }, text) : null,
    fields, wrong,
    h("div", { class: "actions end" },
      h("button", { type: "button", onclick: () => box.close() }, "Cancel"), go));
  const box = h("dialog", { "aria-labelledby": "dialog-title" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    put(wrong);
    go.disabled = true;
    try {
      const said = await send();
      box.close();
      if (said) tell(said);
    } catch (error) {
      put(wrong, error.message);
    } finally {
      go.disabled = false;
    }
  });
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  form.querySelector("input, select, textarea")?.focus();
}

/** `2026-11-21T12:00:00Z` as people say it; the tenant's instants are shown in UTC. */
export function instant(text) {
  if (!text) return "";
  const options = { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC" };
  return `${new Date(text).toLocaleString("en-GB", options)} UTC`;
}

export function day(text) {
  if (!text) return "";
  const options = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  return new Date(`${text}T00:00:00Z`).toLocaleDateString("en-GB", options);
}
