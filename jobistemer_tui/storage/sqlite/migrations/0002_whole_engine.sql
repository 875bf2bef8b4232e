-- What the whole engine needs beside the first: groups, priorities, parameters, values handed on between tasks, the
-- durable state of jobs, the outbox, pins, starts of machines for @reboot, the time-zone data that rows were planned
-- with, schedules that hand over to the next, jobs that follow others, gaps that wait for a person, and why an engine
-- starts nothing.

ALTER TABLE "job" ADD COLUMN "timezone_data" TEXT NOT NULL DEFAULT '';

ALTER TABLE "job" ADD COLUMN "hands_over_at" INTEGER;

ALTER TABLE "node" ADD COLUMN "trouble" TEXT;

ALTER TABLE "node" ADD COLUMN "lost_at" INTEGER;

ALTER TABLE "node" ADD COLUMN "name" TEXT NOT NULL DEFAULT '';

ALTER TABLE "node" ADD COLUMN "labels" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "node" ADD COLUMN "slots" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "node" ADD COLUMN "clock_offset_ms" INTEGER;
ALTER TABLE "node" ADD COLUMN "lost_after_s" REAL;

CREATE TABLE "node_drain" (
    "name" TEXT NOT NULL,
    "at" INTEGER NOT NULL,
    "actor" TEXT NOT NULL,
    "reason" TEXT,
    PRIMARY KEY ("name")
) STRICT, WITHOUT ROWID;

ALTER TABLE "job" ADD COLUMN "group_name" TEXT;

ALTER TABLE "job" ADD COLUMN "group_limit" INTEGER NOT NULL DEFAULT 0;

CREATE INDEX "job_by_group_name_group_limit" ON "job" ("group_name", "group_limit");

CREATE INDEX "job_by_cursor_at" ON "job" ("cursor_at");

ALTER TABLE "job" ADD COLUMN "watched" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "job_file" ADD COLUMN "job_ids" TEXT NOT NULL DEFAULT '[]';

ALTER TABLE "job_file" ADD COLUMN "settled" TEXT;

-- A CHECK cannot be changed, so the table is made anew under its name; what refers to its rows is looked at when the
-- migration is committed.
PRAGMA defer_foreign_keys = ON;

CREATE TEMP TABLE "occurrence_before" AS SELECT * FROM "occurrence";

DROP TABLE "occurrence";

