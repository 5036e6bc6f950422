/**
 * How the file became what schema.ts says: numbered SQL, applied once each, in order, with the number kept in SQLite's
 * own user_version in the same transaction. A string rather than files, so that a bundle carries it. A migration that
 * was released is never edited; a new one follows it.
 */
import type { Database } from 'better-sqlite3';

const FIRST = `
CREATE TABLE audit_logs (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  seq INTEGER NOT NULL,
  phase VARCHAR(10) NOT NULL CHECK (phase IN ('intent', 'outcome', 'refusal', 'event')),
  user_id VARCHAR(36),
  user_email VARCHAR(255),
  action VARCHAR(50) NOT NULL,
  resource_type VARCHAR(50),
  resource_id VARCHAR(36),
  ip_address VARCHAR(45),
  user_agent TEXT,
  details TEXT,
  status VARCHAR(20),
  error_message TEXT,
  duration_ms INTEGER,
  created_at TIMESTAMP NOT NULL,
  command_id VARCHAR(36),
  idempotency_key VARCHAR(128),
  idempotency_fingerprint VARCHAR(64),
  simulated INTEGER CHECK (simulated IN (0, 1))
);
CREATE UNIQUE INDEX audit_logs_seq ON audit_logs (seq);
CREATE INDEX audit_logs_user ON audit_logs (user_id, seq);
CREATE INDEX audit_logs_resource ON audit_logs (resource_type, resource_id, seq);
CREATE INDEX audit_logs_action ON audit_logs (action, seq);
CREATE UNIQUE INDEX audit_logs_command_phase ON audit_logs (command_id, phase)
  WHERE command_id IS NOT NULL AND phase IN ('intent', 'refusal', 'outcome');
CREATE UNIQUE INDEX audit_logs_idempotency ON audit_logs (user_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL AND phase IN ('intent', 'refusal');
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE ON audit_logs
BEGIN
  SELECT RAISE(ABORT, 'audit rows are never changed');
END;

CREATE TABLE open_intents (command_id VARCHAR(36) PRIMARY KEY NOT NULL, seq INTEGER NOT NULL);
CREATE TRIGGER audit_logs_intent AFTER INSERT ON audit_logs WHEN new.phase = 'intent' AND new.command_id IS NOT NULL
BEGIN
  INSERT INTO open_intents (command_id, seq) VALUES (new.command_id, new.seq);
END;
CREATE TRIGGER audit_logs_outcome AFTER INSERT ON audit_logs WHEN new.phase = 'outcome'
BEGIN
  DELETE FROM open_intents WHERE command_id = new.command_id;
END;

CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);

CREATE TABLE user (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  email_verified INTEGER NOT NULL,
  image TEXT,
  role TEXT,
  banned INTEGER,
  ban_reason TEXT,
  ban_expires INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX user_email ON user (email);
CREATE TABLE session (
  id TEXT PRIMARY KEY NOT NULL,
  token TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL,
  ip_address TEXT,
  user_agent TEXT,
  impersonated_by TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX session_token ON session (token);
CREATE INDEX session_user ON session (user_id);
CREATE TABLE account (
  id TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  access_token TEXT,
  refresh_token TEXT,
  id_token TEXT,
  access_token_expires_at INTEGER,
  refresh_token_expires_at INTEGER,
  scope TEXT,
  password TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX account_user ON account (user_id);
CREATE UNIQUE INDEX account_provider ON account (provider_id, account_id);
CREATE TABLE verification (
  id TEXT PRIMARY KEY NOT NULL,
  identifier TEXT NOT NULL,
  value TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX verification_identifier ON verification (identifier);
`;

/** Migration n stands at place n - 1. */
export const MIGRATIONS: readonly string[] = [FIRST];

/** The user_version of a file that this program made or brought up to date. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings an open database up to date, in one transaction for each step. Throws when the file is from a newer program:
 * an older one cannot know what it must not break.
 */
export function migrate(database: Database): void {
  const found = Number(database.pragma('user_version', { simple: true }));
  if (found > SCHEMA_VERSION) {
    throw new Error(
      `the database has schema version ${found}, this program knows ${SCHEMA_VERSION}: a newer gateway wrote it`,
    );
  }
  for (let version = found + 1; version <= SCHEMA_VERSION; version += 1) {
    const step = database.transaction(() => {
      database.exec(MIGRATIONS[version - 1] ?? '');
      database.pragma(`user_version = ${version}`);
    });
    step.immediate();
  }
}
