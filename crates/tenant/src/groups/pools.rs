//! The clauses of a dynamic group, and the form in which they are sent back.

use serde_json::{Value as Json, json};

/// What a dynamic group is made by: people who meet a pool of the first and none of the second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pools {
    /// `dgIncludePools`
    pub include: Vec<Pool>,
    /// `dgExcludePools`
    pub exclude: Vec<Pool>,
}

/// People who meet all clauses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// `peoplePoolId`
    pub id: String,
    /// `filters`
    pub clauses: Vec<Clause>,
}

/// A field, and expressions any of which it may meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clause {
    /// `filterId`
    pub id: Option<String>,
    /// `field/name`: `std_department` and the like.
    pub field: String,
    /// `field/label`, where the tenant says it.
    pub label: Option<String>,
    /// Operator tokens, each with its values.
    pub expressions: Vec<(String, Vec<String>)>,
}

/// Why pools could not be read: a part without what it cannot be sent back without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is missing in the group's pools")]
pub(super) struct PoolsUnreadable(&'static str);

impl Pools {
    /// Reads an expanded group. A part that cannot be read whole is an error: what is not read would be lost when it is
    /// sent back.
    pub(super) fn read(group: &Json) -> Result<Self, PoolsUnreadable> {
        Ok(Self {
            include: pools(group.get("dgIncludePools"), "dgIncludePools")?,
            exclude: pools(group.get("dgExcludePools"), "dgExcludePools")?,
        })
    }

    /// The navigations as an upsert sends them (the form of SAP Note 3341990).
    pub(super) fn to_json(&self) -> [(&'static str, Json); 2] {
        let list = |pools: &[Pool]| Json::from(pools.iter().map(Pool::to_json).collect::<Vec<_>>());
        [("dgIncludePools", list(&self.include)), ("dgExcludePools", list(&self.exclude))]
    }

    /// The same, apart from labels and ids of clauses, which the tenant words and numbers itself.
    pub fn say_the_same(&self, other: &Self) -> bool {
        let bare = |pools: &[Pool]| -> Vec<Pool> {
            let bare = |clause: &Clause| Clause { id: None, label: None, ..clause.clone() };
            let pool = |pool: &Pool| Pool { id: pool.id.clone(), clauses: pool.clauses.iter().map(bare).collect() };
            pools.iter().map(pool).collect()
        };
        bare(&self.include) == bare(&other.include) && bare(&self.exclude) == bare(&other.exclude)
    }
}

impl Pool {
    fn to_json(&self) -> Json {
        let clauses: Vec<Json> = self.clauses.iter().map(Clause::to_json).collect();
        json!({"__metadata": {"uri": "DGPeoplePool"}, "peoplePoolId": self.id, "filters": clauses})
    }
}

impl Clause {
    fn to_json(&self) -> Json {
        let expression = |(operator, values): &(String, Vec<String>)| {
            let value = |value: &String| json!({"__metadata": {"uri": "DGFieldValue"}, "fieldValue": value});
            json!({
                "__metadata": {"uri": "DGExpression"},
                "operator": {"__metadata": {"uri": "DGFieldOperator"}, "token": operator},
                "values": values.iter().map(value).collect::<Vec<_>>(),
            })
        };
        json!({
            "__metadata": {"uri": "DGFilter"},
            "field": {"__metadata": {"uri": "DGField"}, "name": self.field},
            "expressions": self.expressions.iter().map(expression).collect::<Vec<_>>(),
        })
    }
}

/// The elements of an expanded navigation. One that was not expanded is missing, not empty.
fn elements<'j>(value: Option<&'j Json>, name: &'static str) -> Result<&'j [Json], PoolsUnreadable> {
    match value {
        Some(Json::Array(items)) => Ok(items),
        Some(Json::Null) => Ok(&[]),
        Some(object) if object.get("__next").is_none() => match object.get("results") {
            Some(Json::Array(items)) => Ok(items),
            _ => Err(PoolsUnreadable(name)),
        },
        _ => Err(PoolsUnreadable(name)),
    }
}

fn pools(value: Option<&Json>, name: &'static str) -> Result<Vec<Pool>, PoolsUnreadable> {
    let pool = |pool: &Json| {
        let id = pool.get("peoplePoolId").and_then(Json::as_str).ok_or(PoolsUnreadable("peoplePoolId"))?;
        let clauses = elements(pool.get("filters"), "filters")?.iter().map(clause).collect::<Result<_, _>>()?;
        Ok(Pool { id: id.to_owned(), clauses })
    };
    elements(value, name)?.iter().map(pool).collect()
}

fn clause(filter: &Json) -> Result<Clause, PoolsUnreadable> {
    let text = |pointer: &str| filter.pointer(pointer).and_then(Json::as_str).map(str::to_owned);
    let expressions = elements(filter.get("expressions"), "expressions")?.iter().map(|expression| {
        let operator = expression.pointer("/operator/token").and_then(Json::as_str);
        let operator = operator.ok_or(PoolsUnreadable("operator/token"))?.to_owned();
        let value = |value: &Json| value.get("fieldValue").and_then(Json::as_str).map(str::to_owned);
        let values: Option<Vec<String>> = elements(expression.get("values"), "values")?.iter().map(value).collect();
        Ok((operator, values.ok_or(PoolsUnreadable("fieldValue"))?))
    });
    Ok(Clause {
        id: text("/filterId"),
        field: text("/field/name").ok_or(PoolsUnreadable("field/name"))?,
        label: text("/field/label"),
        expressions: expressions.collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group() -> Json {
        json!({
            "groupID": "3600",
            "dgIncludePools": {"results": [{"peoplePoolId": "3600_1", "filters": {"results": [{
                "filterId": "3600_1_1",
                "field": {"name": "std_username", "label": "Username"},
                "expressions": {"results": [
                    {"operator": {"token": "eq"}, "values": {"results": [{"fieldValue": "a"}, {"fieldValue": "b"}]}},
                ]},
            }]}}]},
            "dgExcludePools": {"results": []},
        })
    }

    #[test]
    fn what_is_read_is_what_is_sent() {
        let pools = Pools::read(&group()).expect("pools");
        assert_eq!(pools.include[0].clauses[0].expressions, [("eq".to_owned(), vec!["a".to_owned(), "b".to_owned()])]);
        let [(_, include), (_, exclude)] = pools.to_json();
        let again = Pools::read(&json!({"dgIncludePools": include, "dgExcludePools": exclude})).expect("pools");
        assert!(again.say_the_same(&pools));
        assert_eq!(again.include[0].id, "3600_1");
    }

    #[test]
    fn what_is_not_there_whole_is_not_sent_back() {
        for (pointer, missing) in [
            ("/dgExcludePools", "dgExcludePools"),
            ("/dgIncludePools/results/0/filters", "filters"),
            ("/dgIncludePools/results/0/filters/results/0/field", "field/name"),
            ("/dgIncludePools/results/0/filters/results/0/expressions/results/0/values", "values"),
        ] {
            let mut group = group();
            *group.pointer_mut(pointer).expect("a part") = json!({"__deferred": {"uri": "x"}});
            assert_eq!(Pools::read(&group), Err(PoolsUnreadable(missing)), "{pointer}");
        }
        let mut paged = group();
        paged["dgIncludePools"]["__next"] = json!("x");
        assert!(Pools::read(&paged).is_err(), "pools cut into pages");
    }

    fn any_pools() -> impl Strategy<Value = Vec<Pool>> {
        let text = "[a-zA-Z0-9 _'\"\\\\,é$]{1,12}";
        let expression = (prop_oneof!["eq", "ne", "startsWith"], prop::collection::vec(text, 0..4));
        let clause = (text, prop::collection::vec(expression, 0..3)).prop_map(|(field, expressions)| Clause {
            id: None,
            label: None,
            field,
            expressions,
        });
        let pool = (text, prop::collection::vec(clause, 0..3)).prop_map(|(id, clauses)| Pool { id, clauses });
        prop::collection::vec(pool, 0..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_clause_is_lost_on_the_way_back(include in any_pools(), exclude in any_pools()) {
            let pools = Pools { include, exclude };
            let sent: serde_json::Map<String, Json> =
                pools.to_json().into_iter().map(|(name, list)| (name.to_owned(), list)).collect();
            let bytes = Json::Object(sent).to_string();
            let again = Pools::read(&serde_json::from_str(&bytes).expect("JSON"));
            prop_assert_eq!(again, Ok(pools));
        }
    }
}
