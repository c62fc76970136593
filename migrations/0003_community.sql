-- What people do with videos and with each other.
--
-- Nothing here refers to `videos` or to the receiving account by a foreign key where thousands
-- may act on the same one at once: the check would lock that one row for every like.  Triggers
-- on `videos` and `accounts` take such rows away instead.  (docs/decisions/0050)

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Acts: the row is the natural key, so doing it twice is doing it once.

CREATE TABLE likes (
    viewer_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    video_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (viewer_id, video_id)
);
CREATE INDEX likes_by_viewer ON likes (viewer_id, created_at DESC, video_id DESC);
CREATE INDEX likes_by_video ON likes (video_id, created_at DESC);

CREATE TABLE bookmarks (
    viewer_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    video_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (viewer_id, video_id)
);
CREATE INDEX bookmarks_by_viewer ON bookmarks (viewer_id, created_at DESC, video_id DESC);
CREATE INDEX bookmarks_by_video ON bookmarks (video_id);

CREATE TABLE shares (
    viewer_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    video_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (viewer_id, video_id)
);
CREATE INDEX shares_by_video ON shares (video_id);

CREATE TABLE comments (
    id uuid PRIMARY KEY,
    video_id uuid NOT NULL,
    author_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    parent_id uuid REFERENCES comments ON DELETE CASCADE,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- a removed comment stays as a tombstone, so that a late retry does not bring it back
    removed_at timestamptz,
    removed_by text CHECK (removed_by IN ('author', 'creator', 'moderator')),
    -- the comment whose removal took this one along: itself, or its parent
    removed_with uuid
);
-- Ids are made by clients and say nothing about time: order is by created_at.
CREATE INDEX comments_by_video ON comments (video_id, created_at DESC, id DESC)
    WHERE parent_id IS NULL;
CREATE INDEX comments_by_parent ON comments (parent_id, created_at, id)
    WHERE parent_id IS NOT NULL;
