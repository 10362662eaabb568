-- Ids and words are text (compared by byte where they are keys), times are microseconds since 1970 (UTC), documents are
-- JSON text, amounts are minor units of the payment's currency. `payment_id` leads every key of a payment's own tables.
-- There is no foreign key on the tables that each commit appends to; the one from `sales` is enough to keep a payment
-- from being deleted under its parts.

CREATE TABLE payments (
    payment_id   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    live         BOOLEAN NOT NULL,
    order_id     TEXT COLLATE "C" NOT NULL,
    customer_id  TEXT COLLATE "C",
    currency     TEXT COLLATE "C" NOT NULL,
    amount       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    -- Counts commits: a commit that was decided on another version changes nothing.
    version      BIGINT NOT NULL,
    phase        TEXT NOT NULL,
    held         BOOLEAN NOT NULL,
    gateway_host TEXT,
    gateway_id   BIGINT,
    due_at       BIGINT,
    updated_at   BIGINT NOT NULL,
    state        TEXT NOT NULL
);

CREATE INDEX payments_by_order    ON payments (order_id);
CREATE INDEX payments_by_customer ON payments (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX payments_by_gateway  ON payments (gateway_id)  WHERE gateway_id IS NOT NULL;
CREATE INDEX payments_due         ON payments (due_at)      WHERE due_at IS NOT NULL;

-- What was sold never changes and is large: kept apart, so that a payment that changes does not rewrite it.
CREATE TABLE sales (
    payment_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES payments (payment_id),
    sale       TEXT NOT NULL
);

-- Names that only one payment may hold.
CREATE TABLE claims (
    name       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    payment_id TEXT COLLATE "C" NOT NULL
);

CREATE TABLE splits (
    payment_id          TEXT COLLATE "C" NOT NULL,
    number              INTEGER NOT NULL,
    -- Without one, the split is the marketplace's.
    seller_id           TEXT COLLATE "C",
    site_id             BIGINT NOT NULL,
    amount              BIGINT NOT NULL,
    gateway_id          BIGINT,
    status              TEXT,
    amount_authorized   BIGINT NOT NULL,
    amount_captured     BIGINT NOT NULL,
    amount_refunding    BIGINT NOT NULL,
    amount_refunded     BIGINT NOT NULL,
    amount_charged_back BIGINT NOT NULL,
    PRIMARY KEY (payment_id, number)
);

CREATE INDEX splits_by_seller ON splits (seller_id, payment_id) WHERE seller_id IS NOT NULL;

CREATE TABLE operations (
    payment_id      TEXT COLLATE "C" NOT NULL,
    number          INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    principal       TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    part            INTEGER NOT NULL,
    fingerprint     TEXT NOT NULL,
    reference       TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    state           TEXT NOT NULL,
    request_id      TEXT NOT NULL,
    attempt         TEXT,
    absences        INTEGER NOT NULL,
    refusal         TEXT,
    note            TEXT,
    settled_at      BIGINT,
    PRIMARY KEY (payment_id, number)
);

-- The first operation's key is in the reference that the payment claims.
CREATE UNIQUE INDEX operations_by_key ON operations (payment_id, principal, idempotency_key, part) WHERE number > 1;
CREATE INDEX operations_open ON operations (state, payment_id, number) WHERE settled_at IS NULL;

CREATE TABLE discrepancies (
    payment_id TEXT COLLATE "C" NOT NULL,
    number     INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    detail     TEXT NOT NULL,
    opened_at  BIGINT NOT NULL,
    state      TEXT NOT NULL,
    closed_at  BIGINT,
    note       TEXT,
    PRIMARY KEY (payment_id, number)
);

CREATE INDEX discrepancies_open ON discrepancies (payment_id, number) WHERE closed_at IS NULL;

CREATE TABLE postings (
    payment_id     TEXT COLLATE "C" NOT NULL,
    version        BIGINT NOT NULL,
    number         INTEGER NOT NULL,
    debit_account  TEXT NOT NULL,
    credit_account TEXT NOT NULL,
    -- Whose accounts they are: of the credit side, or of the debit side where that is nobody's.
    party          TEXT COLLATE "C",
    -- The debit side's party where both sides have one and they differ. One index entry tells most postings.
    other_party    TEXT COLLATE "C",
    currency       TEXT COLLATE "C" NOT NULL,
    amount         BIGINT NOT NULL CHECK (amount > 0),
    split          INTEGER,
    cause          TEXT NOT NULL,
    operation      INTEGER,
    reason         TEXT NOT NULL,
    recorded_at    BIGINT NOT NULL,
    PRIMARY KEY (payment_id, version, number)
);

CREATE INDEX postings_by_party ON postings (party, recorded_at)       WHERE party IS NOT NULL;
CREATE INDEX postings_by_other ON postings (other_party, recorded_at) WHERE other_party IS NOT NULL;

-- All that one commit remembers, as one row.
CREATE TABLE events (
    payment_id  TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    document    TEXT NOT NULL,
    PRIMARY KEY (payment_id, version)
);

CREATE TABLE notifications (
    notification_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind            TEXT NOT NULL,
    gateway_host    TEXT,
    gateway_id      BIGINT,
    -- The refund or dispute, where it is about one.
    subject_id      BIGINT,
    reference       TEXT,
    claims          TEXT,
    digest          TEXT COLLATE "C" NOT NULL,
    redacted        TEXT NOT NULL,
    received_at     BIGINT NOT NULL,
    state           TEXT NOT NULL,
    payment_id      TEXT COLLATE "C",
    due_at          BIGINT,
    tries           BIGINT NOT NULL
);

CREATE INDEX notifications_due        ON notifications (due_at)     WHERE due_at IS NOT NULL;
CREATE INDEX notifications_unplaced   ON notifications (notification_id) WHERE payment_id IS NULL;
CREATE INDEX notifications_by_payment ON notifications (payment_id) WHERE payment_id IS NOT NULL;

-- What a party has, folded up to a moment: a cache, never a source.
CREATE TABLE checkpoints (
    party        TEXT COLLATE "C" NOT NULL,
    currency     TEXT COLLATE "C" NOT NULL,
    through      BIGINT NOT NULL,
    postings     BIGINT NOT NULL,
    authorized   BIGINT NOT NULL,
    captured     BIGINT NOT NULL,
    refunding    BIGINT NOT NULL,
    refunded     BIGINT NOT NULL,
    disputed     BIGINT NOT NULL,
    charged_back BIGINT NOT NULL,
    adjusted     BIGINT NOT NULL,
    settled      BIGINT NOT NULL,
    -- When its line of checkpoints began, and how often since it was folded again from the start and compared.
    begun_at     BIGINT NOT NULL,
    checks       INTEGER NOT NULL,
    PRIMARY KEY (party, currency)
);

CREATE TABLE sellers (
    seller_id  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    site_id    BIGINT NOT NULL UNIQUE,
    fee_plan   TEXT,
    status     TEXT NOT NULL,
    metadata   TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE fee_plans (
    plan_id  TEXT COLLATE "C" NOT NULL,
    version  BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (plan_id, version)
);

CREATE TABLE api_keys (
    key_id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    digest     TEXT COLLATE "C" NOT NULL UNIQUE,
    role       TEXT NOT NULL,
    principal  TEXT COLLATE "C" NOT NULL,
    seller_id  TEXT COLLATE "C",
    live       BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
