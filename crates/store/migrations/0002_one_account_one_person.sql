-- An account of a target belongs to one person of a sync. Where an older program let two people be linked to one
-- account, the one that was written last keeps it; the other is looked up again with the next full run.
DELETE FROM link WHERE EXISTS (
    SELECT 1 FROM link newer
    WHERE newer.target = link.target AND newer.target_id = link.target_id AND newer.body > link.body
);
CREATE UNIQUE INDEX link_account ON link (target, target_id);
