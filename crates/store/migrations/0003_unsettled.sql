-- Changes that make it doubtful what the target holds: tried and not answered as done, or (situation 1) for an account
-- that was found and is not linked yet. What is delivered at the first try to an account of ours never enters this index.
CREATE INDEX change_unsettled ON change (target, person)
    WHERE (attempts > 0 OR situation = 1) AND state IN (0, 1, 2, 4, 6);

-- What a person leaned on before the run that saw them last and does not any more (JSON list of object ids): given back
-- when that run is dropped.
ALTER TABLE person ADD COLUMN left_behind TEXT;
