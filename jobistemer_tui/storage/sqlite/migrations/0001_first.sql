-- Tables as in storage/tables.py, which a test compares. Ids are 16 bytes, instants microseconds since 1970 in UTC,
-- booleans 0 and 1, objects JSON text. new_store_id() is a function that the migration provides.

CREATE TABLE store (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id BLOB NOT NULL CHECK (length(id) = 16)
) STRICT;

INSERT INTO store VALUES (1, new_store_id());

CREATE TABLE "job" (
    "id" BLOB NOT NULL,
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "content_hash" TEXT NOT NULL,
    "source_path" TEXT NOT NULL,
    "source_root" TEXT NOT NULL,
    "published_at" INTEGER NOT NULL,
    "first_published_at" INTEGER NOT NULL,
    "cursor_at" INTEGER NOT NULL,
    "scheduled" INTEGER NOT NULL,
    "stopped" INTEGER NOT NULL,
    "paused_at" INTEGER,
    "paused_until" INTEGER,
    "pause_reason" TEXT,
    "retired_at" INTEGER,
    "last_run_at" INTEGER,
    "finished" INTEGER NOT NULL,
    "error" TEXT,
    "rev" INTEGER NOT NULL,
    PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX "job_by_key" ON "job" ("key");

CREATE TABLE "job_version" (
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "number" INTEGER NOT NULL,
    "content_hash" TEXT NOT NULL,
    "definition" TEXT NOT NULL,
    "source_path" TEXT NOT NULL,
    "source_line" INTEGER NOT NULL,
    "published_at" INTEGER NOT NULL,
    PRIMARY KEY ("job_id", "number")
) STRICT, WITHOUT ROWID;

CREATE TABLE "occurrence" (
    "id" BLOB NOT NULL,
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "scheduled_at" INTEGER NOT NULL,
    "due_at" INTEGER NOT NULL,
    "trigger" TEXT NOT NULL CHECK ("trigger" IN ('schedule', 'recovery', 'manual', 'replay', 'backfill')),
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
    PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "occurrence_by_state_due_at" ON "occurrence" ("state", "due_at");

CREATE INDEX "occurrence_by_job_id_scheduled_at" ON "occurrence" ("job_id", "scheduled_at");

CREATE INDEX "occurrence_by_job_id_state_sequence" ON "occurrence" ("job_id", "state", "sequence");

CREATE INDEX "occurrence_by_owner_state" ON "occurrence" ("owner", "state");

CREATE UNIQUE INDEX "occurrence_by_request_id" ON "occurrence" ("request_id");

CREATE INDEX "occurrence_by_handled_at" ON "occurrence" ("handled_at");

CREATE INDEX "occurrence_by_job_id_handled_at" ON "occurrence" ("job_id", "handled_at");

CREATE TABLE "task_run" (
    "id" BLOB NOT NULL,
    "occurrence_id" BLOB NOT NULL REFERENCES "occurrence" (id),
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "state" TEXT NOT NULL CHECK (
        "state" IN (
            'pending', 'running', 'retrying', 'success', 'failed',
            'timeout', 'canceled', 'failed_stale', 'skipped'
        )
    ),
    "reason" TEXT,
    "detail" TEXT NOT NULL,
    "started_at" INTEGER,
    "finished_at" INTEGER,
    PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "task_run_by_occurrence_id_position" ON "task_run" ("occurrence_id", "position");

CREATE TABLE "attempt" (
    "id" BLOB NOT NULL,
    "task_run_id" BLOB NOT NULL REFERENCES "task_run" (id),
    "occurrence_id" BLOB NOT NULL REFERENCES "occurrence" (id),
    "number" INTEGER NOT NULL,
    "state" TEXT NOT NULL CHECK (
        "state" IN (
            'planned', 'running', 'success', 'failed',
            'timeout', 'canceled', 'lost', 'not_started'
        )
    ),
    "created_at" INTEGER NOT NULL,
    "not_before" INTEGER,
    "reason" TEXT,
    "detail" TEXT NOT NULL,
    "started_at" INTEGER,
    "finished_at" INTEGER,
    "exit_code" INTEGER,
    "signal" INTEGER,
    "counted" INTEGER NOT NULL,
    PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "attempt_by_task_run_id_number" ON "attempt" ("task_run_id", "number");

CREATE INDEX "attempt_by_occurrence_id_number" ON "attempt" ("occurrence_id", "number");

CREATE INDEX "attempt_by_state_not_before" ON "attempt" ("state", "not_before");

CREATE TABLE "node" (
    "id" BLOB NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "machine_id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "program_version" TEXT NOT NULL,
    "timezone_data" TEXT NOT NULL,
    "started_at" INTEGER NOT NULL,
    "swept_at" INTEGER NOT NULL,
    "stopped_at" INTEGER,
    PRIMARY KEY ("id")
) STRICT, WITHOUT ROWID;

CREATE INDEX "node_by_started_at" ON "node" ("started_at");

CREATE TABLE "pause" (
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "begin_at" INTEGER NOT NULL,
    "end_at" INTEGER,
    "reason" TEXT,
    PRIMARY KEY ("job_id", "begin_at")
) STRICT, WITHOUT ROWID;

CREATE TABLE "missed_range" (
    "job_id" BLOB NOT NULL REFERENCES "job" (id),
    "from_at" INTEGER NOT NULL,
    "to_at" INTEGER NOT NULL,
    "count" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    PRIMARY KEY ("job_id", "from_at")
) STRICT, WITHOUT ROWID;

CREATE TABLE "job_file" (
    "path" TEXT NOT NULL,
    "root" TEXT NOT NULL,
    "state" TEXT NOT NULL CHECK ("state" IN ('loaded', 'refused')),
    "content_hash" TEXT NOT NULL,
    "read_at" INTEGER NOT NULL,
    "jobs" TEXT NOT NULL,
    "errors" TEXT NOT NULL,
    PRIMARY KEY ("path")
) STRICT, WITHOUT ROWID;

CREATE INDEX "job_file_by_root_path" ON "job_file" ("root", "path");

CREATE TABLE "event" (
    "at" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "job_id" BLOB,
    "occurrence_id" BLOB,
    "reason" TEXT,
    "detail" TEXT NOT NULL,
    "sequence" INTEGER PRIMARY KEY AUTOINCREMENT
) STRICT;

CREATE INDEX "event_by_job_id_sequence" ON "event" ("job_id", "sequence");

CREATE INDEX "event_by_occurrence_id_sequence" ON "event" ("occurrence_id", "sequence");
