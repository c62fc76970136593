-- The feed: what each server's memory is filled from, what viewers did, what they like.

-- A log of what changed, read by every server each second.  It is ordered by transaction and not
-- by time: a reader that remembers the oldest transaction still running cannot miss a row, however
-- late its transaction commits.  A job removes rows after some minutes; a server that was away
-- longer reads everything anew.
CREATE TABLE feed_changes (
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    kind text NOT NULL CHECK (kind IN ('video', 'viewer')),
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX feed_changes_by_transaction ON feed_changes (transaction_id);
CREATE INDEX feed_changes_by_age ON feed_changes (created_at);

-- What viewers saw and did lately, one row for each viewer and flush: packed records
-- (solstice/feed/records.py).  Folded into feed_viewers once every server has read them.
CREATE TABLE feed_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL,
    server_id uuid NOT NULL,
    records bytea NOT NULL,
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX feed_history_by_account ON feed_history (account_id, id);
CREATE INDEX feed_history_by_transaction ON feed_history (transaction_id);
CREATE INDEX feed_history_by_age ON feed_history (created_at);

-- Which batches of each server are in: one whose COMMIT was not answered is tried again.
CREATE TABLE feed_flushes (
    server_id uuid NOT NULL,
    number bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (server_id, number)
);

CREATE TABLE feed_viewers (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    -- seen videos, oldest first, and the records taste is made of; packed as in feed_history
    seen bytea NOT NULL DEFAULT '',
    records bytea NOT NULL DEFAULT '',
    -- what was done before this instant teaches nothing any more ("reset my feed")
    reset_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- How often a video was shown, watched long and skipped: appended by servers, folded by a job.
CREATE TABLE feed_tallies (
    video_id uuid NOT NULL,
    impression_count integer NOT NULL,
    long_watch_count integer NOT NULL,
    skip_count integer NOT NULL
);

CREATE TABLE feed_scores (
    video_id uuid PRIMARY KEY REFERENCES videos ON DELETE CASCADE,
    impression_count integer NOT NULL DEFAULT 0,
    long_watch_count integer NOT NULL DEFAULT 0,
    skip_count integer NOT NULL DEFAULT 0,
    -- where the video lies among what is watched by the same people: 32 signed bytes
    vector bytea CHECK (length(vector) = 32),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- What the index holds of a video, packed: 146 bytes that numpy reads as they are
-- (solstice/feed/index.py).  Unpacked rows would cost 15 µs each on the event loop, these 0.1.
CREATE VIEW feed_videos AS
SELECT
    v.id,
    v.creator_id,
    c.updated_at AS counted_at,
    (
        uuid_send(v.id)
        || uuid_send(v.creator_id)
        -- rounded down, as a time is shown: to the nearest, two clips could change places
        || int8send(floor(extract(epoch FROM v.published_at) * 1000)::bigint)
        || int4send(coalesce(v.duration_ms, 0))
        || int2send(CASE v.visibility WHEN 'public' THEN 1 ELSE 2 END::smallint)
        || int4send(coalesce(s.impression_count, 0))
        || int4send(coalesce(s.long_watch_count, 0))
        || int4send(coalesce(s.skip_count, 0))
        || int8send(coalesce(c.like_count, 0))
        || int8send(coalesce(c.comment_count, 0))
        || int8send(coalesce(c.view_count, 0))
        || int8send(coalesce(c.bookmark_count, 0))
        || int8send(coalesce(c.share_count, 0))
        || int4send(coalesce(hashtext(v.hashtags[1]), 0))
        || int4send(coalesce(hashtext(v.hashtags[2]), 0))
        || int4send(coalesce(hashtext(v.hashtags[3]), 0))
        || int4send(coalesce(hashtext(v.hashtags[4]), 0))
        || coalesce(
            s.vector,
            '\x0000000000000000000000000000000000000000000000000000000000000000'::bytea
        )
    ) AS record
FROM videos v
JOIN accounts a ON a.id = v.creator_id
LEFT JOIN feed_scores s ON s.video_id = v.id
LEFT JOIN video_counts c ON c.video_id = v.id
WHERE v.state = 'live'
    AND v.deleted_at IS NULL
    AND v.hidden_at IS NULL
    AND v.visibility <> 'private'
    AND a.hidden_at IS NULL
    AND a.deletion_due_at IS NULL;

-- Folding needs to know which accounts and videos still exist, in the statement that writes.
CREATE FUNCTION feed_keep_viewers(ids uuid[], seen_sets bytea[], record_sets bytea[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO feed_viewers (account_id, seen, records)
    SELECT k.account_id, k.seen, k.records
    FROM unnest(ids, seen_sets, record_sets) AS k (account_id, seen, records)
    JOIN accounts a ON a.id = k.account_id
    ON CONFLICT (account_id) DO UPDATE
    SET seen = EXCLUDED.seen, records = EXCLUDED.records, updated_at = now()
$$;

CREATE FUNCTION feed_fold_tallies(rows_max integer) RETURNS void LANGUAGE sql AS $$
    WITH taken AS (
        DELETE FROM feed_tallies WHERE ctid = ANY (
            ARRAY(SELECT ctid FROM feed_tallies LIMIT rows_max)
        )
        RETURNING video_id, impression_count, long_watch_count, skip_count
    )
    INSERT INTO feed_scores (video_id, impression_count, long_watch_count, skip_count)
    SELECT t.video_id, sum(t.impression_count), sum(t.long_watch_count), sum(t.skip_count)
    FROM taken t JOIN videos v ON v.id = t.video_id
    GROUP BY t.video_id
    ON CONFLICT (video_id) DO UPDATE
    SET impression_count = feed_scores.impression_count + EXCLUDED.impression_count,
        long_watch_count = feed_scores.long_watch_count + EXCLUDED.long_watch_count,
        skip_count = feed_scores.skip_count + EXCLUDED.skip_count,
        updated_at = now()
$$;

CREATE INDEX feed_viewers_by_update ON feed_viewers (updated_at DESC);
CREATE FUNCTION feed_list_acts(viewers_max integer) RETURNS TABLE (records bytea, liked bytea)
LANGUAGE sql STABLE AS $$
    SELECT f.records, (
        SELECT string_agg(substring(uuid_send(o.video_id) FROM 9), ''::bytea)
        FROM (
            SELECT l.video_id FROM likes l
            WHERE l.viewer_id = f.account_id ORDER BY l.created_at DESC LIMIT 200
        ) o
    )
    FROM feed_viewers f ORDER BY f.updated_at DESC LIMIT viewers_max
$$;

CREATE FUNCTION feed_place_videos(ids uuid[], vectors bytea[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO feed_scores (video_id, vector)
    SELECT p.video_id, p.vector
    FROM unnest(ids, vectors) AS p (video_id, vector) JOIN videos v ON v.id = p.video_id
    ON CONFLICT (video_id) DO UPDATE SET vector = EXCLUDED.vector, updated_at = now()
$$;

-- Whose counts, scores or vector changed since; what they are now is in feed_videos.
CREATE INDEX feed_scores_by_update ON feed_scores (updated_at);
CREATE FUNCTION feed_recounted(since timestamptz, rows_max integer) RETURNS SETOF uuid
LANGUAGE sql STABLE AS $$
    (SELECT video_id FROM video_counts WHERE updated_at >= since LIMIT rows_max)
    UNION
    (SELECT video_id FROM feed_scores WHERE updated_at >= since LIMIT rows_max)
$$;

CREATE FUNCTION feed_note_video() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_changes (kind, subject_id)
    VALUES ('video', CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END);
    RETURN NULL;
END
$$;

CREATE FUNCTION feed_note_part_of_video() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_changes (kind, subject_id)
    VALUES ('video', CASE TG_OP WHEN 'DELETE' THEN OLD.video_id ELSE NEW.video_id END);
    RETURN NULL;
END
$$;

CREATE FUNCTION feed_note_creator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed_changes (kind, subject_id)
    SELECT 'video', id FROM videos WHERE creator_id = NEW.id AND state = 'live';
    RETURN NULL;
END
$$;

CREATE TRIGGER feed_video_added AFTER INSERT ON videos
    FOR EACH ROW WHEN (NEW.state = 'live') EXECUTE FUNCTION feed_note_video();
CREATE TRIGGER feed_video_changed AFTER UPDATE ON videos
    FOR EACH ROW
    WHEN (
        (OLD.state = 'live' OR NEW.state = 'live')
        AND (OLD.state, OLD.visibility, OLD.caption, OLD.hashtags, OLD.published_at,
            OLD.deleted_at, OLD.hidden_at, OLD.duration_ms, OLD.poster_object, OLD.thumb_object,
            OLD.placeholder)
        IS DISTINCT FROM (NEW.state, NEW.visibility, NEW.caption, NEW.hashtags, NEW.published_at,
            NEW.deleted_at, NEW.hidden_at, NEW.duration_ms, NEW.poster_object, NEW.thumb_object,
            NEW.placeholder)
    )
    EXECUTE FUNCTION feed_note_video();
CREATE TRIGGER feed_video_removed AFTER DELETE ON videos
    FOR EACH ROW WHEN (OLD.state = 'live') EXECUTE FUNCTION feed_note_video();
CREATE TRIGGER feed_rendition_changed AFTER INSERT OR UPDATE OR DELETE ON renditions
    FOR EACH ROW EXECUTE FUNCTION feed_note_part_of_video();
CREATE TRIGGER feed_captions_changed AFTER INSERT OR UPDATE OR DELETE ON captions
    FOR EACH ROW EXECUTE FUNCTION feed_note_part_of_video();
CREATE TRIGGER feed_creator_changed AFTER UPDATE ON accounts
    FOR EACH ROW
    WHEN (
        (OLD.name, OLD.display_name, OLD.avatar_object, OLD.hidden_at, OLD.deletion_due_at)
        IS DISTINCT FROM
        (NEW.name, NEW.display_name, NEW.avatar_object, NEW.hidden_at, NEW.deletion_due_at)
    )
    EXECUTE FUNCTION feed_note_creator();

-- Whatever changes what a viewer may or likes to see: every server reads this viewer anew.
CREATE FUNCTION feed_note_viewers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
    column_name text;
BEGIN
    FOREACH column_name IN ARRAY TG_ARGV LOOP
        INSERT INTO feed_changes (kind, subject_id)
        VALUES ('viewer', (changed ->> column_name)::uuid);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER feed_viewer_follows AFTER INSERT OR DELETE ON follows
    FOR EACH ROW EXECUTE FUNCTION feed_note_viewers('follower_id');
CREATE TRIGGER feed_viewer_likes AFTER INSERT OR DELETE ON likes
    FOR EACH ROW EXECUTE FUNCTION feed_note_viewers('viewer_id');
CREATE TRIGGER feed_viewer_bookmarks AFTER INSERT OR DELETE ON bookmarks
    FOR EACH ROW EXECUTE FUNCTION feed_note_viewers('viewer_id');
CREATE TRIGGER feed_viewer_blocks AFTER INSERT OR DELETE ON blocks
    FOR EACH ROW EXECUTE FUNCTION feed_note_viewers('blocker_id', 'blocked_id');
CREATE TRIGGER feed_viewer_mutes AFTER INSERT OR DELETE ON mutes
    FOR EACH ROW EXECUTE FUNCTION feed_note_viewers('muter_id');

CREATE FUNCTION feed_forget_viewer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM feed_history WHERE account_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER feed_viewer_removed AFTER DELETE ON accounts
    FOR EACH ROW EXECUTE FUNCTION feed_forget_viewer();

-- Everything a server must know of a viewer, in one statement.  Ids are joined into one value by
-- their low halves (solstice/feed/keys.py): a thousand ids as rows would cost a millisecond.
CREATE FUNCTION feed_read_viewer(viewer uuid)
RETURNS TABLE (
    seen bytea,
    records bytea,
    tail bytea,
    reset_at timestamptz,
    liked bytea,
    -- how many of the newest likes are younger than the reset
    teaching_like_count integer,
    bookmarked bytea,
    followed bytea,
    barred bytea
)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT
        f.seen,
        f.records,
        (
            SELECT string_agg(h.records, ''::bytea ORDER BY h.id)
            FROM feed_history h WHERE h.account_id = viewer
        ),
        f.reset_at,
        (
            SELECT string_agg(substring(uuid_send(o.video_id) FROM 9), ''::bytea)
            FROM (
                SELECT l.video_id FROM likes l
                WHERE l.viewer_id = viewer ORDER BY l.created_at DESC, l.video_id DESC LIMIT 2000
            ) o
        ),
        (
            SELECT count(*)::integer
            FROM (
                SELECT FROM likes l
                WHERE l.viewer_id = viewer AND (f.reset_at IS NULL OR l.created_at > f.reset_at)
                LIMIT 2000
            ) o
        ),
        (
            SELECT string_agg(substring(uuid_send(o.video_id) FROM 9), ''::bytea)
            FROM (
                SELECT m.video_id FROM bookmarks m
                WHERE m.viewer_id = viewer ORDER BY m.created_at DESC, m.video_id DESC LIMIT 2000
            ) o
        ),
        (
            SELECT string_agg(substring(uuid_send(o.followed_id) FROM 9), ''::bytea)
            FROM (
                SELECT fo.followed_id FROM follows fo
                WHERE fo.follower_id = viewer ORDER BY fo.created_at DESC LIMIT 5000
            ) o
        ),
        (
            SELECT string_agg(substring(uuid_send(o.id) FROM 9), ''::bytea)
            FROM (
                SELECT b.blocked_id AS id FROM blocks b WHERE b.blocker_id = viewer
                UNION ALL
                SELECT b.blocker_id FROM blocks b WHERE b.blocked_id = viewer
                UNION ALL
                SELECT m.muted_id FROM mutes m WHERE m.muter_id = viewer
            ) o
        )
    FROM (SELECT viewer AS id) v
    LEFT JOIN feed_viewers f ON f.account_id = v.id;
END
$$;
