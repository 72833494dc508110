//! Parameters of a form or a query string.

use percent_encoding::percent_decode_str;

/// The parameters of `application/x-www-form-urlencoded` text, in order. What is no UTF-8 is replaced.
pub(crate) fn parameters(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn pluses_are_spaces_and_escapes_are_undone() {
        let read = parameters("a=1+2%2B3&b=%3D%3D&&c");
        let expected = [("a", "1 2+3"), ("b", "=="), ("c", "")];
        assert!(read.iter().map(|(name, value)| (&**name, &**value)).eq(expected));
    }
}
