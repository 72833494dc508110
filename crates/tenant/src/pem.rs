//! PEM (RFC 7468, and RFC 1421 headers), read forgivingly: keys travel through environment variables, YAML and forms
//! that eat line breaks.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Base64 with or without padding.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One block between markers.
pub(crate) struct Section {
    /// What the marker says: `RSA PRIVATE KEY`.
    pub(crate) label: String,
    /// RFC 1421 headers: `Proc-Type`, `DEK-Info`.
    pub(crate) headers: Vec<(String, String)>,
    /// The decoded body; `None` when it is no base64.
    pub(crate) der: Option<Vec<u8>>,
}

impl Section {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The text as it was before a form, a shell or a YAML file had it: no byte order mark, no quotes around it, real line
/// breaks for written ones.
pub(crate) fn straightened(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').trim();
    let bare = ['"', '\''].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(text);
    bare.replace("\\r", "").replace("\\n", "\n").replace('\r', "\n")
}

/// Every block of a text, in order.
pub(crate) fn sections(text: &str) -> Vec<Section> {
    const BEGIN: &str = "-----BEGIN ";
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        rest = &rest[at + BEGIN.len()..];
        let Some((label, body)) = rest.split_once("-----") else { break };
        let end = body.find("-----END").unwrap_or(body.len());
        let mut headers = Vec::new();
        let mut base64 = String::with_capacity(end);
        for line in body[..end].lines() {
            match line.split_once(':') {
                Some((name, value)) => headers.push((name.trim().to_owned(), value.trim().to_owned())),
                None => base64.push_str(line),
            }
        }
        found.push(Section { label: label.trim().to_owned(), headers, der: decoded(&base64) });
        rest = &body[end..];
    }
    found
}

/// Base64 with blanks anywhere; `None` when it is something else or nothing.
pub(crate) fn decoded(base64: &str) -> Option<Vec<u8>> {
    let tight: String = base64.chars().filter(|c| !c.is_whitespace()).collect();
    FORGIVING.decode(tight).ok().filter(|bytes| !bytes.is_empty())
}

/// DER between markers of that label.
pub(crate) fn written(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        out.extend(line.iter().map(|&byte| char::from(byte)));
        out.push('\n');
    }
    out + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_however_they_were_mangled() {
        let plain =
            "-----BEGIN A KEY-----\nAQID\nBAUG\n-----END A KEY-----\n-----BEGIN B-----\nBw==\n-----END B-----\n";
        for mangled in [
            plain.to_owned(),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', " "),
            plain.replace('\n', "\\n"),
            format!("\"{}\"", plain.replace('\n', "\\n")),
            format!("\u{feff}Bag Attributes\n  {plain}"),
            plain.replace('\n', "\n    "),
            plain.replace("Bw==", "Bw"),
        ] {
            let found = sections(&straightened(&mangled));
            let seen: Vec<_> = found.iter().map(|s| (s.label.as_str(), s.der.as_deref())).collect();
            assert_eq!(seen, [("A KEY", Some(&[1, 2, 3, 4, 5, 6][..])), ("B", Some(&[7][..]))], "{mangled:?}");
        }
    }

    #[test]
    fn headers_are_kept_apart() {
        let text =
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\nAQID\n-----END";
        let found = sections(text);
        assert_eq!(found[0].header("dek-info"), Some("AES-128-CBC,00FF"));
        assert_eq!(found[0].der.as_deref(), Some(&[1, 2, 3][..]));
    }

    #[test]
    fn what_is_no_base64_is_none() {
        assert_eq!(decoded("not base64!"), None);
        assert_eq!(decoded(""), None);
    }
}
