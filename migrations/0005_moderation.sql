-- Reports, what was decided about them, and the log nobody can rewrite.

-- Reports about one thing meet in one case while it is open.
CREATE TABLE cases (
    id uuid PRIMARY KEY,
    subject_kind text NOT NULL CHECK (subject_kind IN ('video', 'comment', 'account')),
    subject_id uuid NOT NULL,
    -- who answers for it: the creator, the author, the account itself
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    -- the video itself, or the one the comment stands under
    video_id uuid,
    -- the words or the caption as they were when first reported; an edit does not remove them
    excerpt text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'decided')),
    opened_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    -- what is in force because of this case; 'none' after a dismissal or a restoration
    sanction text NOT NULL DEFAULT 'none'
        CHECK (sanction IN ('none', 'hide_video', 'remove_comment', 'hide_account')),
    CHECK ((state = 'decided') = (decided_at IS NOT NULL))
);
CREATE UNIQUE INDEX cases_open_once ON cases (subject_kind, subject_id) WHERE state = 'open';
CREATE INDEX cases_by_state ON cases (state, id DESC);
CREATE INDEX cases_by_subject ON cases (subject_kind, subject_id, id DESC);
CREATE INDEX cases_by_account ON cases (account_id, id DESC);

CREATE TABLE reports (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
    reporter_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    reason text NOT NULL,
    note text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (case_id, reporter_id)
);
CREATE INDEX reports_by_reporter ON reports (reporter_id, created_at DESC);

CREATE TABLE appeals (
    case_id uuid PRIMARY KEY REFERENCES cases ON DELETE CASCADE,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    outcome text CHECK (outcome IN ('uphold', 'overturn')),
    decided_at timestamptz,
    CHECK ((outcome IS NULL) = (decided_at IS NULL))
);
CREATE INDEX appeals_waiting ON appeals (case_id) WHERE outcome IS NULL;

-- Who decided what, and why.  Names are copied and nothing is referred to: the log outlives
-- everybody in it.
CREATE TABLE moderation_log (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id uuid,
    actor_name text NOT NULL,
    action text NOT NULL CHECK (action IN ('dismiss', 'hide_video', 'remove_comment',
        'hide_account', 'restore', 'appeal', 'uphold', 'overturn')),
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    account_id uuid,
    case_id uuid,
    reason text NOT NULL
);
CREATE INDEX moderation_log_by_case ON moderation_log (case_id, id);
CREATE INDEX moderation_log_by_subject ON moderation_log (subject_kind, subject_id, id DESC);

CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the moderation log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER moderation_log_is_append_only BEFORE UPDATE OR DELETE ON moderation_log
    FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER moderation_log_is_not_emptied BEFORE TRUNCATE ON moderation_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
