-- The journal. Instants are nanoseconds since 1970 in UTC; the codes of states and actions are in src/codes.rs, and
-- the views at the end spell them out. Tables on the way of every person name no foreign keys: each write goes through
-- one room of code, and `joinery`'s integrity check looks for what would dangle.

-- Names that occur in many rows, stored once: kinds of references, rules, attributes.
CREATE TABLE name (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE sync (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    watermark   INTEGER,
    walked      INTEGER NOT NULL DEFAULT 0, -- 1 once a full walk was released
    token       INTEGER NOT NULL DEFAULT 0, -- the fence
    holder      TEXT,                       -- who runs it, NULL when nobody does
    lease_until INTEGER
) STRICT;

-- A target of a sync: the same target in two syncs has two rows, since links and changes belong to a sync.
CREATE TABLE target (
    id   INTEGER PRIMARY KEY,
    sync INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (sync, name)
) STRICT;

CREATE TABLE run (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    sync        INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    plan_only   INTEGER NOT NULL,
    state       TEXT NOT NULL,
    config_hash TEXT NOT NULL,
    since       INTEGER,
    until       INTEGER NOT NULL,
    first       INTEGER NOT NULL,
    began       INTEGER NOT NULL,
    ended       INTEGER,
    place       TEXT,
    walked      INTEGER NOT NULL DEFAULT 0, -- 1 once the last page was closed
    requests    INTEGER NOT NULL DEFAULT 0,
    note        TEXT,
    people      TEXT,                       -- the people's half of the balance, kept when the walk is released
    balance     TEXT
) STRICT;
CREATE INDEX run_of_sync ON run (sync, id);
CREATE INDEX run_open ON run (sync) WHERE state IN ('walking', 'planned', 'delivering');

CREATE TABLE person (
    id         INTEGER PRIMARY KEY,
    sync       INTEGER NOT NULL,
    key        TEXT NOT NULL,
    seen       INTEGER NOT NULL,           -- the last run that saw them
    how        INTEGER NOT NULL,           -- how they came into that run
    verdict    INTEGER NOT NULL,           -- what became of them there
    was        INTEGER NOT NULL,           -- what had become of them before that run; 0 when they are new
    aliases    TEXT NOT NULL,              -- JSON list
    leans      TEXT NOT NULL,              -- JSON list of object ids
    leans_hash INTEGER NOT NULL,
    standing   INTEGER,
    start      TEXT,
    "end"      TEXT,
    UNIQUE (sync, key)
) STRICT;

CREATE TABLE alias (
    sync   INTEGER NOT NULL,
    alias  TEXT NOT NULL,
    person INTEGER NOT NULL,
    PRIMARY KEY (sync, alias)
) STRICT, WITHOUT ROWID;

-- What people lean on: departments, locations, managers.
CREATE TABLE object (
    id   INTEGER PRIMARY KEY,
    sync INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    ref  TEXT NOT NULL,
    UNIQUE (sync, kind, ref)
) STRICT;

-- By key and not by person id, so that the people who lean on an object come in key order.
CREATE TABLE lean (
    object INTEGER NOT NULL,
    key    TEXT NOT NULL,
    PRIMARY KEY (object, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE touched (
    id     INTEGER PRIMARY KEY,
    run    INTEGER NOT NULL,
    object INTEGER NOT NULL,
    UNIQUE (run, object)
) STRICT;

-- Plan, held change, outbox and dead letter, told apart by state. Narrow: what is delivered stands in body, so that a
-- change of state rewrites few bytes.
CREATE TABLE change (
    id        INTEGER PRIMARY KEY,
    run       INTEGER NOT NULL,
    target    INTEGER NOT NULL,
    person    INTEGER NOT NULL,
    action    INTEGER NOT NULL,
    situation INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    due       INTEGER NOT NULL DEFAULT 0,
    attempts  INTEGER NOT NULL DEFAULT 0,
    gone      INTEGER NOT NULL,
    target_id TEXT,
    reason    TEXT,
    settled   INTEGER,
    was       INTEGER, -- the state before it was superseded by a run that is not released yet
    by_run    INTEGER  -- that run
) STRICT;
CREATE INDEX change_of_run ON change (run);
CREATE INDEX change_open ON change (person, target) WHERE state < 5;
CREATE INDEX change_ready ON change (target, due) WHERE state = 2;
CREATE INDEX change_flying ON change (target) WHERE state = 3;
CREATE INDEX change_held ON change (target) WHERE state = 1;
CREATE INDEX change_dead ON change (target) WHERE state = 4;
CREATE INDEX change_by ON change (by_run) WHERE by_run IS NOT NULL;

CREATE TABLE body (
    id    INTEGER PRIMARY KEY, -- the change's
    after TEXT NOT NULL,       -- JSON: the record
    diff  TEXT                 -- JSON: what differs
) STRICT;

-- What a target last received for a person: the body of the change that was delivered last.
CREATE TABLE link (
    target    INTEGER NOT NULL,
    person    INTEGER NOT NULL,
    target_id TEXT NOT NULL,
    body      INTEGER NOT NULL,
    PRIMARY KEY (target, person)
) STRICT, WITHOUT ROWID;

-- References that wait until the other person has an account.
CREATE TABLE wait (
    target    INTEGER NOT NULL,
    person    INTEGER NOT NULL,
    attribute INTEGER NOT NULL,
    alias     TEXT NOT NULL,
    PRIMARY KEY (target, person, attribute, alias)
) STRICT, WITHOUT ROWID;

-- Who was left out (0), invalid (1) or rejected by a target (2), and why. Target 0: before any target was looked at.
CREATE TABLE refusal (
    run     INTEGER NOT NULL,
    person  INTEGER NOT NULL,
    target  INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    rule    INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (run, person, target)
) STRICT, WITHOUT ROWID;

-- What was counted and is not, or no longer, kept row by row. Target 0: the run's people.
CREATE TABLE counted (
    run    INTEGER NOT NULL,
    target INTEGER NOT NULL,
    what   TEXT NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (run, target, what)
) STRICT, WITHOUT ROWID;

-- The largest change number ever given and since removed, so that numbers are never given twice.
CREATE TABLE floor (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    change INTEGER NOT NULL
) STRICT;
INSERT INTO floor (one, change) VALUES (1, 0);

-- For people who look with a SQL shell.
CREATE VIEW runs AS
SELECT r.id, s.name AS sync, r.kind, r.plan_only, r.state, r.requests, r.note,
       datetime(r.began / 1000000000, 'unixepoch') AS began,
       datetime(r.ended / 1000000000, 'unixepoch') AS ended,
       datetime(r.since / 1000000000, 'unixepoch') AS since,
       datetime(r.until / 1000000000, 'unixepoch') AS until,
       r.balance
FROM run r JOIN sync s ON s.id = r.sync;

CREATE VIEW changes AS
SELECT c.id, c.run, s.name AS sync, t.name AS target, p.key AS person,
       CASE c.action WHEN 0 THEN 'create' WHEN 1 THEN 'update' WHEN 2 THEN 'disable' WHEN 3 THEN 'enable'
                     WHEN 4 THEN 'delete' WHEN 5 THEN 'adopt' ELSE 'back_fill' END AS action,
       CASE c.state WHEN 0 THEN 'planned' WHEN 1 THEN 'held' WHEN 2 THEN 'released' WHEN 3 THEN 'in_flight'
                    WHEN 4 THEN 'dead' WHEN 5 THEN 'done' ELSE 'superseded' END AS state,
       c.attempts, c.reason, c.target_id, b.after, b.diff
FROM change c
JOIN target t ON t.id = c.target
JOIN sync s ON s.id = t.sync
JOIN person p ON p.id = c.person
LEFT JOIN body b ON b.id = c.id;

CREATE VIEW links AS
SELECT s.name AS sync, t.name AS target, p.key AS person, l.target_id, b.after
FROM link l
JOIN target t ON t.id = l.target
JOIN sync s ON s.id = t.sync
JOIN person p ON p.id = l.person
LEFT JOIN body b ON b.id = l.body;
