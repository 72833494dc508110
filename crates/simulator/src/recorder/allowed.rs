//! What may pass: reading, and signing in.

use joinery_odata::batch::{Limits, Part, boundary_of, read_requests};

/// Functions that are asked by GET and change something, or end something.
const CHANGING: [&str; 4] = ["updateStaticGroup", "logout", "refreshMetadata", "generateNextPersonID"];

/// What a request is to the recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Asks for a token: passed, never written.
    SignIn,
    /// Reads: passed and written.
    Read,
    /// Several that read.
    Batch,
}

/// What the request is, or why it does not pass.
pub(super) fn judge(method: &str, path: &str, overridden: bool, kind: &str, body: &[u8]) -> Result<Kind, &'static str> {
    const WRITES: &str = "The recorder only reads: this request would change something, and did not leave.";
    if path.starts_with("/oauth") {
        return Ok(Kind::SignIn);
    }
    if overridden {
        return Err(WRITES);
    }
    match method {
        "GET" | "HEAD" if changes(path) => Err(WRITES),
        "GET" | "HEAD" => Ok(Kind::Read),
        "POST" if path.trim_end_matches('/').ends_with("/$batch") => {
            let parts = boundary_of(kind).and_then(|boundary| read_requests(boundary, body, Limits::default()).ok());
            let parts = parts.ok_or("The recorder cannot read this batch, so it did not leave.")?;
            let reads = parts.iter().all(|part| match part {
                Part::Single(request) => matches!(request.method.as_str(), "GET" | "HEAD") && !changes(&request.target),
                Part::Changeset(requests) => requests.is_empty(),
            });
            if reads { Ok(Kind::Batch) } else { Err(WRITES) }
        }
        _ => Err(WRITES),
    }
}

fn changes(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').any(|segment| {
        let name = segment.split('(').next().unwrap_or_default();
        CHANGING.iter().any(|function| name.eq_ignore_ascii_case(function))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_passes() {
        for (method, path, expected) in [
            ("GET", "/odata/v2/User", Some(Kind::Read)),
            ("GET", "/odata/v2/getUserRolesByUserId", Some(Kind::Read)),
            ("POST", "/oauth/token", Some(Kind::SignIn)),
            ("GET", "/odata/v2/updateStaticGroup", None),
            ("GET", "/odata/v2/UPDATESTATICGROUP()", None),
            ("POST", "/odata/v2/upsert", None),
            ("POST", "/odata/v2/User", None),
            ("DELETE", "/odata/v2/User('1')", None),
            ("PATCH", "/rest/iam/scim/v2/Groups/1", None),
        ] {
            assert_eq!(judge(method, path, false, "", b"").ok(), expected, "{method} {path}");
        }
        assert!(judge("POST", "/odata/v2/User('1')", true, "", b"").is_err());
        let batch = |line: &str| {
            format!(
                "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{line} HTTP/1.1\r\n\r\n\r\n--b--\r\n"
            )
        };
        let judged =
            |body: &str| judge("POST", "/odata/v2/$batch", false, "multipart/mixed; boundary=b", body.as_bytes());
        assert_eq!(judged(&batch("GET User")), Ok(Kind::Batch));
        assert!(judged(&batch("GET updateStaticGroup?groupId=1L")).is_err());
        assert!(judged(&batch("POST upsert")).is_err());
        assert!(judged("no batch").is_err());
    }
}
