//! What happens to people and departments, on order.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::answer::{Wrong, read, wrong};
use crate::Simulator;
use crate::schema::Set;
use crate::world::{Day, Ending, Hire, Leave, Move, Refused, World};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HireOrder {
    first_name: String,
    last_name: String,
    start: Option<Date>,
    person_id: Option<String>,
    department: Option<String>,
    location: Option<String>,
    manager: Option<String>,
    title: Option<String>,
    email: Option<String>,
}

/// An order about one person. `who` is a personIdExternal or a userId.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    who: String,
    from: Option<Date>,
    end: Option<Date>,
    ending: Option<EndingName>,
    leave: Option<LeaveName>,
    department: Option<String>,
    location: Option<String>,
    company: Option<String>,
    manager: Option<String>,
    title: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    address: Option<String>,
    number: Option<String>,
    primary: Option<bool>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndingName {
    Resignation,
    Dismissal,
    Retirement,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LeaveName {
    Paid,
    Unpaid,
    Suspended,
    Furlough,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitOrder {
    set: String,
    code: String,
    name: String,
    from: Option<Date>,
}

fn refused(refused: &Refused) -> Wrong {
    wrong(refused.to_string())
}

fn need<T>(value: Option<T>, name: &str) -> Result<T, Wrong> {
    value.ok_or_else(|| wrong(format!("\"{name}\" is missing")))
}

fn day(date: Option<Date>, world: &World) -> Day {
    date.map_or(world.today(), Day::from)
}

/// `POST /control/people/{what}`.
pub(super) fn people(simulator: &Simulator, what: &str, body: &[u8]) -> Result<Json, Wrong> {
    if what == "hire" {
        let order: HireOrder = read(body)?;
        let hired = simulator.change(|world| {
            world.hire(&Hire {
                start: day(order.start, world),
                first_name: order.first_name,
                last_name: order.last_name,
                person_id: order.person_id,
                department: order.department,
                location: order.location,
                manager: order.manager,
                title: order.title,
                email: order.email,
            })
        });
        let hired = hired.map_err(|why| refused(&why))?;
        return Ok(json!({"person_id": hired.person_id, "user_id": hired.user_id}));
    }
    let order: Order = read(body)?;
    let who = order.who.as_str();
    let done = match what {
        "rehire" => {
            let hired =
                simulator.change(|world| world.rehire(who, day(order.from, world))).map_err(|why| refused(&why))?;
            return Ok(json!({"person_id": hired.person_id, "user_id": hired.user_id}));
        }
        "move" => {
            let to = Move {
                department: order.department.clone(),
                location: order.location.clone(),
                company: order.company.clone(),
                manager: order.manager.clone(),
                title: order.title.clone(),
            };
            simulator.change(|world| world.relocate(who, day(order.from, world), &to))
        }
        "terminate" => {
            let ending = match order.ending {
                None | Some(EndingName::Resignation) => Ending::Resignation,
                Some(EndingName::Dismissal) => Ending::Dismissal,
                Some(EndingName::Retirement) => Ending::Retirement,
            };
            simulator.change(|world| world.terminate(who, day(order.end, world), ending))
        }
        "no-show" => simulator.change(|world| world.no_show(who)),
        "purge" => simulator.change(|world| world.purge(who)),
        "leave" => {
            let leave = match order.leave {
                None | Some(LeaveName::Paid) => Leave::Paid,
                Some(LeaveName::Unpaid) => Leave::Unpaid,
                Some(LeaveName::Suspended) => Leave::Suspended,
                Some(LeaveName::Furlough) => Leave::Furlough,
            };
            simulator.change(|world| world.away(who, day(order.from, world), leave))
        }
        "return" => simulator.change(|world| world.back(who, day(order.from, world))),
        "rename" => {
            let first = need(order.first_name.as_deref(), "first_name")?;
            let last = need(order.last_name.as_deref(), "last_name")?;
            simulator.change(|world| world.rename_person(who, first, last, day(order.from, world)))
        }
        "email" => {
            let kind = order.kind.as_deref().unwrap_or("B");
            let address = need(order.address.as_deref(), "address")?;
            simulator.change(|world| world.set_email(who, kind, address, order.primary.unwrap_or(true)))
        }
        "email/remove" => simulator.change(|world| world.remove_email(who, order.kind.as_deref().unwrap_or("B"))),
        "phone" => {
            let kind = order.kind.as_deref().unwrap_or("B");
            let number = need(order.number.as_deref(), "number")?;
            simulator.change(|world| world.set_phone(who, kind, number, order.primary.unwrap_or(true)))
        }
        _ => return Err(wrong(format!("there is no order \"{what}\" about people"))),
    };
    done.map_err(|why| refused(&why))?;
    Ok(json!({"done": what}))
}

/// `POST /control/units/rename`: a department or another foundation object.
pub(super) fn rename_unit(simulator: &Simulator, body: &[u8]) -> Result<Json, Wrong> {
    let order: UnitOrder = read(body)?;
    let set = Set::named(&order.set).ok_or_else(|| wrong(format!("there is no entity set \"{}\"", order.set)))?;
    let from = order.from.map(Day::from);
    simulator.change(|world| world.rename_unit(set, &order.code, &order.name, from)).map_err(|why| refused(&why))?;
    Ok(json!({"done": "rename"}))
}
