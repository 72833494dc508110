//! Reading a batch.

use super::multipart::{Piece, boundary_of, is_token, split};
use super::{Limits, Part, Request, Response};
use crate::SyntaxError;

/// Reads the requests of a batch.
///
/// # Errors
/// Where the text stops being a batch, in bytes from its beginning: no closing boundary, a part of another type than
/// `application/http` and `multipart/mixed`, a changeset in a changeset, line ends other than CRLF, a `Content-Length`
/// that is not there, more than the limits allow.
pub fn read_requests(boundary: &str, body: &[u8], limits: Limits) -> Result<Vec<Part<Request>>, SyntaxError> {
    read(boundary, body, limits, &request)
}

/// Reads the responses of a batch.
///
/// # Errors
/// As [`read_requests`].
pub fn read_responses(boundary: &str, body: &[u8], limits: Limits) -> Result<Vec<Part<Response>>, SyntaxError> {
    read(boundary, body, limits, &response)
}

type Head = Vec<(String, String)>;
type ReadMessage<'r, T> = &'r dyn Fn(&Head, Piece<'_>, Limits) -> Result<T, SyntaxError>;

fn read<T>(
    boundary: &str,
    body: &[u8],
    limits: Limits,
    message: ReadMessage<'_, T>,
) -> Result<Vec<Part<T>>, SyntaxError> {
    let mut left = limits.messages;
    let mut count = |piece: &Piece<'_>| {
        left = left.checked_sub(1).ok_or_else(|| piece.error(0, "too many requests in one batch"))?;
        Ok::<_, SyntaxError>(())
    };
    let mut parts = Vec::new();
    for piece in split(Piece { bytes: body, start: 0 }, boundary, limits.messages)? {
        let (head, inside) = piece.headers(limits.headers)?;
        let kind = header(&head, "content-type").unwrap_or_default();
        let Some(inner) = boundary_of(kind) else {
            count(&piece)?;
            parts.push(Part::Single(single(&piece, &head, inside, limits, message)?));
            continue;
        };
        let mut changes = Vec::new();
        for piece in split(inside, inner, limits.messages)? {
            count(&piece)?;
            let (head, inside) = piece.headers(limits.headers)?;
            changes.push(single(&piece, &head, inside, limits, message)?);
        }
        parts.push(Part::Changeset(changes));
    }
    Ok(parts)
}

fn single<T>(
    piece: &Piece<'_>,
    head: &Head,
    inside: Piece<'_>,
    limits: Limits,
    message: ReadMessage<'_, T>,
) -> Result<T, SyntaxError> {
    let kind = header(head, "content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/http") {
        return Err(piece.error(0, "expected a part of the type application/http"));
    }
    message(head, inside, limits)
}

fn request(head: &Head, inside: Piece<'_>, limits: Limits) -> Result<Request, SyntaxError> {
    let (line, rest) = inside.line()?.ok_or_else(|| inside.error(0, "expected METHOD target HTTP/1.1"))?;
    let words = line.split_once(' ').and_then(|(method, rest)| {
        let (target, version) = rest.rsplit_once(' ')?;
        let known = version.starts_with("HTTP/1.") && !method.is_empty() && method.bytes().all(is_token);
        (known && !target.trim().is_empty()).then(|| (method, target.trim()))
    });
    let (method, target) = words.ok_or_else(|| inside.error(0, "expected METHOD target HTTP/1.1"))?;
    let (mut headers, rest) = rest.headers(limits.headers)?;
    let body = body(&mut headers, rest)?;
    let content_id = header(head, "content-id").or_else(|| header(&headers, "content-id")).map(str::to_owned);
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-id"));
    Ok(Request { content_id, method: method.to_owned(), target: target.to_owned(), headers, body })
}

fn response(head: &Head, inside: Piece<'_>, limits: Limits) -> Result<Response, SyntaxError> {
    let (line, rest) = inside.line()?.ok_or_else(|| inside.error(0, "expected HTTP/1.1 and a status"))?;
    let status = line.split(' ').nth(1).filter(|digits| digits.len() == 3 && line.starts_with("HTTP/1."));
    let status = status.and_then(|digits| digits.parse().ok()).filter(|&status: &u16| status >= 100);
    let status = status.ok_or_else(|| inside.error(0, "expected HTTP/1.1 and a status"))?;
    let (mut headers, rest) = rest.headers(limits.headers)?;
    let body = body(&mut headers, rest)?;
    let content_id = header(head, "content-id").or_else(|| header(&headers, "content-id")).map(str::to_owned);
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-id"));
    Ok(Response { content_id, status, headers, body })
}

/// As long as `Content-Length` says; without it, all that is left, and nothing when that is only line ends.
fn body(headers: &mut Head, rest: Piece<'_>) -> Result<Vec<u8>, SyntaxError> {
    let told = header(headers, "content-length").map(str::parse::<usize>);
    let told = told.transpose().map_err(|_| rest.error(0, "Content-Length is no number"))?;
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
    let is_end = |bytes: &[u8]| bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
    let Some(length) = told else {
        return Ok(if is_end(rest.bytes) { Vec::new() } else { rest.bytes.to_vec() });
    };
    match (rest.bytes.get(..length), rest.bytes.get(length..)) {
        (Some(body), Some(after)) if is_end(after) => Ok(body.to_vec()),
        _ => Err(rest.error(0, "the body is not as long as Content-Length says")),
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crlf(text: &str) -> Vec<u8> {
        text.replace('\n', "\r\n").into_bytes()
    }

    fn one(inside: &str) -> Result<Vec<Part<Request>>, SyntaxError> {
        let text = format!("--b\nContent-Type: application/http\n\n{inside}\n--b--\n");
        read_requests("b", &crlf(&text), Limits::default())
    }

    #[test]
    fn a_request_needs_no_body_and_no_headers() {
        let parts = one("GET User('O Hara')?$top=1 HTTP/1.1\n\n").unwrap();
        let Some(Part::Single(request)) = parts.first() else { panic!("{parts:?}") };
        assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "User('O Hara')?$top=1"));
        assert!(request.body.is_empty() && request.headers.is_empty());
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        for inside in [
            "GET User\n\n",
            "GET HTTP/1.1\n\n",
            "GET User HTTP/1.1\nno header\n\n",
            "GET User HTTP/1.1",
            "POST upsert HTTP/1.1\nContent-Length: 9\n\nabc",
            "POST upsert HTTP/1.1\nContent-Length: 1\n\nabc",
            "POST upsert HTTP/1.1\nContent-Length: x\n\nabc",
        ] {
            assert!(one(inside).is_err(), "{inside}");
        }
        let nested = "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: multipart/mixed; boundary=d\n\n\
                      --d\nContent-Type: application/http\n\nPOST a HTTP/1.1\n\n\n--d--\n--c--\n--b--\n";
        assert!(read_requests("b", &crlf(nested), Limits::default()).is_err(), "a changeset in a changeset");
        let two = "--b\nContent-Type: application/http\n\nGET a HTTP/1.1\n\n\n";
        let two = crlf(&format!("{two}{two}--b--"));
        let limits = Limits { messages: 1, ..Limits::default() };
        assert!(read_requests("b", &two, limits).is_err() && read_requests("b", &two, Limits::default()).is_ok());
    }
}
