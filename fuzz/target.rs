//! The reader that this binary is named after, under libFuzzer.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let target = tests::outside::target(env!("CARGO_BIN_NAME")).expect("the binary is named after a reader");
    (target.read)(input);
});
