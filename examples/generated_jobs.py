"""Jobs that a loop makes, and one whose tasks are functions of this file."""

from jobistemer_tui import Cron, defaults, job, task

SERVERS = {"alpha": "*/10 * * * * *", "beta": "5/20 * * * * *"}

defaults(tags=["python"], task_timeout="30s")

for server, expression in SERVERS.items():
    job(
        name=f"look-at-{server}",
        description=f"Say that {server} was looked at",
        schedule=Cron(expression, seconds=True),
        command=["echo", "looked at", server],
    )


@job(schedule="* * * * *", recovery_strategy="mark-as-missed")
class word_count:
    """Count words in one task, and tell of them in another."""

    @task
    def count():
        """Hand the number on."""
        return {"words": len(__doc__.split())}

    @task(needs=[count])
    def tell(context):
        """Log what the first has counted."""
        context.log.info("%s words", context.outputs["count"]["words"])

    tidy = task(run="echo done", needs=[tell], run_when="always")
