//! Writing a batch.

use super::{Part, Request, Response};

/// Writes the requests of a batch. `boundary` must stand in none of them (see [`free_boundary`]); changesets take it
/// with a number.
pub fn write_requests(boundary: &str, parts: &[Part<Request>]) -> Vec<u8> {
    write(
        boundary,
        parts,
        &|out, request| {
            out.extend_from_slice(format!("{} {} HTTP/1.1\r\n", request.method, request.target).as_bytes());
            rest(out, &request.headers, &request.body);
        },
        &|request| request.content_id.as_deref(),
    )
}

/// Writes the responses of a batch.
pub fn write_responses(boundary: &str, parts: &[Part<Response>]) -> Vec<u8> {
    write(
        boundary,
        parts,
        &|out, response| {
            let reason = reason(response.status);
            out.extend_from_slice(format!("HTTP/1.1 {} {reason}\r\n", response.status).as_bytes());
            rest(out, &response.headers, &response.body);
        },
        &|response| response.content_id.as_deref(),
    )
}

/// The prefix with the first number that makes it stand in none of the texts.
pub fn free_boundary(prefix: &str, texts: &[&[u8]]) -> String {
    let mut number = 1_u32;
    loop {
        let boundary = format!("{prefix}_{number}");
        let wanted = boundary.as_bytes();
        let stands_in = |text: &&[u8]| text.windows(wanted.len()).any(|window| window == wanted);
        if !texts.iter().any(stands_in) || number == u32::MAX {
            return boundary;
        }
        number += 1;
    }
}

fn write<T>(
    boundary: &str,
    parts: &[Part<T>],
    message: &dyn Fn(&mut Vec<u8>, &T),
    content_id: &dyn Fn(&T) -> Option<&str>,
) -> Vec<u8> {
    let mut out = Vec::new();
    let single = |out: &mut Vec<u8>, one: &T| {
        out.extend_from_slice(b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n");
        if let Some(id) = content_id(one) {
            out.extend_from_slice(format!("Content-ID: {id}\r\n").as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        message(out, one);
    };
    for (at, part) in parts.iter().enumerate() {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        match part {
            Part::Single(one) => single(&mut out, one),
            Part::Changeset(changes) => {
                // A boundary that begins with another is told apart by what follows it on its line.
                let inner = format!("changeset_{at}_{boundary}");
                out.extend_from_slice(format!("Content-Type: multipart/mixed; boundary={inner}\r\n\r\n").as_bytes());
                for one in changes {
                    out.extend_from_slice(format!("--{inner}\r\n").as_bytes());
                    single(&mut out, one);
                    out.extend_from_slice(b"\r\n");
                }
                out.extend_from_slice(format!("--{inner}--\r\n").as_bytes());
            }
        }
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    out
}

fn rest(out: &mut Vec<u8>, headers: &[(String, String)], body: &[u8]) {
    for (name, value) in headers {
        out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if !body.is_empty() {
        out.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
}

/// Reason phrases of RFC 9110, of the statuses that servers give in batches.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
