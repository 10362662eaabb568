-- Ids and words are text, times are microseconds since 1970 (UTC), documents are JSON text, amounts are minor units of
-- the payment's currency. `payment_id` leads every key of a payment's own tables. There is no foreign key on the tables
-- that each commit appends to; the one from `sales` is enough to keep a payment from being deleted under its parts.

CREATE TABLE payments (
    payment_id   TEXT    NOT NULL PRIMARY KEY,
    live         INTEGER NOT NULL,
    order_id     TEXT    NOT NULL,
    customer_id  TEXT,
    currency     TEXT    NOT NULL,
    amount       INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    -- Counts commits: a commit that was decided on another version changes nothing.
    version      INTEGER NOT NULL,
    phase        TEXT    NOT NULL,
    held         INTEGER NOT NULL,
    gateway_host TEXT,
    gateway_id   INTEGER,
    due_at       INTEGER,
    updated_at   INTEGER NOT NULL,
    state        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX payments_by_order    ON payments (order_id);
CREATE INDEX payments_by_customer ON payments (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX payments_by_gateway  ON payments (gateway_id)  WHERE gateway_id IS NOT NULL;
CREATE INDEX payments_due         ON payments (due_at)      WHERE due_at IS NOT NULL;

-- What was sold never changes and is large: kept apart, so that a payment that changes does not rewrite it.
CREATE TABLE sales (
    payment_id TEXT NOT NULL PRIMARY KEY REFERENCES payments (payment_id),
    sale       TEXT NOT NULL
) STRICT;

-- Names that only one payment may hold.
CREATE TABLE claims (
    name       TEXT NOT NULL PRIMARY KEY,
    payment_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE splits (
    payment_id          TEXT    NOT NULL,
    number              INTEGER NOT NULL,
    -- Without one, the split is the marketplace's.
    seller_id           TEXT,
    site_id             INTEGER NOT NULL,
    amount              INTEGER NOT NULL,
    gateway_id          INTEGER,
    status              TEXT,
    amount_authorized   INTEGER NOT NULL,
    amount_captured     INTEGER NOT NULL,
    amount_refunding    INTEGER NOT NULL,
    amount_refunded     INTEGER NOT NULL,
    amount_charged_back INTEGER NOT NULL,
    PRIMARY KEY (payment_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX splits_by_seller ON splits (seller_id, payment_id) WHERE seller_id IS NOT NULL;

CREATE TABLE operations (
    payment_id      TEXT    NOT NULL,
    number          INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    principal       TEXT    NOT NULL,
    idempotency_key TEXT    NOT NULL,
    part            INTEGER NOT NULL,
    fingerprint     TEXT    NOT NULL,
    reference       TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    state           TEXT    NOT NULL,
    request_id      TEXT    NOT NULL,
    attempt         TEXT,
    absences        INTEGER NOT NULL,
    refusal         TEXT,
    note            TEXT,
    settled_at      INTEGER,
    PRIMARY KEY (payment_id, number)
) STRICT, WITHOUT ROWID;

-- The first operation's key is in the reference that the payment claims.
CREATE UNIQUE INDEX operations_by_key ON operations (payment_id, principal, idempotency_key, part) WHERE number > 1;
CREATE INDEX operations_open ON operations (state, payment_id, number) WHERE settled_at IS NULL;

CREATE TABLE discrepancies (
    payment_id TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    opened_at  INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    closed_at  INTEGER,
    note       TEXT,
    PRIMARY KEY (payment_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX discrepancies_open ON discrepancies (payment_id, number) WHERE closed_at IS NULL;

CREATE TABLE postings (
    payment_id     TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    number         INTEGER NOT NULL,
    debit_account  TEXT    NOT NULL,
    credit_account TEXT    NOT NULL,
    -- Whose accounts they are: of the credit side, or of the debit side where that is nobody's.
    party          TEXT,
    -- The debit side's party where both sides have one and they differ. One index entry tells most postings.
    other_party    TEXT,
    currency       TEXT    NOT NULL,
    amount         INTEGER NOT NULL CHECK (amount > 0),
    split          INTEGER,
    cause          TEXT    NOT NULL,
    operation      INTEGER,
    reason         TEXT    NOT NULL,
    recorded_at    INTEGER NOT NULL,
    PRIMARY KEY (payment_id, version, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX postings_by_party ON postings (party, recorded_at)       WHERE party IS NOT NULL;
CREATE INDEX postings_by_other ON postings (other_party, recorded_at) WHERE other_party IS NOT NULL;

-- All that one commit remembers, as one row.
CREATE TABLE events (
    payment_id  TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    document    TEXT    NOT NULL,
    PRIMARY KEY (payment_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE notifications (
    notification_id TEXT    NOT NULL PRIMARY KEY,
    kind            TEXT    NOT NULL,
    gateway_host    TEXT,
    gateway_id      INTEGER,
    -- The refund or dispute, where it is about one.
    subject_id      INTEGER,
    reference       TEXT,
    claims          TEXT,
    digest          TEXT    NOT NULL,
    redacted        TEXT    NOT NULL,
    received_at     INTEGER NOT NULL,
    state           TEXT    NOT NULL,
    payment_id      TEXT,
    due_at          INTEGER,
    tries           INTEGER NOT NULL
) STRICT;

CREATE INDEX notifications_due        ON notifications (due_at)     WHERE due_at IS NOT NULL;
CREATE INDEX notifications_unplaced   ON notifications (notification_id) WHERE payment_id IS NULL;
CREATE INDEX notifications_by_payment ON notifications (payment_id) WHERE payment_id IS NOT NULL;

-- What a party has, folded up to a moment: a cache, never a source.
CREATE TABLE checkpoints (
    party        TEXT    NOT NULL,
    currency     TEXT    NOT NULL,
    through      INTEGER NOT NULL,
    postings     INTEGER NOT NULL,
    authorized   INTEGER NOT NULL,
    captured     INTEGER NOT NULL,
    refunding    INTEGER NOT NULL,
    refunded     INTEGER NOT NULL,
    disputed     INTEGER NOT NULL,
    charged_back INTEGER NOT NULL,
    adjusted     INTEGER NOT NULL,
    settled      INTEGER NOT NULL,
    -- When its line of checkpoints began, and how often since it was folded again from the start and compared.
    begun_at     INTEGER NOT NULL,
    checks       INTEGER NOT NULL,
    PRIMARY KEY (party, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE sellers (
    seller_id  TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    site_id    INTEGER NOT NULL UNIQUE,
    fee_plan   TEXT,
    status     TEXT    NOT NULL,
    metadata   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE fee_plans (
    plan_id  TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    document TEXT    NOT NULL,
    PRIMARY KEY (plan_id, version)
) STRICT;

CREATE TABLE api_keys (
    key_id     TEXT    NOT NULL PRIMARY KEY,
    digest     TEXT    NOT NULL UNIQUE,
    role       TEXT    NOT NULL,
    principal  TEXT    NOT NULL,
    seller_id  TEXT,
    live       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
