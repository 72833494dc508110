// One person's whole record.
import { h } from "./dom.js";
import { get } from "./api.js";
import { badge, day, empty, head, section, standing, table } from "./parts.js";
import { ORDERS, ORDERS_OF } from "./orders.js";

const title = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/^./, (letter) => letter.toUpperCase());

/** A value of a row, with what a code means. */
function value(row, name) {
  const is = row.values[name];
  if (is === undefined || is === null) return null;
  const word = row.words[name];
  if (word && String(word) !== String(is)) return h("span", { dir: "auto" }, word, " ", h("code", {}, String(is)));
  if (typeof is === "boolean") return is ? "yes" : "no";
  if (/^\d{4}-\d\d-\d\d$/.test(is)) return h("time", { datetime: is }, day(is));
  return h("span", { dir: "auto" }, String(is));
}

/** All that a row holds, folded away. */
function everything(rows) {
  if (!rows.length) return null;
  return h("details", { class: "all" }, h("summary", {}, "All fields"),
    rows.map((row) => h("dl", { class: "fields" },
      Object.keys(row.values).map((name) => h("div", {}, h("dt", {}, name), h("dd", {}, value(row, name)))))));
}

/** Rows as a table of the columns that any of them fills. */
function rowsOf(caption, rows, columns, none) {
  if (!rows.length) return empty(none);
  const used = columns.filter(([name]) => rows.some((row) => row.values[name] !== undefined));
  const dated = rows.some((row) => row.in_force !== null);
  const when = [["When", (row) => h("span", { class: "when" },
    day(row.values.startDate), row.values.endDate ? ` – ${day(row.values.endDate)}` : " – open",
    row.in_force ? badge("in force", "good") : null)]];
  const cells = used.map(([name, text]) => [text ?? title(name), (row) => value(row, name)]);
  const newest = dated ? [...rows].reverse() : rows;
  return [table(caption, [...(dated ? when : []), ...cells], newest), everything(newest)];
}

function facts(pairs) {
  return h("dl", { class: "facts" },
    pairs.filter(([, is]) => is).map(([name, is]) => h("div", {}, h("dt", {}, name), h("dd", {}, is))));
}

function links(people, href, text) {
  return h("ul", { class: "links" }, people.map((one) => h("li", {}, h("a", { href: href(one), dir: "auto" }, text(one)))));
}

function employment(one, number, count) {
  const user = one.user[0];
  const name = count > 1 ? `Employment ${number} of ${count}` : "Employment";
  return section(`${name} · user ${one.user_id}`,
    facts([
      ["Since", value(one.employment, "startDate")],
      ["Until", value(one.employment, "endDate")],
      ["Class", value(one.employment, "assignmentClass")],
      ["User name", user && value(user, "username")],
      ["Log-in status", user && value(user, "status")],
    ]),
    h("h3", {}, "Job information"),
    rowsOf("Job information", one.jobs, [["jobTitle", "Title"], ["department"], ["location"], ["company"], ["managerId", "Manager"], ["emplStatus", "Status"], ["eventReason", "Reason"]], "There is no job information."),
    one.termination.length ? [h("h3", {}, "Termination"), rowsOf("Termination", one.termination, [["endDate", "Last day"], ["eventReason", "Reason"], ["okToRehire", "May be rehired"], ["regretTermination", "Regretted"]])] : null,
    one.assignment.length ? [h("h3", {}, "Global assignment"), rowsOf("Global assignment", one.assignment, [["assignmentType", "Type"], ["plannedEndDate", "Planned end"], ["company"]])] : null,
    one.relationships.length ? [h("h3", {}, "Relationships"), rowsOf("Relationships", one.relationships, [["relationshipType", "Kind"], ["relUserId", "To"]])] : null,
    one.pay.length ? [h("h3", {}, "Pay"), rowsOf("Pay", one.pay, [["payGrade", "Grade"], ["bonusTarget", "Bonus"], ["eventReason", "Reason"]])] : null,
    one.groups.length ? [h("h3", {}, `In ${one.groups.length} groups today`), links(one.groups, (group) => `#/groups/${group.id}`, (group) => group.name)] : null,
    one.reports.length ? [h("h3", {}, `Manager of ${one.reports.length}`), links(one.reports, (report) => `#/people/${encodeURIComponent(report.person_id)}`, (report) => report.name)] : null,
    h("details", { class: "all" }, h("summary", {}, "All fields of employment and user"),
      [one.employment, ...one.user].map((row) => [h("h4", {}, row.set), h("dl", { class: "fields" },
        Object.keys(row.values).map((name) => h("div", {}, h("dt", {}, name), h("dd", {}, value(row, name)))))])));
}

export async function person({ id, again }) {
  const found = await get(`people/${encodeURIComponent(id)}`);
  const one = found.summary;
  const about = { who: one.user_id ?? one.person_id, ...one };
  const orders = ORDERS_OF[one.standing].map((name) => {
    const [text, order] = ORDERS[name];
    const danger = name === "purge" || name === "terminate" || name === "noShow";
    return h("button", { type: "button", class: danger ? "quiet danger" : "", onclick: () => order(name === "purge" || name === "rehire" ? { ...about, who: one.person_id } : about, again) }, text);
  });
  const count = found.employments.length;
  const top = head(one.name || "(no name)", null);
  top.querySelector("h1").setAttribute("dir", "auto");
  const content = [
    h("p", { class: "back" }, h("a", { href: "#/people" }, "People")),
    top,
    h("p", { class: "tags" }, standing(one.standing), h("code", {}, one.person_id), one.username ? h("span", { class: "muted" }, one.username) : null),
    h("div", { class: "actions orders", role: "group", "aria-label": "What can be done" }, orders),
    section("At a glance", facts([
      ["Title", one.title && h("span", { dir: "auto" }, one.title)],
      ["Department", one.department && h("span", { dir: "auto" }, one.department.name)],
      ["Location", one.location && h("span", { dir: "auto" }, one.location.name)],
      ["Manager", one.manager && h("a", { href: `#/people/${encodeURIComponent(one.manager.user_id)}`, dir: "auto" }, one.manager.name)],
      ["E-mail", one.email],
      ["Since", one.start && day(one.start)],
      ["Last day", one.end && day(one.end)],
      ["Born", value(found.person, "dateOfBirth")],
    ]), everything([found.person])),
    [...found.employments].reverse().map((each, at) => employment(each, count - at, count)),
    count === 0 ? section("Employment", empty("This person has no employment.")) : null,
    section("Names", rowsOf("Names", found.names, [["firstName"], ["middleName"], ["lastName"], ["preferredName"], ["salutation"], ["gender"], ["nationality"], ["nativePreferredLang", "Language"]], "There is no name.")),
    section("E-mails", rowsOf("E-mails", found.emails, [["emailType", "Kind"], ["emailAddress", "Address"], ["isPrimary", "Primary"]], "There is no e-mail address.")),
    section("Phones", rowsOf("Phones", found.phones, [["phoneType", "Kind"], ["countryCode"], ["areaCode"], ["phoneNumber", "Number"], ["extension"], ["isPrimary", "Primary"]], "There is no phone number.")),
    section("Addresses", rowsOf("Addresses", found.addresses, [["addressType", "Kind"], ["address1", "Street"], ["zipCode", "Code"], ["city"], ["state"], ["country"]], "There is no address.")),
    section("National ids", rowsOf("National ids", found.national_ids, [["country"], ["cardType", "Kind"], ["nationalId", "Number"], ["isPrimary", "Primary"]], "There is no national id.")),
  ];
  return { content };
}