CREATE TABLE "occurrence" (
    "id" BLOB NOT NULL,
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "scheduled_at" INTEGER NOT NULL,
    "due_at" INTEGER NOT NULL,
    "trigger" TEXT NOT NULL CHECK (
        "trigger" IN ('schedule', 'recovery', 'manual', 'replay', 'backfill', 'after')
    ),
    "state" TEXT NOT NULL CHECK (
        "state" IN (
            'planned', 'pending', 'queued', 'running', 'canceling', 'completed',
            'completed_with_errors', 'failed', 'failed_stale', 'canceled', 'skipped', 'missed'
        )
    ),
    "version" INTEGER NOT NULL,
    "created_at" INTEGER NOT NULL,
    "reason" TEXT,
    "detail" TEXT NOT NULL,
    "owner" BLOB,
    "epoch" INTEGER NOT NULL,
    "sequence" INTEGER NOT NULL,
    "request_id" BLOB,
    "replay_of" BLOB,
    "valid_until" INTEGER,
    "handled_at" INTEGER,
    "started_at" INTEGER,
    "finished_at" INTEGER,
    "deadline_at" INTEGER,
    "last_run_at" INTEGER,
    "window" TEXT NOT NULL DEFAULT '{}',
    "params" TEXT NOT NULL DEFAULT '{}',
    "rank" INTEGER NOT NULL DEFAULT 0,
    "group_name" TEXT,
    "pinned" INTEGER NOT NULL DEFAULT 0,
    "forced" INTEGER NOT NULL DEFAULT 0,
    "follows" TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

INSERT INTO "occurrence"
SELECT *, '{}', '{}', 0, NULL, 0, 0, '{}' FROM temp."occurrence_before";

DROP TABLE temp."occurrence_before";

CREATE INDEX "occurrence_by_state_due_at" ON "occurrence" ("state", "due_at");

CREATE INDEX "occurrence_by_job_id_scheduled_at" ON "occurrence" ("job_id", "scheduled_at");

CREATE INDEX "occurrence_by_job_id_state_sequence" ON "occurrence" ("job_id", "state", "sequence");

CREATE INDEX "occurrence_by_owner_state" ON "occurrence" ("owner", "state");

CREATE UNIQUE INDEX "occurrence_by_request_id" ON "occurrence" ("request_id");

CREATE INDEX "occurrence_by_handled_at" ON "occurrence" ("handled_at");

CREATE INDEX "occurrence_by_job_id_handled_at" ON "occurrence" ("job_id", "handled_at");

CREATE INDEX "occurrence_by_finished_at" ON "occurrence" ("finished_at");

CREATE INDEX "occurrence_by_state_rank_due_at" ON "occurrence" ("state", "rank", "due_at");

CREATE INDEX "occurrence_by_group_name_state_due_at" ON "occurrence" ("group_name", "state", "due_at");

CREATE INDEX "occurrence_by_replay_of" ON "occurrence" ("replay_of");

ALTER TABLE "task_run" ADD COLUMN "outputs" TEXT NOT NULL DEFAULT '{}';

ALTER TABLE "pause" ADD COLUMN "batch" BLOB;

CREATE TABLE "concurrency_group" (
    "name" TEXT NOT NULL,
    "rev" INTEGER NOT NULL,
    PRIMARY KEY ("name")
) STRICT, WITHOUT ROWID;

CREATE TABLE "job_state" (
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "value" TEXT NOT NULL,
    "rev" INTEGER NOT NULL,
    "updated_at" INTEGER NOT NULL,
    "attempt_id" BLOB,
    PRIMARY KEY ("job_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "job_tally" (
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "failures" INTEGER NOT NULL,
    "incident" BLOB,
    "failing_since" INTEGER,
    "succeeded_at" INTEGER,
    "recoveries" INTEGER NOT NULL,
    "counts" TEXT NOT NULL,
    "seconds" TEXT NOT NULL,
    "lateness" TEXT NOT NULL,
    "tasks" TEXT NOT NULL,
    "told" TEXT NOT NULL,
    PRIMARY KEY ("job_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "notification" (
    "id" BLOB NOT NULL,
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "occurrence_id" BLOB,
    "channel" TEXT NOT NULL,
    "state" TEXT NOT NULL CHECK ("state" IN ('queued', 'waiting', 'sent', 'given_up')),
    "created_at" INTEGER NOT NULL,
    "not_before" INTEGER NOT NULL,
    "target" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "tries" INTEGER NOT NULL,
    "error" TEXT,
    "finished_at" INTEGER,
    "result" TEXT NOT NULL,
    "lane" BLOB,
    PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "notification_by_state_not_before" ON "notification" ("state", "not_before");

CREATE INDEX "notification_by_lane_state_created_at" ON "notification" ("lane", "state", "created_at");

CREATE INDEX "notification_by_job_id_created_at" ON "notification" ("job_id", "created_at");

CREATE INDEX "notification_by_occurrence_id_created_at" ON "notification" ("occurrence_id", "created_at");

CREATE TABLE "boot" (
    "machine_id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "at" INTEGER NOT NULL,
    PRIMARY KEY ("machine_id", "boot_id")
) STRICT, WITHOUT ROWID;

CREATE TABLE "follower" (
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "clause" INTEGER NOT NULL,
    "followed" TEXT NOT NULL,
    "on" TEXT NOT NULL,
    PRIMARY KEY ("job_id", "clause", "followed")
) STRICT, WITHOUT ROWID;

CREATE INDEX "follower_by_followed" ON "follower" ("followed");

CREATE TABLE "handover" (
    "id" BLOB NOT NULL,
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "clause" INTEGER NOT NULL,
    "followed" TEXT NOT NULL,
    "occurrence_id" BLOB NOT NULL,
    "status" TEXT NOT NULL CHECK (
        "status" IN (
            'planned', 'pending', 'queued', 'running', 'canceling', 'completed',
            'completed_with_errors', 'failed', 'failed_stale', 'canceled', 'skipped', 'missed'
        )
    ),
    "ended_at" INTEGER NOT NULL,
    "chain" TEXT NOT NULL,
    PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "handover_by_job_id_clause_ended_at" ON "handover" ("job_id", "clause", "ended_at");

CREATE TABLE "job_gap" (
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "begin_at" INTEGER NOT NULL,
    "state" TEXT NOT NULL CHECK ("state" IN ('held', 'resolved')),
    "reason" TEXT NOT NULL,
    "found_at" INTEGER NOT NULL,
    "awake_at" INTEGER NOT NULL,
    "down_at" INTEGER,
    "end_at" INTEGER,
    "count" INTEGER,
    "held_until" INTEGER,
    "held_for" TEXT,
    "strategy" TEXT CHECK (
        "strategy" IN ('execute-all', 'execute-last', 'mark-as-missed', 'bounded-window', 'compressed')
    ),
    "choice" TEXT NOT NULL,
    "resolved_at" INTEGER,
    "outcome" TEXT NOT NULL,
    PRIMARY KEY ("job_id", "begin_at")
) STRICT, WITHOUT ROWID;

CREATE INDEX "job_gap_by_job_id_state_begin_at" ON "job_gap" ("job_id", "state", "begin_at");

CREATE INDEX "job_gap_by_state_held_until" ON "job_gap" ("state", "held_until");

CREATE INDEX "job_gap_by_found_at" ON "job_gap" ("found_at");

CREATE TABLE "log_chunk" (
    "attempt_id" BLOB NOT NULL REFERENCES "attempt" (id),
    "file" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "size" INTEGER NOT NULL,
    "data" TEXT NOT NULL,
    PRIMARY KEY ("attempt_id", "file", "position")
) STRICT, WITHOUT ROWID;
