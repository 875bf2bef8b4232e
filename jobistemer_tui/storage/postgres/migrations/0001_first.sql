-- Tables as in storage/tables.py, which a test compares. Instants are microseconds since 1970 in UTC, booleans 0 and
-- 1, objects JSON text; text is ordered by code point. Names without a schema belong to the store's own.
-- Until its release this file is made by `python -m tests.support.postgres_schema`.

CREATE TABLE store (
    one int PRIMARY KEY CHECK (one = 1),
    id uuid NOT NULL,
    schema_version int NOT NULL,
    commits bigint NOT NULL,
    last_event bigint NOT NULL
) WITH (fillfactor = 10); -- its row changes with each commit, and stays on one page

CREATE TABLE "job" (
    "id" uuid NOT NULL,
    "key" text COLLATE "C" NOT NULL,
    "name" text COLLATE "C" NOT NULL,
    "version" bigint NOT NULL,
    "content_hash" text COLLATE "C" NOT NULL,
    "source_path" text COLLATE "C" NOT NULL,
    "source_root" text COLLATE "C" NOT NULL,
    "published_at" bigint NOT NULL,
    "first_published_at" bigint NOT NULL,
    "cursor_at" bigint NOT NULL,
    "scheduled" bigint NOT NULL,
    "stopped" bigint NOT NULL,
    "paused_at" bigint,
    "paused_until" bigint,
    "pause_reason" text COLLATE "C",
    "retired_at" bigint,
    "last_run_at" bigint,
    "finished" bigint NOT NULL,
    "error" text COLLATE "C",
    "rev" bigint NOT NULL,
    "timezone_data" text COLLATE "C" NOT NULL,
    "hands_over_at" bigint,
    "group_name" text COLLATE "C",
    "group_limit" bigint NOT NULL,
    "watched" bigint NOT NULL,
    PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "job_by_key" ON "job" ("key");

CREATE INDEX "job_by_cursor_at" ON "job" ("cursor_at", "id");

CREATE INDEX "job_by_group_name_group_limit" ON "job" ("group_name" NULLS FIRST, "group_limit", "id");

CREATE TABLE "node" (
    "id" uuid NOT NULL,
    "host" text COLLATE "C" NOT NULL,
    "pid" bigint NOT NULL,
    "machine_id" text COLLATE "C" NOT NULL,
    "boot_id" text COLLATE "C" NOT NULL,
    "program_version" text COLLATE "C" NOT NULL,
    "timezone_data" text COLLATE "C" NOT NULL,
    "started_at" bigint NOT NULL,
    "swept_at" bigint NOT NULL,
    "stopped_at" bigint,
    "trouble" text COLLATE "C",
    "lost_at" bigint,
    "name" text COLLATE "C" NOT NULL,
    "labels" text COLLATE "C" NOT NULL,
    "slots" bigint NOT NULL,
    "clock_offset_ms" bigint,
    "lost_after_s" double precision,
    PRIMARY KEY ("id")
);

CREATE TABLE "node_drain" (
    "name" text COLLATE "C" NOT NULL,
    "at" bigint NOT NULL,
    "actor" text COLLATE "C" NOT NULL,
    "reason" text COLLATE "C",
    PRIMARY KEY ("name")
);

CREATE INDEX "node_by_started_at" ON "node" ("started_at", "id");

CREATE TABLE "concurrency_group" (
    "name" text COLLATE "C" NOT NULL,
    "rev" bigint NOT NULL,
    PRIMARY KEY ("name")
);

CREATE TABLE "boot" (
    "machine_id" text COLLATE "C" NOT NULL,
    "boot_id" text COLLATE "C" NOT NULL,
    "at" bigint NOT NULL,
    PRIMARY KEY ("machine_id", "boot_id")
);

CREATE TABLE "job_file" (
    "path" text COLLATE "C" NOT NULL,
    "root" text COLLATE "C" NOT NULL,
    "state" text COLLATE "C" NOT NULL CHECK (
        "state" IN (
            'loaded', 'refused'
        )
    ),
    "content_hash" text COLLATE "C" NOT NULL,
    "read_at" bigint NOT NULL,
    "jobs" text COLLATE "C" NOT NULL,
    "errors" text COLLATE "C" NOT NULL,
    "job_ids" text COLLATE "C" NOT NULL,
    "settled" text COLLATE "C",
    PRIMARY KEY ("path")
);

CREATE INDEX "job_file_by_root_path" ON "job_file" ("root", "path");

CREATE TABLE "event" (
    "at" bigint NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "actor" text COLLATE "C" NOT NULL,
    "job_id" uuid,
    "occurrence_id" uuid,
    "reason" text COLLATE "C",
    "detail" text COLLATE "C" NOT NULL,
    "sequence" bigint NOT NULL,
    PRIMARY KEY ("sequence")
);

CREATE INDEX "event_by_job_id_sequence" ON "event" ("job_id" NULLS FIRST, "sequence");

CREATE INDEX "event_by_occurrence_id_sequence" ON "event" ("occurrence_id" NULLS FIRST, "sequence");

CREATE TABLE "job_version" (
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "number" bigint NOT NULL,
    "content_hash" text COLLATE "C" NOT NULL,
    "definition" text COLLATE "C" NOT NULL,
    "source_path" text COLLATE "C" NOT NULL,
    "source_line" bigint NOT NULL,
    "published_at" bigint NOT NULL,
    PRIMARY KEY ("job_id", "number")
);

CREATE TABLE "occurrence" (
    "id" uuid NOT NULL,
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "scheduled_at" bigint NOT NULL,
    "due_at" bigint NOT NULL,
    "trigger" text COLLATE "C" NOT NULL CHECK (
        "trigger" IN (
            'schedule', 'recovery', 'manual', 'replay', 'backfill', 'after'
        )
    ),
    "state" text COLLATE "C" NOT NULL CHECK (
        "state" IN (
            'planned', 'pending', 'queued', 'running', 'canceling', 'completed',
            'completed_with_errors', 'failed', 'failed_stale', 'canceled', 'skipped', 'missed'
        )
    ),
    "version" bigint NOT NULL,
    "created_at" bigint NOT NULL,
    "reason" text COLLATE "C",
    "detail" text COLLATE "C" NOT NULL,
    "owner" uuid,
    "epoch" bigint NOT NULL,
    "sequence" bigint NOT NULL,
    "request_id" uuid,
    "replay_of" uuid,
    "valid_until" bigint,
    "handled_at" bigint,
    "started_at" bigint,
    "finished_at" bigint,
    "deadline_at" bigint,
    "last_run_at" bigint,
    "window" text COLLATE "C" NOT NULL,
    "params" text COLLATE "C" NOT NULL,
    "rank" bigint NOT NULL,
    "group_name" text COLLATE "C",
    "pinned" bigint NOT NULL,
    "forced" bigint NOT NULL,
    "follows" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("id")
);

CREATE INDEX "occurrence_by_state_due_at" ON "occurrence" ("state", "due_at", "id");

CREATE INDEX "occurrence_by_job_id_scheduled_at" ON "occurrence" ("job_id", "scheduled_at", "id");

CREATE INDEX "occurrence_by_job_id_state_sequence" ON "occurrence" ("job_id", "state", "sequence", "id");

CREATE INDEX "occurrence_by_owner_state" ON "occurrence" ("owner" NULLS FIRST, "state", "id");

CREATE UNIQUE INDEX "occurrence_by_request_id" ON "occurrence" ("request_id" NULLS FIRST);

CREATE INDEX "occurrence_by_handled_at" ON "occurrence" ("handled_at" NULLS FIRST, "id");

CREATE INDEX "occurrence_by_job_id_handled_at" ON "occurrence" ("job_id", "handled_at" NULLS FIRST, "id");

CREATE INDEX "occurrence_by_finished_at" ON "occurrence" ("finished_at" NULLS FIRST, "id");

CREATE INDEX "occurrence_by_state_rank_due_at" ON "occurrence" ("state", "rank", "due_at", "id");

CREATE INDEX "occurrence_by_group_name_state_due_at" ON "occurrence" ("group_name" NULLS FIRST, "state", "due_at", "id");

CREATE INDEX "occurrence_by_replay_of" ON "occurrence" ("replay_of" NULLS FIRST, "id");

CREATE TABLE "job_state" (
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "value" text COLLATE "C" NOT NULL,
    "rev" bigint NOT NULL,
    "updated_at" bigint NOT NULL,
    "attempt_id" uuid,
    PRIMARY KEY ("job_id")
);

CREATE TABLE "notification" (
    "id" uuid NOT NULL,
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "occurrence_id" uuid,
    "channel" text COLLATE "C" NOT NULL,
    "state" text COLLATE "C" NOT NULL CHECK (
        "state" IN (
            'queued', 'waiting', 'sent', 'given_up'
        )
    ),
    "created_at" bigint NOT NULL,
    "not_before" bigint NOT NULL,
    "target" text COLLATE "C" NOT NULL,
    "payload" text COLLATE "C" NOT NULL,
    "tries" bigint NOT NULL,
    "error" text COLLATE "C",
    "finished_at" bigint,
    "result" text COLLATE "C" NOT NULL,
    "lane" uuid,
    PRIMARY KEY ("id")
);

CREATE INDEX "notification_by_state_not_before" ON "notification" ("state", "not_before", "id");

CREATE INDEX "notification_by_job_id_created_at" ON "notification" ("job_id", "created_at", "id");

CREATE INDEX "notification_by_occurrence_id_created_at" ON "notification" ("occurrence_id" NULLS FIRST, "created_at", "id");

CREATE INDEX "notification_by_lane_state_created_at" ON "notification" ("lane" NULLS FIRST, "state", "created_at", "id");

CREATE TABLE "pause" (
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "begin_at" bigint NOT NULL,
    "end_at" bigint,
    "reason" text COLLATE "C",
    "batch" uuid,
    PRIMARY KEY ("job_id", "begin_at")
);

CREATE TABLE "missed_range" (
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "from_at" bigint NOT NULL,
    "to_at" bigint NOT NULL,
    "count" bigint NOT NULL,
    "reason" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("job_id", "from_at")
);

CREATE TABLE "job_tally" (
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "failures" bigint NOT NULL,
    "incident" uuid,
    "failing_since" bigint,
    "succeeded_at" bigint,
    "recoveries" bigint NOT NULL,
    "counts" text COLLATE "C" NOT NULL,
    "seconds" text COLLATE "C" NOT NULL,
    "lateness" text COLLATE "C" NOT NULL,
    "tasks" text COLLATE "C" NOT NULL,
    "told" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("job_id")
);

CREATE TABLE "follower" (
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "clause" bigint NOT NULL,
    "followed" text COLLATE "C" NOT NULL,
    "on" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("job_id", "clause", "followed")
);

CREATE INDEX "follower_by_followed" ON "follower" ("followed", "job_id", "clause");

CREATE TABLE "handover" (
    "id" uuid NOT NULL,
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "clause" bigint NOT NULL,
    "followed" text COLLATE "C" NOT NULL,
    "occurrence_id" uuid NOT NULL,
    "status" text COLLATE "C" NOT NULL CHECK (
        "status" IN (
            'planned', 'pending', 'queued', 'running', 'canceling', 'completed',
            'completed_with_errors', 'failed', 'failed_stale', 'canceled', 'skipped', 'missed'
        )
    ),
    "ended_at" bigint NOT NULL,
    "chain" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("id")
);

CREATE INDEX "handover_by_job_id_clause_ended_at" ON "handover" ("job_id", "clause", "ended_at", "id");

CREATE TABLE "job_gap" (
    "job_id" uuid NOT NULL REFERENCES "job" (id),
    "begin_at" bigint NOT NULL,
    "state" text COLLATE "C" NOT NULL CHECK (
        "state" IN (
            'held', 'resolved'
        )
    ),
    "reason" text COLLATE "C" NOT NULL,
    "found_at" bigint NOT NULL,
    "awake_at" bigint NOT NULL,
    "down_at" bigint,
    "end_at" bigint,
    "count" bigint,
    "held_until" bigint,
    "held_for" text COLLATE "C",
    "strategy" text COLLATE "C" CHECK (
        "strategy" IN (
            'execute-all', 'execute-last', 'mark-as-missed', 'bounded-window', 'compressed'
        )
    ),
    "choice" text COLLATE "C" NOT NULL,
    "resolved_at" bigint,
    "outcome" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("job_id", "begin_at")
);

CREATE INDEX "job_gap_by_job_id_state_begin_at" ON "job_gap" ("job_id", "state", "begin_at");

CREATE INDEX "job_gap_by_state_held_until" ON "job_gap" ("state", "held_until" NULLS FIRST, "job_id", "begin_at");

CREATE INDEX "job_gap_by_found_at" ON "job_gap" ("found_at", "job_id", "begin_at");

CREATE TABLE "task_run" (
    "id" uuid NOT NULL,
    "occurrence_id" uuid NOT NULL REFERENCES "occurrence" (id),
    "name" text COLLATE "C" NOT NULL,
    "position" bigint NOT NULL,
    "state" text COLLATE "C" NOT NULL CHECK (
        "state" IN (
            'pending', 'running', 'retrying', 'success', 'failed', 'timeout',
            'canceled', 'failed_stale', 'skipped'
        )
    ),
    "reason" text COLLATE "C",
    "detail" text COLLATE "C" NOT NULL,
    "started_at" bigint,
    "finished_at" bigint,
    "outputs" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("id")
);

CREATE INDEX "task_run_by_occurrence_id_position" ON "task_run" ("occurrence_id", "position", "id");

CREATE TABLE "attempt" (
    "id" uuid NOT NULL,
    "task_run_id" uuid NOT NULL REFERENCES "task_run" (id),
    "occurrence_id" uuid NOT NULL REFERENCES "occurrence" (id),
    "number" bigint NOT NULL,
    "state" text COLLATE "C" NOT NULL CHECK (
        "state" IN (
            'planned', 'running', 'success', 'failed', 'timeout', 'canceled',
            'lost', 'not_started'
        )
    ),
    "created_at" bigint NOT NULL,
    "not_before" bigint,
    "reason" text COLLATE "C",
    "detail" text COLLATE "C" NOT NULL,
    "started_at" bigint,
    "finished_at" bigint,
    "exit_code" bigint,
    "signal" bigint,
    "counted" bigint NOT NULL,
    PRIMARY KEY ("id")
);

CREATE INDEX "attempt_by_task_run_id_number" ON "attempt" ("task_run_id", "number", "id");

CREATE INDEX "attempt_by_occurrence_id_number" ON "attempt" ("occurrence_id", "number", "id");

CREATE INDEX "attempt_by_state_not_before" ON "attempt" ("state", "not_before" NULLS FIRST, "id");

CREATE TABLE "log_chunk" (
    "attempt_id" uuid NOT NULL REFERENCES "attempt" (id),
    "file" text COLLATE "C" NOT NULL,
    "position" bigint NOT NULL,
    "size" bigint NOT NULL,
    "data" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("attempt_id", "file", "position")
);
