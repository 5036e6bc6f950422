/**
 * The tables of the gateway's one SQLite file, as drizzle sees them. migrations.ts makes them; a test holds the two
 * equal. The declared types are the words the audit table was specified with; SQLite keeps text and integers.
 * Loaded by the main thread only (better-auth asks through it): the worker runs plain SQL and needs no drizzle.
 */
import { sql } from 'drizzle-orm';
import { customType, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

const varchar = customType<{ data: string; config: { length: number }; configRequired: true }>({
  dataType: (config) => `VARCHAR(${config.length})`,
});

/**
 * RFC 3339 text in UTC with milliseconds: it sorts as it reads, needs no conversion in `sqlite3` or in the mirrors'
 * JSON, and the declared type TIMESTAMP (numeric affinity) leaves it as text.
 */
const timestamp = customType<{ data: string }>({ dataType: () => 'TIMESTAMP' });

/** One row for each thing that was asked, done, refused or noticed. Append-only; order is `seq`. */
export const auditLogs = sqliteTable(
  'audit_logs',
  {
    /** UUIDv7, so that the primary key's index grows at its end. */
    id: varchar('id', { length: 36 }).primaryKey().notNull(),
    /** 1, 2, 3 … without a gap; given by the worker inside the transaction. */
    seq: integer('seq').notNull(),
    phase: varchar('phase', { length: 10 }).notNull(),
    userId: varchar('user_id', { length: 36 }),
    userEmail: varchar('user_email', { length: 255 }),
    action: varchar('action', { length: 50 }).notNull(),
    resourceType: varchar('resource_type', { length: 50 }),
    resourceId: varchar('resource_id', { length: 36 }),
    ipAddress: varchar('ip_address', { length: 45 }),
    userAgent: text('user_agent'),
    details: text('details'),
    status: varchar('status', { length: 20 }),
    errorMessage: text('error_message'),
    durationMs: integer('duration_ms'),
    createdAt: timestamp('created_at').notNull(),
    commandId: varchar('command_id', { length: 36 }),
    idempotencyKey: varchar('idempotency_key', { length: 128 }),
    idempotencyFingerprint: varchar('idempotency_fingerprint', { length: 64 }),
    simulated: integer('simulated'),
  },
  (table) => [
    uniqueIndex('audit_logs_seq').on(table.seq),
    index('audit_logs_user').on(table.userId, table.seq),
    index('audit_logs_resource').on(table.resourceType, table.resourceId, table.seq),
    index('audit_logs_action').on(table.action, table.seq),
    uniqueIndex('audit_logs_command_phase')
      .on(table.commandId, table.phase)
      .where(sql`command_id IS NOT NULL AND phase IN ('intent', 'refusal', 'outcome')`),
    uniqueIndex('audit_logs_idempotency')
      .on(table.userId, table.idempotencyKey)
      .where(sql`idempotency_key IS NOT NULL AND phase IN ('intent', 'refusal')`),
  ],
);

/** Intents without an outcome: kept in the same transaction as the rows, so that a start finds them at once. */
export const openIntents = sqliteTable('open_intents', {
  commandId: varchar('command_id', { length: 36 }).primaryKey().notNull(),
  seq: integer('seq').notNull(),
});

/** Small facts of the installation. */
export const meta = sqliteTable('meta', {
  key: text('key').primaryKey().notNull(),
  value: text('value').notNull(),
});

const instant = (name: string) => integer(name, { mode: 'timestamp_ms' });

/** better-auth's people, with the admin plugin's role and ban. */
export const user = sqliteTable(
  'user',
  {
    id: text('id').primaryKey().notNull(),
    name: text('name').notNull(),
    email: text('email').notNull(),
    emailVerified: integer('email_verified', { mode: 'boolean' }).notNull(),
    image: text('image'),
    role: text('role'),
    banned: integer('banned', { mode: 'boolean' }),
    banReason: text('ban_reason'),
    banExpires: instant('ban_expires'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [uniqueIndex('user_email').on(table.email)],
);

/** better-auth's sessions. The stored token is worth nothing without the signature that only the gateway can make. */
export const session = sqliteTable(
  'session',
  {
    id: text('id').primaryKey().notNull(),
    token: text('token').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    expiresAt: instant('expires_at').notNull(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    impersonatedBy: text('impersonated_by'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [uniqueIndex('session_token').on(table.token), index('session_user').on(table.userId)],
);

/** better-auth's credentials: for an e-mail account the argon2id hash. */
export const account = sqliteTable(
  'account',
  {
    id: text('id').primaryKey().notNull(),
    accountId: text('account_id').notNull(),
    providerId: text('provider_id').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: instant('access_token_expires_at'),
    refreshTokenExpiresAt: instant('refresh_token_expires_at'),
    scope: text('scope'),
    password: text('password'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    index('account_user').on(table.userId),
    uniqueIndex('account_provider').on(table.providerId, table.accountId),
  ],
);

/** better-auth's one-time values. */
export const verification = sqliteTable(
  'verification',
  {
    id: text('id').primaryKey().notNull(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: instant('expires_at').notNull(),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('verification_identifier').on(table.identifier)],
);
