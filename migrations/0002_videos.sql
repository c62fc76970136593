-- Videos: one row for each upload ever begun, from its first byte to its deletion.

CREATE TABLE videos (
    id uuid PRIMARY KEY,
    creator_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'uploading'
        CHECK (state IN ('uploading', 'received', 'processing', 'live', 'refused')),
    visibility text NOT NULL DEFAULT 'public' CHECK (visibility IN ('public', 'followers', 'private')),
    caption text NOT NULL DEFAULT '',
    hashtags text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    received_at timestamptz,
    published_at timestamptz,
    deleted_at timestamptz,
    hidden_at timestamptz,
    -- the upload
    size_bytes bigint,
    received_bytes bigint NOT NULL DEFAULT 0,
    original_extension text NOT NULL DEFAULT 'bin',
    original_object text,
    original_sha256 text,
    -- the lease: a worker's answer counts only while it still holds the generation it took;
    -- lease_until is also the instant before which nobody may take the video (back-off)
    generation integer NOT NULL DEFAULT 0,
    lease_until timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    progress_percent smallint,
    -- every rendition is there; a live video without it still has better ones to come
    ladder_done_at timestamptz,
    refusal_code text,
    refusal_sentence text,
    -- what was found
    duration_ms integer,
    width integer,
    height integer,
    has_audio boolean,
    poster_object text,
    thumb_object text,
    poster_at_ms integer,
    placeholder text,
    -- after the deletion: every object of the video is gone
    objects_removed_at timestamptz,
    CHECK (state <> 'live' OR published_at IS NOT NULL),
    CHECK (received_bytes <= size_bytes)
);
CREATE INDEX videos_by_creator ON videos (creator_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX videos_by_publication ON videos (published_at DESC, id DESC)
    WHERE state = 'live' AND deleted_at IS NULL;
CREATE INDEX videos_by_update ON videos (updated_at);
CREATE INDEX videos_in_progress ON videos (received_at, lease_until)
    WHERE ladder_done_at IS NULL AND state IN ('received', 'processing', 'live')
        AND deleted_at IS NULL;
CREATE INDEX videos_uploading ON videos (creator_id, updated_at)
    WHERE state = 'uploading' AND deleted_at IS NULL;
CREATE INDEX videos_to_remove ON videos (deleted_at)
    WHERE deleted_at IS NOT NULL AND objects_removed_at IS NULL;

CREATE TABLE upload_parts (
    video_id uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
    offset_bytes bigint NOT NULL,
    size_bytes bigint NOT NULL,
    object text NOT NULL,
    PRIMARY KEY (video_id, offset_bytes)
);

CREATE TABLE renditions (
    video_id uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
    object text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    short_side integer NOT NULL,
    bitrate_bps integer NOT NULL,
    codecs text NOT NULL,
    size_bytes bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (video_id, short_side)
);

CREATE TABLE captions (
    video_id uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
    language text NOT NULL,
    label text NOT NULL,
    object text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (video_id, language)
);

CREATE TABLE poster_frames (
    video_id uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
    at_ms integer NOT NULL,
    object text NOT NULL,
    thumb_object text NOT NULL,
    placeholder text NOT NULL,
    PRIMARY KEY (video_id, at_ms)
);

-- What others want to hear of (the community tells the creator): written with the change itself,
-- taken away by whoever tells, so it is told exactly once.
CREATE TABLE video_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    video_id uuid NOT NULL REFERENCES videos ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('live', 'refused')),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Objects no row names, since when; removed when a later sweep still finds them unnamed.
CREATE TABLE orphan_objects (
    object text PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT now()
);
