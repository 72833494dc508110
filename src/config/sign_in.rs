//! The sign-in of `[connection.*]`: which keys each kind needs and takes, and its secrets opened.

use std::path::Path;

use joinery_tenant::{TypedIasClient, TypedSignIn};
use secrecy::{SecretSlice, SecretString};

use super::typed::{ConnectionTable, ProofWord, SignInWord};

/// A key and what is wrong with it.
type Wrong = (&'static str, String);

/// What can be told to be wrong without opening a secret.
pub fn check(table: &ConnectionTable) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let given = |key: &str| match key {
        "client_id" => table.client_id.is_some(),
        "user" => table.user.is_some(),
        "private_key" => table.private_key.is_some(),
        "private_key_password" => table.private_key_password.is_some(),
        "certificate" => table.certificate.is_some(),
        "password" => table.password.is_some(),
        "token_server" => table.token_server.is_some(),
        "client_secret" => table.client_secret.is_some(),
        "resource" => table.resource.is_some(),
        "proof" => table.proof.is_some(),
        _ => false,
    };
    let by_secret = table.client_secret.is_some();
    for (key, why) in needs(table.sign_in, by_secret || table.private_key.is_some()) {
        if !given(key) {
            wrong.push((key, (*why).to_owned()));
        }
    }
    for (key, why) in refuses(table.sign_in) {
        if given(key) {
            wrong.push((key, (*why).to_owned()));
        }
    }
    if table.sign_in == SignInWord::Ias && by_secret && table.private_key.is_some() {
        let what = "the application proves itself by `client_secret` or by `private_key`; give one";
        wrong.push(("client_secret", what.to_owned()));
    }
    if table.sign_in == SignInWord::Ias && by_secret && table.proof.is_some() {
        wrong.push(("proof", "says what `private_key` is for; with `client_secret` remove it".to_owned()));
    }
    wrong
}

/// The keys that a kind of sign-in needs, with what to say when one is missing.
fn needs(kind: SignInWord, proves: bool) -> &'static [(&'static str, &'static str)] {
    const SAML: &[(&str, &str)] = &[
        ("client_id", "SAML bearer needs `client_id`: the API Key that \"Manage OAuth2 Client Applications\" shows"),
        (
            "private_key",
            "SAML bearer needs `private_key`, by reference: { file = \"path\" } or { env = \"NAME\" }; `joinery keys new` \
             makes one",
        ),
        ("user", "SAML bearer needs `user`: the API user that the assertion names"),
    ];
    const X509: &[(&str, &str)] = &[(
        "private_key",
        "a client certificate needs `private_key`, by reference: PEM, with `certificate` beside it, or PKCS#12 with both",
    )];
    const IAS: &[(&str, &str)] = &[
        (
            "token_server",
            "a token of SAP Cloud Identity Services needs `token_server`: their tenant, like acme.accounts.ondemand.com",
        ),
        ("client_id", "needs `client_id`: the Client ID of the application's Client Authentication page"),
    ];
    const IAS_PROOF: &[(&str, &str)] = &[
        IAS[0],
        IAS[1],
        (
            "client_secret",
            "the application must prove itself: give `client_secret` by reference, { env = \"NAME\" } or { file = \
             \"path\" }, or `private_key` to sign an assertion or for a client certificate (`joinery keys new` makes \
             one)",
        ),
    ];
    const BASIC: &[(&str, &str)] = &[
        ("password", "basic sign-in needs `password`, by reference: { env = \"NAME\" } or { file = \"path\" }"),
        ("user", "basic sign-in needs `user`"),
    ];
    match kind {
        SignInWord::SamlBearer => SAML,
        SignInWord::X509 => X509,
        SignInWord::Ias if proves => IAS,
        SignInWord::Ias => IAS_PROOF,
        SignInWord::Basic => BASIC,
    }
}

/// The keys that a kind of sign-in has no use for, with what to do instead: leaving them out silently would hide that
/// something else was meant.
fn refuses(kind: SignInWord) -> &'static [(&'static str, &'static str)] {
    const SECRET: (&str, &str) = (
        "client_secret",
        "belongs to sign_in = \"ias\"; SuccessFactors itself knows no client secret: remove it, or set sign_in",
    );
    const SERVER: (&str, &str) = (
        "token_server",
        "belongs to sign_in = \"ias\"; tokens of SAML bearer come from api_server: remove it, or set sign_in",
    );
    const RESOURCE: (&str, &str) = ("resource", "belongs to sign_in = \"ias\": remove it, or set sign_in");
    const PROOF: (&str, &str) = ("proof", "belongs to sign_in = \"ias\": remove it, or set sign_in");
    const PASSWORD: (&str, &str) =
        ("password", "belongs to sign_in = \"basic\": remove it; a key's password is `private_key_password`");
    match kind {
        SignInWord::SamlBearer => &[SECRET, SERVER, RESOURCE, PROOF, PASSWORD],
        SignInWord::X509 => &[
            SECRET,
            SERVER,
            RESOURCE,
            PROOF,
            PASSWORD,
            ("client_id", "belongs to OAuth; with sign_in = \"x509\" the certificate says who we are: remove it"),
            ("user", "with sign_in = \"x509\" the API user is the one that the certificate is mapped to: remove it"),
        ],
        SignInWord::Ias => &[
            PASSWORD,
            ("user", "with sign_in = \"ias\" the API user is the one that the application is mapped to: remove it"),
        ],
        SignInWord::Basic => &[
            SECRET,
            SERVER,
            RESOURCE,
            PROOF,
            ("private_key", "has no use with sign_in = \"basic\": set sign_in = \"saml_bearer\", or remove it"),
        ],
    }
}

