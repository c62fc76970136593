-- Acts are written many at a time (docs/decisions/0056): what follows from them is done once for a
-- statement and not once for each.

-- How many of a group are unread, counted up to a bound.
CREATE FUNCTION unread_of_group(account uuid, of_kind text, of_group uuid, counted_max integer)
RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT count(*)::integer FROM (
        SELECT FROM notifications n
        WHERE n.account_id = account AND n.kind = of_kind AND n.group_id = of_group
            AND n.id > coalesce(
                (SELECT i.read_up_to FROM inboxes i WHERE i.account_id = account),
                '00000000-0000-0000-0000-000000000000'
            )
        LIMIT counted_max
    ) unread
$$;

CREATE OR REPLACE FUNCTION has_room(
    account uuid, of_kind text, of_group uuid, unread_max integer
) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT unread_max > unread_of_group(account, of_kind, of_group, unread_max)
$$;

-- Row by row this was a third of what a like costs the database.
CREATE FUNCTION feed_note_acting_viewers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_changes (kind, subject_id) SELECT DISTINCT 'viewer', viewer_id FROM changed;
    RETURN NULL;
END
$$;

DROP TRIGGER feed_viewer_likes ON likes;
CREATE TRIGGER feed_viewer_likes_added AFTER INSERT ON likes REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION feed_note_acting_viewers();
CREATE TRIGGER feed_viewer_likes_removed AFTER DELETE ON likes REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION feed_note_acting_viewers();
DROP TRIGGER feed_viewer_bookmarks ON bookmarks;
CREATE TRIGGER feed_viewer_bookmarks_added AFTER INSERT ON bookmarks
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION feed_note_acting_viewers();
CREATE TRIGGER feed_viewer_bookmarks_removed AFTER DELETE ON bookmarks
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION feed_note_acting_viewers();