CREATE INDEX comments_by_author ON comments (author_id, created_at DESC);
CREATE INDEX comments_removed ON comments (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE comment_likes (
    viewer_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    comment_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (viewer_id, comment_id)
);
CREATE INDEX comment_likes_by_comment ON comment_likes (comment_id);

-- Shown counts: written only by the folding job, never by a request.

CREATE TABLE video_counts (
    video_id uuid PRIMARY KEY,
    like_count bigint NOT NULL DEFAULT 0,
    comment_count bigint NOT NULL DEFAULT 0,
    view_count bigint NOT NULL DEFAULT 0,
    share_count bigint NOT NULL DEFAULT 0,
    bookmark_count bigint NOT NULL DEFAULT 0,
    watch_ms_sum bigint NOT NULL DEFAULT 0,
    watch_count bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
CREATE INDEX video_counts_by_update ON video_counts (updated_at);

CREATE TABLE comment_counts (
    comment_id uuid PRIMARY KEY REFERENCES comments ON DELETE CASCADE,
    video_id uuid NOT NULL,
    is_reply boolean NOT NULL,
    like_count bigint NOT NULL DEFAULT 0,
    reply_count bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE INDEX comment_counts_top ON comment_counts (video_id, like_count DESC, comment_id DESC)
    WHERE NOT is_reply;

CREATE TABLE account_counts (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    follower_count bigint NOT NULL DEFAULT 0,
    following_count bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

-- Deltas: appended with the act, moved into the counts by the folding job.  No index, no key:
-- an append touches nothing that another append waits for.

CREATE TABLE video_deltas (
    video_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('like', 'comment', 'share', 'bookmark', 'view')),
    delta integer NOT NULL,
    watch_ms bigint NOT NULL DEFAULT 0,
    watch_count integer NOT NULL DEFAULT 0
);

CREATE TABLE comment_deltas (
    comment_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('like', 'reply')),
    delta integer NOT NULL
);

CREATE TABLE account_deltas (
    account_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('follower', 'following')),
    delta integer NOT NULL
);

CREATE TABLE hashtags (
    tag text PRIMARY KEY,
    video_count bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE INDEX hashtags_by_prefix ON hashtags (tag text_pattern_ops);

CREATE TABLE hashtag_deltas (
    tag text NOT NULL,
    delta integer NOT NULL
);

-- Videos everybody may see, by hashtag; kept by triggers in the transaction that changes them.
CREATE TABLE tagged_videos (
    tag text NOT NULL,
    video_id uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
    PRIMARY KEY (tag, video_id)
);
CREATE INDEX tagged_videos_by_video ON tagged_videos (video_id);

CREATE FUNCTION append_act_deltas() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO video_deltas (video_id, kind, delta)
    SELECT video_id, TG_ARGV[0], CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END FROM changed;
    RETURN NULL;
END $$;

CREATE TRIGGER likes_added AFTER INSERT ON likes REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_act_deltas('like');
CREATE TRIGGER likes_removed AFTER DELETE ON likes REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_act_deltas('like');
CREATE TRIGGER bookmarks_added AFTER INSERT ON bookmarks REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_act_deltas('bookmark');
CREATE TRIGGER bookmarks_removed AFTER DELETE ON bookmarks REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_act_deltas('bookmark');
CREATE TRIGGER shares_added AFTER INSERT ON shares REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_act_deltas('share');
CREATE TRIGGER shares_removed AFTER DELETE ON shares REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_act_deltas('share');

CREATE FUNCTION append_comment_like_deltas() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comment_deltas (comment_id, kind, delta)
    SELECT comment_id, 'like', CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END FROM changed;
    RETURN NULL;
END $$;

CREATE TRIGGER comment_likes_added AFTER INSERT ON comment_likes REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_comment_like_deltas();
CREATE TRIGGER comment_likes_removed AFTER DELETE ON comment_likes REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_comment_like_deltas();

-- A comment counts while it is not removed, wherever it comes from and however it goes.
CREATE FUNCTION append_comment_deltas() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO video_deltas (video_id, kind, delta)
        SELECT video_id, 'comment', 1 FROM arrived WHERE removed_at IS NULL;
        INSERT INTO comment_deltas (comment_id, kind, delta)
        SELECT parent_id, 'reply', 1 FROM arrived WHERE removed_at IS NULL AND parent_id IS NOT NULL;
    END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        INSERT INTO video_deltas (video_id, kind, delta)
        SELECT video_id, 'comment', -1 FROM departed WHERE removed_at IS NULL;
        INSERT INTO comment_deltas (comment_id, kind, delta)
        SELECT parent_id, 'reply', -1 FROM departed
        WHERE removed_at IS NULL AND parent_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER comments_added AFTER INSERT ON comments REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION append_comment_deltas();
CREATE TRIGGER comments_changed AFTER UPDATE ON comments
    REFERENCING OLD TABLE AS departed NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION append_comment_deltas();
CREATE TRIGGER comments_deleted AFTER DELETE ON comments REFERENCING OLD TABLE AS departed
    FOR EACH STATEMENT EXECUTE FUNCTION append_comment_deltas();

-- Each comment gets its row of counts and, when it goes for good, loses the likes it had.
CREATE FUNCTION open_comment_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comment_counts (comment_id, video_id, is_reply)
    SELECT id, video_id, parent_id IS NOT NULL FROM arrived;
    RETURN NULL;
END $$;

CREATE TRIGGER comments_opened AFTER INSERT ON comments REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION open_comment_counts();

CREATE FUNCTION delete_comment_likes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM comment_likes WHERE comment_id IN (SELECT id FROM departed);
    RETURN NULL;
END $$;

CREATE TRIGGER comments_forgotten AFTER DELETE ON comments REFERENCING OLD TABLE AS departed
    FOR EACH STATEMENT EXECUTE FUNCTION delete_comment_likes();

CREATE FUNCTION append_follow_deltas() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO account_deltas (account_id, kind, delta)
    SELECT followed_id, 'follower', sign FROM changed
    UNION ALL
    SELECT follower_id, 'following', sign FROM changed;
    RETURN NULL;
END $$;

CREATE TRIGGER follows_added AFTER INSERT ON follows REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_follow_deltas();
CREATE TRIGGER follows_removed AFTER DELETE ON follows REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_follow_deltas();

-- An account's counts are known, and zero, from its first moment.
CREATE FUNCTION open_account_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO account_counts (account_id) SELECT id FROM arrived;
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_opened AFTER INSERT ON accounts REFERENCING NEW TABLE AS arrived
    FOR EACH STATEMENT EXECUTE FUNCTION open_account_counts();

-- What a video's state means here: its counts are known from its first moment, and its hashtags
-- lead to it exactly while everybody may see it.
CREATE FUNCTION tag_video() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE tags text[] := '{}';
BEGIN
    IF NEW.state = 'live' AND NEW.visibility = 'public'
        AND NEW.deleted_at IS NULL AND NEW.hidden_at IS NULL
        AND EXISTS (SELECT FROM accounts a WHERE a.id = NEW.creator_id
            AND a.hidden_at IS NULL AND a.deletion_due_at IS NULL)
    THEN
        tags := NEW.hashtags;
    END IF;
    DELETE FROM tagged_videos WHERE video_id = NEW.id AND tag <> ALL (tags);
    INSERT INTO tagged_videos (tag, video_id)
    SELECT DISTINCT unnest(tags), NEW.id ON CONFLICT DO NOTHING;
    IF NEW.state = 'live' THEN
        INSERT INTO video_counts (video_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER videos_tagged_at_once AFTER INSERT ON videos
    FOR EACH ROW WHEN (NEW.state = 'live') EXECUTE FUNCTION tag_video();
CREATE TRIGGER videos_tagged AFTER UPDATE OF hashtags, state, visibility, deleted_at, hidden_at
    ON videos FOR EACH ROW
    WHEN ((OLD.hashtags, OLD.state, OLD.visibility, OLD.deleted_at, OLD.hidden_at)
        IS DISTINCT FROM (NEW.hashtags, NEW.state, NEW.visibility, NEW.deleted_at, NEW.hidden_at))
    EXECUTE FUNCTION tag_video();

-- An account that is hidden or leaves takes its videos out of the hashtags, and brings them back.
CREATE FUNCTION tag_videos_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tagged_videos t USING videos v
    WHERE v.creator_id = NEW.id AND t.video_id = v.id
        AND (NEW.hidden_at IS NOT NULL OR NEW.deletion_due_at IS NOT NULL);
    INSERT INTO tagged_videos (tag, video_id)
    SELECT DISTINCT unnest(v.hashtags), v.id FROM videos v
    WHERE v.creator_id = NEW.id AND v.state = 'live' AND v.visibility = 'public'
        AND v.deleted_at IS NULL AND v.hidden_at IS NULL
        AND NEW.hidden_at IS NULL AND NEW.deletion_due_at IS NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_tagged AFTER UPDATE OF hidden_at, deletion_due_at ON accounts FOR EACH ROW
    WHEN ((OLD.hidden_at IS NULL AND OLD.deletion_due_at IS NULL)
        <> (NEW.hidden_at IS NULL AND NEW.deletion_due_at IS NULL))
    EXECUTE FUNCTION tag_videos_of_account();

CREATE FUNCTION append_hashtag_deltas() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hashtag_deltas (tag, delta)
    SELECT tag, CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END FROM changed;
    RETURN NULL;
END $$;

CREATE TRIGGER tagged_videos_added AFTER INSERT ON tagged_videos REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_hashtag_deltas();
CREATE TRIGGER tagged_videos_removed AFTER DELETE ON tagged_videos REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION append_hashtag_deltas();

-- Inboxes.  Rows are appended with the act and grouped when read.

CREATE TABLE notifications (
    account_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('like', 'comment', 'reply', 'follow', 'mention',
        'video_live', 'video_refused', 'report_decided', 'moderation', 'appeal_decided', 'system')),
    -- what belongs together in one line: the video, the thread, or the notification alone
    group_id uuid NOT NULL,
    actor_id uuid REFERENCES accounts ON DELETE CASCADE,
    video_id uuid,
    comment_id uuid,
    text text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX notifications_once
    ON notifications (account_id, kind, group_id, actor_id, comment_id) NULLS NOT DISTINCT;
CREATE INDEX notifications_by_group ON notifications (account_id, kind, group_id, id DESC);
CREATE INDEX notifications_by_actor ON notifications (actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX notifications_by_video ON notifications (video_id) WHERE video_id IS NOT NULL;
CREATE INDEX notifications_by_age ON notifications (created_at);

CREATE TABLE inboxes (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    read_up_to uuid NOT NULL
);

-- Whether one more line of a group would be news: while so many are unread it would not.
CREATE FUNCTION has_room(account uuid, of_kind text, of_group uuid, unread_max integer)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT unread_max > (
        SELECT count(*) FROM (
            SELECT FROM notifications n
            WHERE n.account_id = account AND n.kind = of_kind AND n.group_id = of_group
                AND n.id > coalesce(
                    (SELECT i.read_up_to FROM inboxes i WHERE i.account_id = account),
                    '00000000-0000-0000-0000-000000000000'
                )
            LIMIT unread_max
        ) unread
    )
$$;

-- In place of foreign keys: what was done to a video or told to an account goes with it.

CREATE FUNCTION forget_videos() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM likes WHERE video_id IN (SELECT id FROM departed);
    DELETE FROM bookmarks WHERE video_id IN (SELECT id FROM departed);
    DELETE FROM shares WHERE video_id IN (SELECT id FROM departed);
    DELETE FROM comments WHERE video_id IN (SELECT id FROM departed);
    DELETE FROM notifications WHERE video_id IN (SELECT id FROM departed);
    DELETE FROM video_counts WHERE video_id IN (SELECT id FROM departed);
    RETURN NULL;
END $$;

CREATE TRIGGER videos_forgotten AFTER DELETE ON videos REFERENCING OLD TABLE AS departed
    FOR EACH STATEMENT EXECUTE FUNCTION forget_videos();

CREATE FUNCTION forget_inboxes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM notifications WHERE account_id IN (SELECT id FROM departed);
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_forgotten AFTER DELETE ON accounts REFERENCING OLD TABLE AS departed
    FOR EACH STATEMENT EXECUTE FUNCTION forget_inboxes();

-- Search.  Captions and hashtags by word ('simple': no language is better than the wrong one) and,
-- when no word fits, by likeness; people by likeness of name.

CREATE FUNCTION video_words(caption text, hashtags text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('pg_catalog.simple', caption || ' ' || array_to_string(hashtags, ' '));

CREATE INDEX videos_by_words ON videos USING gin (video_words(caption, hashtags))
    WHERE state = 'live' AND deleted_at IS NULL;
CREATE INDEX videos_by_likeness ON videos USING gin (lower(caption) gin_trgm_ops)
    WHERE state = 'live' AND deleted_at IS NULL;
CREATE INDEX accounts_by_prefix ON accounts (lower(name) text_pattern_ops);
CREATE INDEX accounts_by_likeness ON accounts
    USING gin (lower(name) gin_trgm_ops, lower(display_name) gin_trgm_ops);
