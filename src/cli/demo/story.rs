//! Four things that happen in every company, and what Joinery makes of them.

use jiff::Timestamp;
use joinery_engine::Stop;
use joinery_model::Clock;
use joinery_simulator::schema::Set;
use joinery_simulator::world::{Ending, Hire, Move, Refused, World};

use super::super::failure::Wrong;
use super::super::simulated::Simulated;
use super::table::{Person, Table};
use crate::say;
use crate::{Exit, SystemClock};

/// Hires, moves, renames and lets go, and shows each arriving in the target. Gives the accounts that it told of.
pub async fn tell(demo: &Simulated, stop: &Stop) -> Result<Vec<String>, Wrong> {
    let table = Table::at(&demo.database);
    let people = table.active(40)?;
    let (Some(mover), Some(leaver)) = (people.get(people.len() / 3), people.get(people.len() * 2 / 3)) else {
        return Err(Wrong::new(Exit::Failed, "the table holds nobody to tell about"));
    };
    let hired = hire(demo, &table).await?;
    go_on(stop)?;
    relocate(demo, &table, mover, &people).await?;
    go_on(stop)?;
    rename(demo, &table).await?;
    go_on(stop)?;
    leave(demo, &table, leaver).await?;
    Ok(vec![hired, mover.id.clone(), leaver.id.clone()])
}

/// How long ago that was, for a sentence.
pub fn took(began: Timestamp) -> String {
    let seconds = SystemClock.now().duration_since(began).as_secs_f64();
    format!("{seconds:.1} s")
}

fn go_on(stop: &Stop) -> Result<(), Wrong> {
    if stop.asked() { Err(Wrong::new(Exit::Stopped, "stopped")) } else { Ok(()) }
}

fn change<T>(demo: &Simulated, change: impl FnOnce(&mut World) -> Result<T, Refused>) -> Result<T, Wrong> {
    demo.tenant.change(change).map_err(|refused| Wrong::new(Exit::Failed, refused.to_string()))
}

async fn hire(demo: &Simulated, table: &Table) -> Result<String, Wrong> {
    say!();
    say!("1. A hire. HR enters Zoë O'Hara-Nguyễn, who starts today.");
    let began = SystemClock.now();
    let hired = change(demo, |world| world.hire(&Hire::new("Zoë", "O'Hara-Nguyễn", world.today())))?;
    table.until(|table| Ok(table.person(&hired.person_id)?.is_some())).await?;
    let person = table.person(&hired.person_id)?;
    let department = person.map(|person| person.department).unwrap_or_default();
    say!("   Her account {} is there after {}, in {department}.", hired.person_id, took(began));
    Ok(hired.person_id)
}

async fn relocate(demo: &Simulated, table: &Table, mover: &Person, people: &[Person]) -> Result<(), Wrong> {
    let Some(model) = people.iter().find(|person| person.department != mover.department) else { return Ok(()) };
    say!();
    say!("2. A move. {} goes from {} to {}.", mover.name, mover.department, model.department);
    let began = SystemClock.now();
    change(demo, |world| {
        let department = world.placement_of(&model.id).map(|at| at.department.to_owned());
        let to = Move { department, title: Some("Team Lead".to_owned()), ..Move::default() };
        world.relocate(&mover.id, world.today(), &to)
    })?;
    table.until(|table| Ok(table.person(&mover.id)?.is_some_and(|now| now.department == model.department))).await?;
    let title = table.person(&mover.id)?.map(|now| now.title).unwrap_or_default();
    say!("   Account {} says so after {}; its title is now {title}.", mover.id, took(began));
    Ok(())
}

async fn rename(demo: &Simulated, table: &Table) -> Result<(), Wrong> {
    let found = demo.tenant.look(|world| {
        let code = world.largest_department()?.to_owned();
        let name = world.unit_name(Set::FODepartment, &code)?.to_owned();
        Some((code, name))
    });
    let Some((code, old)) = found else { return Ok(()) };
    let new = "People & Places";
    let before = table.in_department(&old)?;
    say!();
    say!("3. A rename. The department {old} is called {new} from now on: {before} accounts carry its name, and");
    say!("   not one of these people was touched in SuccessFactors.");
    let began = SystemClock.now();
    change(demo, |world| world.rename_unit(Set::FODepartment, &code, new, None))?;
    table.until(|table| Ok(table.in_department(&old)? == 0 && table.in_department(new)? >= before)).await?;
    say!("   {} accounts carry the new name after {}.", table.in_department(new)?, took(began));
    Ok(())
}

async fn leave(demo: &Simulated, table: &Table, leaver: &Person) -> Result<(), Wrong> {
    say!();
    say!("4. A leaver. Yesterday was the last day of {}.", leaver.name);
    let began = SystemClock.now();
    change(demo, |world| world.terminate(&leaver.id, world.today().plus(-1), Ending::Resignation))?;
    table.until(|table| Ok(table.person(&leaver.id)?.is_some_and(|now| !now.active))).await?;
    say!("   Account {} is disabled after {}.", leaver.id, took(began));
    Ok(())
}