/// Opens the secrets; `None` when one cannot be, which `keep` is told.
pub fn open(table: &ConnectionTable, base: &Path, keep: &mut dyn FnMut(&str, String)) -> Option<TypedSignIn> {
    let user = table.user.clone().unwrap_or_default();
    let client_id = table.client_id.clone().unwrap_or_default();
    match table.sign_in {
        SignInWord::SamlBearer => {
            let (private_key, private_key_password, certificate) = keys(table, base, keep)?;
            Some(TypedSignIn::SamlBearer {
                client_id,
                user,
                user_is: table.user_is,
                assertion: table.assertion,
                private_key,
                private_key_password,
                certificate,
            })
        }
        SignInWord::X509 => {
            let (private_key, private_key_password, certificate) = keys(table, base, keep)?;
            Some(TypedSignIn::X509 { private_key, private_key_password, certificate })
        }
        SignInWord::Ias => {
            let client = match &table.client_secret {
                Some(secret) => TypedIasClient::Secret(told("client_secret", secret.open(base), keep)?),
                None => {
                    let (private_key, private_key_password, certificate) = keys(table, base, keep)?;
                    match table.proof {
                        Some(ProofWord::Certificate) => {
                            TypedIasClient::Certificate { private_key, private_key_password, certificate }
                        }
                        Some(ProofWord::Assertion) | None => {
                            TypedIasClient::Assertion { private_key, private_key_password, certificate }
                        }
                    }
                }
            };
            let token_server = table.token_server.clone().unwrap_or_default();
            Some(TypedSignIn::Ias { token_server, client_id, resource: table.resource.clone(), client })
        }
        SignInWord::Basic => {
            let password = told("password", table.password.as_ref()?.open(base), keep)?;
            Some(TypedSignIn::Basic { user, password })
        }
    }
}

/// The key file, its password, and the certificate's file.
type Keys = (SecretSlice<u8>, Option<SecretString>, Option<Vec<u8>>);

fn keys(table: &ConnectionTable, base: &Path, keep: &mut dyn FnMut(&str, String)) -> Option<Keys> {
    let certificate = table.certificate.as_ref().and_then(|file| {
        let path = base.join(file);
        let read = std::fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()));
        told("certificate", read, keep)
    });
    let key = table.private_key.as_ref().and_then(|secret| told("private_key", secret.open_bytes(base), keep));
    let password = match &table.private_key_password {
        Some(secret) => Some(told("private_key_password", secret.open(base), keep)?),
        None => None,
    };
    Some((SecretSlice::from(key?), password, certificate))
}

fn told<T>(key: &str, opened: Result<T, String>, keep: &mut dyn FnMut(&str, String)) -> Option<T> {
    opened.map_err(|message| keep(key, message)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(keys: &str) -> Vec<&'static str> {
        let text = format!("api_server = \"api012.successfactors.eu\"\ncompany_id = \"ACME\"\n{keys}");
        let table: ConnectionTable = toml::from_str(&text).unwrap_or_else(|error| panic!("{keys}: {error}"));
        check(&table).into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn each_kind_says_what_it_lacks_and_what_it_has_no_use_for() {
        let file = "{ file = \"x\" }";
        for (keys, expected) in [
            ("sign_in = \"saml_bearer\"".to_owned(), vec!["client_id", "private_key", "user"]),
            (
                format!(
                    "sign_in = \"saml_bearer\"\nclient_id = \"a\"\nuser = \"u\"\nprivate_key = {file}\nclient_secret = {file}"
                ),
                vec!["client_secret"],
            ),
            ("sign_in = \"ias\"".to_owned(), vec!["token_server", "client_id", "client_secret"]),
            (
                format!("sign_in = \"ias\"\ntoken_server = \"a.example\"\nclient_id = \"a\"\nclient_secret = {file}"),
                vec![],
            ),
            (
                format!(
                    "sign_in = \"ias\"\ntoken_server = \"a.example\"\nclient_id = \"a\"\nuser = \"u\"\nclient_secret = \
                     {file}\nprivate_key = {file}"
                ),
                vec!["user", "client_secret"],
            ),
            (
                format!(
                    "sign_in = \"ias\"\ntoken_server = \"a.example\"\nclient_id = \"a\"\nproof = \
                     \"certificate\"\nclient_secret = {file}"
                ),
                vec!["proof"],
            ),
            (format!("sign_in = \"x509\"\nproof = \"certificate\"\nprivate_key = {file}"), vec!["proof"]),
            (format!("sign_in = \"x509\"\nclient_id = \"a\"\nprivate_key = {file}"), vec!["client_id"]),
            (format!("sign_in = \"basic\"\nuser = \"u\"\nprivate_key = {file}"), vec!["password", "private_key"]),
        ] {
            assert_eq!(wrong(&keys), expected, "{keys}");
        }
    }
}
