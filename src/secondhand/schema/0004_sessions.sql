-- What its owner knows a session by in the list of them: `Firefox on Linux`, and no more of what the browser said.

alter table sessions add browser text not null default '';
