//! Statements, added up: what the lines of a party's statement come to must be its balance.

use serde::Deserialize;

use super::sums::Sums;

/// What a line of a statement says, in minor units.
#[derive(Deserialize)]
struct Line {
    kind: String,
    amount: i64,
    balance_change: i64,
    balance: i64,
}

/// What the lines of a statement (CSV, oldest first) come to. Says why if that is not what its own last line says.
pub(super) fn sums(statement: &[u8]) -> Result<Sums, String> {
    let mut sums = Sums::default();
    for line in csv::Reader::from_reader(statement).deserialize() {
        let line: Line = line.map_err(|error| error.to_string())?;
        let Line { kind, amount, .. } = line;
        match kind.as_str() {
            "captured" => sums.captured = sums.captured.saturating_add(amount),
            "refunding" | "refund_failed" => sums.refunding = sums.refunding.saturating_sub(amount),
            "refunded" => {
                sums.refunding = sums.refunding.saturating_add(amount);
                sums.refunded = sums.refunded.saturating_sub(amount);
            }
            "adjusted" => sums.adjusted = sums.adjusted.saturating_add(amount),
            _ => {}
        }
        sums.balance = sums.balance.saturating_add(line.balance_change);
        if sums.balance != line.balance {
            return Err(format!("{} so far, and it says {}", sums.balance, line.balance));
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENT: &str = "\
kind,amount,balance_change,balance
authorized,100,0,0
captured,100,100,100
refunding,-40,-40,60
refunded,-40,0,60
adjusted,-3,-3,57
";

    #[test]
    fn a_statement_comes_to_its_balance() {
        let sums = sums(STATEMENT.as_bytes()).unwrap();
        let expected = Sums {
            captured: 100,
            refunding: 0,
            refunded: 40,
            adjusted: -3,
            balance: 57,
        };
        assert_eq!(sums, expected);
        assert_eq!(sums.left(), sums.balance);
    }

    #[test]
    fn a_line_that_does_not_follow_is_noticed() {
        let broken = STATEMENT.replace("-40,-40,60", "-40,-41,60");
        assert_eq!(
            super::sums(broken.as_bytes()),
            Err("59 so far, and it says 60".to_owned())
        );
    }
}
