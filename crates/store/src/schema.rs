//! The tables of `migrations/`, as diesel sees them.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    payments (payment_id) {
        payment_id -> Text,
        live -> Bool,
        order_id -> Text,
        customer_id -> Nullable<Text>,
        currency -> Text,
        amount -> BigInt,
        created_at -> BigInt,
        version -> BigInt,
        phase -> Text,
        held -> Bool,
        gateway_host -> Nullable<Text>,
        gateway_id -> Nullable<BigInt>,
        due_at -> Nullable<BigInt>,
        updated_at -> BigInt,
        state -> Text,
        refunded -> Text,
        expires_at -> Nullable<BigInt>,
    }
}

table! {
    sales (payment_id) {
        payment_id -> Text,
        sale -> Text,
    }
}

table! {
    claims (name) {
        name -> Text,
        payment_id -> Text,
    }
}

table! {
    splits (payment_id, number) {
        payment_id -> Text,
        number -> Integer,
        seller_id -> Nullable<Text>,
        site_id -> BigInt,
        amount -> BigInt,
        gateway_id -> Nullable<BigInt>,
        status -> Nullable<Text>,
        amount_authorized -> BigInt,
        amount_captured -> BigInt,
        amount_refunding -> BigInt,
        amount_refunded -> BigInt,
        amount_charged_back -> BigInt,
        reference -> Nullable<Text>,
    }
}

table! {
    operations (payment_id, number) {
        payment_id -> Text,
        number -> Integer,
        kind -> Text,
        principal -> Text,
        idempotency_key -> Text,
        part -> Integer,
        fingerprint -> Text,
        reference -> Text,
        created_at -> BigInt,
        state -> Text,
        request_id -> Text,
        attempt -> Nullable<Text>,
        absences -> Integer,
        refusal -> Nullable<Text>,
        note -> Nullable<Text>,
        settled_at -> Nullable<BigInt>,
        work -> Nullable<Text>,
    }
}

table! {
    refunds (payment_id, number) {
        payment_id -> Text,
        number -> Integer,
        created_at -> BigInt,
        status -> Text,
        amount -> BigInt,
        amount_succeeded -> BigInt,
        settled_at -> Nullable<BigInt>,
        document -> Text,
    }
}

table! {
    discrepancies (payment_id, number) {
        payment_id -> Text,
        number -> Integer,
        kind -> Text,
        detail -> Text,
        opened_at -> BigInt,
        state -> Text,
        closed_at -> Nullable<BigInt>,
        note -> Nullable<Text>,
    }
}

table! {
    postings (payment_id, version, number) {
        payment_id -> Text,
        version -> BigInt,
        number -> Integer,
        debit_account -> Text,
        credit_account -> Text,
        party -> Nullable<Text>,
        other_party -> Nullable<Text>,
        currency -> Text,
        amount -> BigInt,
        split -> Nullable<Integer>,
        cause -> Text,
        operation -> Nullable<Integer>,
        reason -> Text,
        recorded_at -> BigInt,
    }
}

table! {
    events (payment_id, version) {
        payment_id -> Text,
        version -> BigInt,
        recorded_at -> BigInt,
        document -> Text,
    }
}

table! {
    notifications (notification_id) {
        notification_id -> Text,
        kind -> Text,
        gateway_host -> Nullable<Text>,
        gateway_id -> Nullable<BigInt>,
        subject_id -> Nullable<BigInt>,
        reference -> Nullable<Text>,
        claims -> Nullable<Text>,
        digest -> Text,
        redacted -> Text,
        received_at -> BigInt,
        state -> Text,
        payment_id -> Nullable<Text>,
        due_at -> Nullable<BigInt>,
        tries -> BigInt,
    }
}

table! {
    cards (card_id) {
        card_id -> Text,
        customer_id -> Text,
        live -> Bool,
        last4 -> Text,
        expiry_month -> Integer,
        expiry_year -> Integer,
        holder -> Nullable<Text>,
        token_sealed -> Text,
        key_id -> Text,
        payment_id -> Text,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

table! {
    settlements (settlement_id) {
        settlement_id -> Text,
        seller_id -> Text,
        currency -> Text,
        amount -> BigInt,
        reference -> Text,
        settled_on -> Text,
        principal -> Text,
        idempotency_key -> Text,
        fingerprint -> Text,
        recorded_at -> BigInt,
    }
}

table! {
    checkpoints (party, currency) {
        party -> Text,
        currency -> Text,
        through -> BigInt,
        postings -> BigInt,
        authorized -> BigInt,
        captured -> BigInt,
        refunding -> BigInt,
        refunded -> BigInt,
        disputed -> BigInt,
        charged_back -> BigInt,
        adjusted -> BigInt,
        settled -> BigInt,
        begun_at -> BigInt,
        checks -> Integer,
    }
}

table! {
    sellers (seller_id) {
        seller_id -> Text,
        name -> Text,
        site_id -> BigInt,
        fee_plan -> Nullable<Text>,
        status -> Text,
        metadata -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    fee_plans (plan_id, version) {
        plan_id -> Text,
        version -> BigInt,
        document -> Text,
    }
}

table! {
    api_keys (key_id) {
        key_id -> Text,
        digest -> Text,
        role -> Text,
        principal -> Text,
        seller_id -> Nullable<Text>,
        live -> Bool,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    meta (name) {
        name -> Text,
        value -> Text,
    }
}

joinable!(sales -> payments (payment_id));
joinable!(splits -> payments (payment_id));
joinable!(operations -> payments (payment_id));
joinable!(postings -> payments (payment_id));

allow_tables_to_appear_in_same_query!(payments, sales, splits, operations, postings);
