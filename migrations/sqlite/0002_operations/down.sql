DROP TABLE settlements;
DROP TABLE cards;
DROP TABLE refunds;
ALTER TABLE operations DROP COLUMN work;
ALTER TABLE splits DROP COLUMN reference;
DROP INDEX payments_expiring;
ALTER TABLE payments DROP COLUMN expires_at;
ALTER TABLE payments DROP COLUMN refunded;
