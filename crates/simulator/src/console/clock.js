// The clock, and what else is turned by hand.
import { h } from "./dom.js";
import { get, post } from "./api.js";
import { dialog, field, head, instant, section, tell } from "./parts.js";

export async function clock({ again }) {
  const state = await get("state");
  const done = async (work, said) => {
    try {
      const result = await work();
      tell(typeof said === "function" ? said(result) : said);
      await again();
    } catch (error) {
      tell(error.message, true);
    }
  };
  const move = (advance) => done(() => post("clock", { advance }), (now) => `It is ${instant(now.now)} now.`);
  const span = h("input", { type: "text", placeholder: "2w, 36h, PT90M", autocomplete: "off" });
  const to = h("input", { type: "datetime-local", value: state.now.slice(0, 16) });
  const form = (text, control, hint, does, send) =>
    h("form", { class: "line", onsubmit: (event) => { event.preventDefault(); send(); } }, field(text, control, hint), h("button", {}, does));
  const button = (text, work, said) => h("button", { type: "button", onclick: () => done(work, said) }, text);
  const reset = () => dialog({
    title: "Start anew", text: "The company is made again from its seed, at its first instant. Every change is lost, and faults, visibility, tokens and the request log with them.",
    does: "Start anew", danger: true, send: async () => { await post("reset"); await again(); return "The company is as it was in the beginning."; },
  });
  return { content: [
    head("Clock", "When it moves, what comes due comes due: hires start, leavers leave, names of departments change. Nothing is stamped as modified."),
    section("The tenant's present",
      h("p", { class: "big" }, h("time", { datetime: state.now }, instant(state.now))),
      h("p", { class: "muted" }, `The tenant's date is ${state.today}.`),
      h("div", { class: "actions" },
        [["1h", "+ 1 hour"], ["1d", "+ 1 day"], ["7d", "+ 1 week"], ["30d", "+ 30 days"]].map(([by, text]) =>
          h("button", { type: "button", class: by === "1d" ? "primary" : "", onclick: () => move(by) }, text))),
      form("Advance by", span, "Days are days of the tenant's calendar.", "Advance", () => move(span.value.trim())),
      form("Set to", to, "In UTC.", "Set", () => done(() => post("clock", { set: `${to.value}:00Z` }), (now) => `It is ${instant(now.now)} now.`))),
    section("Tokens, sessions, places",
      h("p", { class: "muted" }, "What a client holds can be declared void: the next request that relies on it is refused as a tenant would refuse it."),
      h("div", { class: "actions" },
        button("Expire tokens", () => post("expire/tokens"), "Every access token is expired."),
        button("End sessions", () => post("expire/sessions"), "Every session is over."),
        button("Lose places of snapshots", () => post("expire/snapshots"), "Every place of paging=snapshot is lost."),
        button("Run HRIS sync", () => post("hris-sync"), (result) => `${result.users} users follow Employee Central again.`))),
    section("The company",
      h("div", { class: "actions" },
        state.state_file ? button("Save to file", () => post("save"), (saved) => `Saved to ${saved.saved}.`) : null,
        h("button", { type: "button", class: "danger", onclick: reset }, "Start anew")),
      state.state_file ? null : h("p", { class: "hint" }, "Started without --state: nothing is kept when it ends.")),
  ] };
}
