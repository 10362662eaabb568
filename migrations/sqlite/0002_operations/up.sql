-- How much is back with the buyer, and when what is authorized lapses: what lists are narrowed by.
ALTER TABLE payments ADD COLUMN refunded TEXT NOT NULL DEFAULT 'none';
ALTER TABLE payments ADD COLUMN expires_at INTEGER;

CREATE INDEX payments_expiring ON payments (expires_at) WHERE expires_at IS NOT NULL;

-- The caller's own name for a split that was added.
ALTER TABLE splits ADD COLUMN reference TEXT;

-- What the operation does, as far as its kind does not say it: an authorization has nothing to add.
ALTER TABLE operations ADD COLUMN work TEXT;

CREATE TABLE refunds (
    payment_id       TEXT    NOT NULL,
    number           INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    status           TEXT    NOT NULL,
    amount           INTEGER NOT NULL,
    amount_succeeded INTEGER NOT NULL,
    settled_at       INTEGER,
    document         TEXT    NOT NULL,
    PRIMARY KEY (payment_id, number)
) STRICT, WITHOUT ROWID;

-- Cards that customers keep. The token is sealed by a key that is not here.
CREATE TABLE cards (
    card_id      TEXT    NOT NULL PRIMARY KEY,
    customer_id  TEXT    NOT NULL,
    live         INTEGER NOT NULL,
    last4        TEXT    NOT NULL,
    expiry_month INTEGER NOT NULL,
    expiry_year  INTEGER NOT NULL,
    holder       TEXT,
    token_sealed TEXT    NOT NULL,
    key_id       TEXT    NOT NULL,
    -- What it was kept with: however often that is told, it is one card.
    payment_id   TEXT    NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    deleted_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX cards_by_customer ON cards (customer_id, live, card_id) WHERE deleted_at IS NULL;

-- What the gateway paid out to sellers. Each has one posting, which names it where others name their payment.
CREATE TABLE settlements (
    settlement_id   TEXT    NOT NULL PRIMARY KEY,
    seller_id       TEXT    NOT NULL,
    currency        TEXT    NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount > 0),
    reference       TEXT    NOT NULL,
    settled_on      TEXT    NOT NULL,
    principal       TEXT    NOT NULL,
    idempotency_key TEXT    NOT NULL,
    fingerprint     TEXT    NOT NULL,
    recorded_at     INTEGER NOT NULL,
    UNIQUE (principal, idempotency_key),
    UNIQUE (seller_id, reference)
) STRICT, WITHOUT ROWID;
