-- Sessions that are over are deleted whenever one is opened: without it each sign-in read all sessions of the city.
CREATE INDEX sessions_expires_at ON sessions (expires_at);
