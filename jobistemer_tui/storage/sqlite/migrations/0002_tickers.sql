-- Starts of machines for @reboot, the time-zone data that planned rows were computed with, windows of compressed runs.

ALTER TABLE "job" ADD COLUMN "timezone_data" TEXT NOT NULL DEFAULT '';

ALTER TABLE "occurrence" ADD COLUMN "window" TEXT NOT NULL DEFAULT '{}';

CREATE TABLE "boot" (
    "machine_id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "at" INTEGER NOT NULL,
    PRIMARY KEY ("machine_id", "boot_id")
) STRICT, WITHOUT ROWID;
