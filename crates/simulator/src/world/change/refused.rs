//! Why a change was not made.

use crate::world::Day;

/// Why a change was not made. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody has that id.
    #[error("nobody has that id: give the personIdExternal or the userId of somebody who was not purged")]
    Unknown,
    /// The person has no employment to change.
    #[error("the person has no employment: hire or rehire first")]
    NoEmployment,
    /// The manager's user does not exist.
    #[error("manager: no such userId; give one that exists, or NO_MANAGER")]
    NoManager,
    /// No foundation object of that kind has that code.
    #[error("{set}: no object has the code {code:?}")]
    NoUnit {
        /// Entity set.
        set: &'static str,
        /// What was asked for.
        code: String,
    },
    /// No picklist option of that name.
    #[error("{list}: no option has the id or external code {option:?}")]
    NoOption {
        /// Picklist.
        list: &'static str,
        /// What was asked for.
        option: String,
    },
    /// Dated before the employment or the person begins.
    #[error("the date lies before {start}, where the history begins: give that day or a later one")]
    TooEarly {
        /// First day of the history.
        start: Day,
    },
    /// The employment has ended by that day.
    #[error("the employment has ended by that day: rehire first, or give an earlier day")]
    Left,
    /// The id is in use.
    #[error("personIdExternal is in use: leave it out, or give another")]
    Taken,
    /// The person still works here.
    #[error("the person has an employment that has not ended: terminate it first")]
    StillEmployed,
    /// A required text is empty.
    #[error("{0} is empty: give a text")]
    Empty(&'static str),
    /// The set holds no foundation objects.
    #[error(
        "{0} holds no foundation objects: name one of FOCompany, FOBusinessUnit, FODivision, FODepartment, FOLocation, FOCostCenter, FOJobCode"
    )]
    NotFoundation(&'static str),
}
