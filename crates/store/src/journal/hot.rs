//! The queries on the way of every person and every delivery use an index and sort nothing.

use rusqlite::Connection;

use super::{deliver, fill, look, moved};
use crate::schema;

fn plan(conn: &Connection, sql: &str) -> String {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    // The planner is asked with parameters unset; as many NULLs as the query has stand for them.
    let unset = rusqlite::params_from_iter(vec![None::<i64>; statement.parameter_count()]);
    let lines: Vec<String> = statement.query_map(unset, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
    lines.join("\n")
}

#[test]
fn hot_queries_scan_no_table_and_sort_nothing() {
    let conn = Connection::open_in_memory().unwrap();
    schema::migrate(&conn).unwrap();
    for (name, sql, index) in [
        ("claim", deliver::CLAIM, "change_ready (target=? AND due<?)"),
        ("claim: who is before", deliver::CLAIM, "change_open (person=? AND target=?)"),
        ("next_due", deliver::NEXT_DUE, "change_ready (target=?)"),
        ("became", look::BECAME, "sqlite_autoindex_person_1 (sync=? AND key=?)"),
        ("last", look::LAST, "sqlite_autoindex_person_1 (sync=? AND key=?)"),
        ("any link", look::ANY_LINK, "(target=?)"),
        ("any unsettled", look::ANY_UNSETTLED, "change_unsettled (target=?)"),
        ("unsettled", look::UNSETTLED, "change_unsettled (target=? AND person=?)"),
        ("waiting", look::WAITING, "PRIMARY KEY (target=? AND person=?)"),
        ("moved to", look::MOVED_TO, "change_open (person=? AND target=? AND rowid>?)"),
        ("links", look::LINKS, "sqlite_autoindex_person_1 (sync=? AND key>?)"),
        ("accounts", look::ACCOUNT, "PRIMARY KEY (sync=? AND alias=?)"),
        ("people_with", look::LEANERS, "PRIMARY KEY (object=? AND key>?)"),
        ("unseen", look::UNSEEN, "sqlite_autoindex_person_1 (sync=? AND key>?)"),
        ("on its way", deliver::ON_ITS_WAY, "link_account (target=? AND target_id=?)"),
        ("held and coming", moved::HELD_AND_COMING, "change_open (person=? AND target=?)"),
        ("fillable", fill::FILLABLE, "PRIMARY KEY (sync=? AND alias=?)"),
    ] {
        let plan = plan(&conn, sql);
        assert!(plan.contains(index), "{name}: {index} is not in\n{plan}");
        assert!(!plan.contains("SCAN"), "{name} scans:\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{name} sorts:\n{plan}");
    }
}
