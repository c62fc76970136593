-- People: who they are, where they are logged in, whom they keep away.

CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    display_name text NOT NULL,
    bio text NOT NULL DEFAULT '',
    email text,
    password_hash text NOT NULL,
    role text NOT NULL DEFAULT 'viewer' CHECK (role IN ('viewer', 'moderator', 'administrator')),
    avatar_object text,
    created_at timestamptz NOT NULL DEFAULT now(),
    hidden_at timestamptz,
    deletion_due_at timestamptz,
    -- tokens issued before this are looked up again, whatever they say about themselves
    access_changed_at timestamptz
);
CREATE UNIQUE INDEX accounts_by_name ON accounts (lower(name));
CREATE INDEX accounts_by_access ON accounts (access_changed_at) WHERE access_changed_at IS NOT NULL;
CREATE INDEX accounts_by_deletion ON accounts (deletion_due_at) WHERE deletion_due_at IS NOT NULL;

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    user_agent text NOT NULL DEFAULT '',
    network text NOT NULL DEFAULT '',
    ended_at timestamptz
);
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE blocks (
    blocker_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    blocked_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (blocker_id, blocked_id),
    CHECK (blocker_id <> blocked_id)
);
CREATE INDEX blocks_by_blocked ON blocks (blocked_id);

CREATE TABLE mutes (
    muter_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    muted_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (muter_id, muted_id),
    CHECK (muter_id <> muted_id)
);

-- What an address, a browser or a name has used up of its tries.  Losing this in a crash costs
-- nothing but a little patience of the guesser's, so it is spared the write-ahead log.
CREATE UNLOGGED TABLE allowances (
    bucket text PRIMARY KEY,
    used double precision NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX allowances_by_age ON allowances (last_at);

-- Who sees whose videos "for followers"; the community tells of it and counts it.
CREATE TABLE follows (
    follower_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    followed_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (follower_id, followed_id),
    CHECK (follower_id <> followed_id)
);
CREATE INDEX follows_by_followed ON follows (followed_id, created_at DESC);
