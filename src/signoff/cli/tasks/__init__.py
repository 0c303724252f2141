"""``signoff tasks``: what people are asked, their answers, and what else is done about it."""

from __future__ import annotations

import typer

from signoff.cli.tasks import answers, assigning, clocks, comments, explain, notices, reading
from signoff.cli.tasks.verbs import VERBS

app = typer.Typer(help="Tasks: what people are asked.", no_args_is_help=True)

app.command("list")(reading.list_tasks)
app.command("show")(reading.show)
app.command("explain")(explain.explain)
app.command("answer")(answers.answer)
for _verb in VERBS:
    app.command(_verb.name)(answers.command_for(_verb))
app.command("claim")(assigning.claim)
app.command("release")(assigning.release)
app.command("delegate")(assigning.delegate)
app.command("reassign")(assigning.reassign)
app.command("comment")(comments.comment)
app.command("comments")(comments.comments)
app.command("notices")(notices.notices)
app.command("watch")(assigning.watch)
app.command("unwatch")(assigning.unwatch)
app.command("snooze")(clocks.snooze)
app.command("extend")(clocks.extend)
app.command("pause")(clocks.pause)
app.command("resume")(clocks.resume)
app.command("withdraw")(assigning.withdraw)
