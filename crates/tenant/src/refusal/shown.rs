//! A tenant's words as far as they may be shown.

/// A code as it may be shown: letters, digits and underscores of it.
pub(super) fn word(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(48).collect()
}

/// A server's text without what may be a person's data: whatever is in quotes, addresses, long numbers.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut quoted = None;
    for c in text.chars().take(300) {
        match quoted {
            Some(quote) if c == quote => {
                quoted = None;
                out.push('…');
                out.push(c);
            }
            Some(_) => {}
            None if matches!(c, '\'' | '"') => {
                quoted = Some(c);
                out.push(c);
            }
            None if c.is_control() => out.push(' '),
            None => out.push(c),
        }
    }
    let private = |word: &str| word.contains('@') || word.chars().filter(char::is_ascii_digit).count() > 4;
    out.split(' ').map(|word| if private(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_persons_is_left_out() {
        assert_eq!(masked("[COE0021]Invalid property names: User/foo."), "[COE0021]Invalid property names: User/foo.");
        assert_eq!(masked("value 'Anna \"x\" O' at a@b.example"), "value '…' at …");
        assert_eq!(masked("id 1234567\nof\tEmpJob unclosed 'Anna"), "id … of EmpJob unclosed '");
        assert_eq!(word("COE_X<b>0021"), "COE_Xb0021");
    }
}
