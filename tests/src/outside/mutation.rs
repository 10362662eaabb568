//! Bytes that nobody would write: made of what is usually written, by chance that one number decides.

/// The longest input.
const LENGTH_MAX: usize = 4096;
/// How often something is changed before it is read, at most.
const CHANGES_MAX: u64 = 5;

/// What formats are made of, and where numbers end.
const PIECES: [&str; 62] = [
    "0",
    "-1",
    "1",
    "9999999999",
    "10000000000",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "1e3",
    "1.0",
    "1e400",
    "-0",
    "00",
    "+1",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "\"\"",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\u0031",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\r\n",
    " ",
    "\u{feff}",
    "é",
    "\u{1f600}",
    "NaN",
    "EUR",
    "JPY",
    "KWD",
    "XXX",
    "\"ID\":",
    "\"Amount\":",
    "\"Status\":",
    "\"Splits\":",
    "\"Reasons\":",
    "\"Code\":\"20\"",
    "\"amount\":",
    "\"seller\":\"s1\"",
    "4111111111111111",
    "%00",
    "&",
    "=",
    "-",
    "T00:00:00Z",
];

/// A generator of the splitmix family.
pub struct Chance(u64);

impl Chance {
    /// Everything drawn from it follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.0;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^ (drawn >> 31)
    }

    /// A number below `bound`, which is more than 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // Both are small, so that the product's upper half is as even as anybody needs.
        let bound = u64::try_from(bound).expect("a length fits");
        let drawn = (u128::from(self.draw()) * u128::from(bound)) >> 64;
        usize::try_from(drawn).expect("it is below a length")
    }
}

/// Makes the next input in `input`: one of the seeds, changed a few times. One in sixteen stays as it is.
pub fn next(chance: &mut Chance, seeds: &[Vec<u8>], input: &mut Vec<u8>) {
    input.clear();
    input.extend_from_slice(&seeds[chance.below(seeds.len())]);
    if chance.draw().is_multiple_of(16) {
        return;
    }
    for _ in 0..=chance.draw() % CHANGES_MAX {
        change(chance, seeds, input);
    }
    input.truncate(LENGTH_MAX);
}

fn change(chance: &mut Chance, seeds: &[Vec<u8>], input: &mut Vec<u8>) {
    if input.is_empty() {
        return input.extend_from_slice(piece(chance));
    }
    let at = chance.below(input.len());
    match chance.draw() % 12 {
        0 => input[at] ^= 1 << (chance.draw() % 8),
        1 => input[at] = chance.draw().to_le_bytes()[0],
        2 => input[at] = input[at].wrapping_add(1),
        3 => drop(input.remove(at)),
        4 => input.truncate(at),
        5 => {
            let length = chance.below(16).min(input.len() - at);
            drop(input.drain(at..at + length));
        }
        6 => {
            let length = (1 + chance.below(64)).min(input.len() - at);
            input.extend_from_within(at..at + length);
            let end = input.len();
            input[at..end].rotate_right(length);
        }
        7 => insert(input, at, piece(chance)),
        8 => {
            let other = &seeds[chance.below(seeds.len())];
            if !other.is_empty() {
                input.truncate(at);
                input.extend_from_slice(&other[chance.below(other.len())..]);
            }
        }
        9 | 10 => replace_number(input, at, piece(chance)),
        _ => replace_string(input, at, piece(chance)),
    }
}

fn piece(chance: &mut Chance) -> &'static [u8] {
    PIECES[chance.below(PIECES.len())].as_bytes()
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    drop(input.splice(at..at, piece.iter().copied()));
}

/// Puts something in the place of the first number from here on.
fn replace_number(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    let Some(from) = input[at..].iter().position(u8::is_ascii_digit).map(|from| at + from) else {
        return insert(input, at, piece);
    };
    let length = input[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    drop(input.splice(from..from + length, piece.iter().copied()));
}

/// Puts something in the place of the first text in quotes from here on, quotes included.
fn replace_string(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    let quote = |input: &[u8], from: usize| input[from..].iter().position(|byte| *byte == b'"').map(|at| from + at);
    let Some(from) = quote(input, at) else {
        return insert(input, at, piece);
    };
    let Some(end) = quote(input, from + 1) else {
        return insert(input, from, piece);
    };
    drop(input.splice(from..=end, piece.iter().copied()));
}

/// The shortest part of an input that still fails.
pub fn shortened(mut input: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut size = input.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < input.len() {
            let end = (at + size).min(input.len());
            let without = [&input[..at], &input[end..]].concat();
            if fails(&without) {
                input = without;
            } else {
                at = end;
            }
        }
        size /= 2;
    }
    input
}
