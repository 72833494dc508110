// What can be done to people, as forms.
import { h } from "./dom.js";
import { get, post } from "./api.js";
import { dialog, field, select } from "./parts.js";

const text = (attributes = {}) => h("input", { type: "text", autocomplete: "off", ...attributes });
const date = () => h("input", { type: "date" });
const TODAY = "Empty means the tenant's today.";

/** Names and values of fields that were filled in. */
function filled(controls) {
  return Object.fromEntries(Object.entries(controls).map(([name, one]) => [name, one.value.trim()]).filter(([, value]) => value));
}

async function unitChoices(set) {
  const units = await get("units");
  return [["", "As it is"], ...units[set].map((one) => [one.code, one.name ? `${one.name} (${one.code})` : one.code])];
}

async function places() {
  const [department, location] = await Promise.all([unitChoices("FODepartment"), unitChoices("FOLocation")]);
  return { department: select(department), location: select(location) };
}

export async function hire() {
  const to = await places();
  for (const one of Object.values(to)) one.options[0].textContent = "Any";
  const order = { first_name: text(), last_name: text(), start: date(), ...to, manager: text(), title: text(), email: text({ type: "email" }) };
  dialog({
    title: "Hire somebody",
    does: "Hire",
    fields: [
      field("First name", order.first_name), field("Last name", order.last_name), field("First day", order.start, TODAY),
      field("Job title", order.title), field("Department", order.department), field("Location", order.location),
      field("Manager", order.manager, "The manager's user id; empty chooses one."),
      field("Business e-mail", order.email, "Empty makes one of the name."),
    ],
    send: async () => {
      const hired = await post("people/hire", filled(order));
      location.hash = `#/people/${encodeURIComponent(hired.person_id)}`;
      return `Hired as ${hired.person_id}.`;
    },
  });
}

/** A form about one person. `make` gives its controls, with their fields. */
function about({ title, text: line, does, path, danger, make, said }) {
  return async (one, again) => {
    const { controls, fields } = await make(one);
    dialog({
      title: `${title}`, text: line, does, danger, fields,
      send: async () => {
        await post(`people/${path}`, { who: one.who, ...filled(controls) });
        if (path === "purge") location.hash = "#/people";
        else await again();
        return said;
      },
    });
  };
}

const nothing = () => ({ controls: {}, fields: [] });

export const ORDERS = {
  move: ["Move", about({
    title: "Move to another place", does: "Move", path: "move", said: "Moved.",
    make: async () => {
      const controls = { ...(await places()), manager: text(), title: text(), from: date() };
      return { controls, fields: [
        field("Department", controls.department), field("Location", controls.location),
        field("Manager", controls.manager, "The manager's user id, or NO_MANAGER."),
        field("Job title", controls.title), field("From", controls.from, TODAY),
      ] };
    },
  })],
  rename: ["Rename", about({
    title: "Change the name", does: "Rename", path: "rename", said: "Renamed.",
    make: (one) => {
      const controls = { first_name: text({ value: one.first_name }), last_name: text({ value: one.last_name }), from: date() };
      return { controls, fields: [
        field("First name", controls.first_name), field("Last name", controls.last_name), field("From", controls.from, TODAY),
      ] };
    },
  })],
  email: ["E-mail", about({
    title: "Set an e-mail address", does: "Set", path: "email", said: "The address is set.",
    make: (one) => {
      const controls = { address: text({ type: "email", value: one.email ?? "" }), type: select([["B", "Business"], ["P", "Personal"]]) };
      return { controls, fields: [field("Address", controls.address), field("Kind", controls.type)] };
    },
  })],
  phone: ["Phone", about({
    title: "Set a phone number", does: "Set", path: "phone", said: "The number is set.",
    make: () => {
      const controls = { number: text({ type: "tel" }), type: select([["B", "Business"], ["C", "Mobile"], ["H", "Home"]]) };
      return { controls, fields: [field("Number", controls.number), field("Kind", controls.type)] };
    },
  })],
  leave: ["Start leave", about({
    title: "Start a leave", does: "Start leave", path: "leave", said: "The leave is entered.",
    make: () => {
      const controls = { leave: select([["paid", "Paid"], ["unpaid", "Unpaid"], ["suspended", "Suspension"], ["furlough", "Furlough"]]), from: date() };
      return { controls, fields: [field("Kind", controls.leave), field("From", controls.from, TODAY)] };
    },
  })],
  return: ["Return from leave", about({
    title: "Return from leave", does: "Return", path: "return", said: "The return is entered.",
    make: () => {
      const controls = { from: date() };
      return { controls, fields: [field("From", controls.from, TODAY)] };
    },
  })],
  terminate: ["Terminate", about({
    title: "End the employment", does: "Terminate", path: "terminate", danger: true, said: "The termination is entered.",
    make: () => {
      const controls = { end: date(), ending: select([["resignation", "Resignation"], ["dismissal", "Dismissal"], ["retirement", "Retirement"]]) };
      return { controls, fields: [field("Last day", controls.end, TODAY), field("Reason", controls.ending)] };
    },
  })],
  rehire: ["Rehire", about({
    title: "Rehire", text: "The person keeps its id and gets a new employment and user.", does: "Rehire", path: "rehire", said: "Rehired.",
    make: () => {
      const controls = { from: date() };
      return { controls, fields: [field("First day", controls.from, TODAY)] };
    },
  })],
  noShow: ["No-show", about({
    title: "Never started", text: "The employment ends before it began.", does: "Report a no-show", path: "no-show", danger: true,
    said: "The no-show is entered.", make: nothing,
  })],
  purge: ["Purge", about({
    title: "Purge this person", text: "Every row of this person is removed. This cannot be undone.", does: "Purge", path: "purge",
    danger: true, said: "Purged.", make: nothing,
  })],
};

/** What makes sense for somebody who stands so. */
export const ORDERS_OF = {
  active: ["move", "rename", "email", "phone", "leave", "terminate", "purge"],
  away: ["return", "move", "rename", "email", "phone", "terminate", "purge"],
  future: ["move", "rename", "email", "phone", "noShow", "terminate", "purge"],
  left: ["rehire", "rename", "email", "purge"],
  none: ["rename", "email", "purge"],
};
