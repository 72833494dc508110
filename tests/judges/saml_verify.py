#!/usr/bin/env python3
"""Judges signed SAML assertions with two verifiers that are not ours: `xmlsec1` (Debian) and `signxml` (PyPI).

    saml_verify.py --cert certificate.pem FOLDER

For every `*.xml` in FOLDER:
  - both verifiers accept the signature under the certificate's key;
  - signxml's signed part is the whole assertion, and says the user that `*.user` beside it holds;
  - lxml's exclusive canonical forms of the assertion without its signature, and of SignedInfo, are the bytes as they
    stand (they were written canonically);
  - changed copies (user, audience, validity, digest, signature, another key) are refused by both.
Exit code 0: all well. 1: a verdict differs. 2: a judge is missing.
"""

import argparse
import base64
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


def by_xmlsec1(document: bytes, cert: pathlib.Path) -> bool:
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(document)
        file.flush()
        # The key comes from the certificate, never from KeyInfo, as a tenant takes the one registered.
        command = ["xmlsec1", "--verify", "--enabled-key-data", "key-name,rsa", "--pubkey-cert-pem", str(cert),
                   "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", file.name]
        return subprocess.run(command, capture_output=True).returncode == 0


def by_signxml(document: bytes, cert: pathlib.Path):
    """The element that the signature covers, or None."""
    from signxml import SignatureConfiguration, XMLVerifier

    try:
        result = XMLVerifier().verify(
            document,
            x509_cert=cert.read_text(),
            id_attribute="ID",
            expect_config=SignatureConfiguration(require_x509=False, location="./"),
        )
    except Exception:
        return None
    return result.signed_xml


def tampered(document: bytes, user: bytes):
    """Changed copies, each with its name."""

    def swapped(name, old, new, count=1):
        changed = document.replace(old, new, count)
        if changed == document:
            sys.exit(f"saml_verify: nothing to change for {name}")
        return name, changed

    yield swapped("user", user, user + b"x")
    yield swapped("audience", b"<Audience>www", b"<Audience>ww")
    yield swapped("validity", b"NotOnOrAfter=\"2", b"NotOnOrAfter=\"3", 2)
    for name in (b"DigestValue", b"SignatureValue"):
        value = re.search(rb"<%s>([^<]+)</" % name, document).group(1)
        raw = bytearray(base64.b64decode(value))
        raw[0] ^= 1
        yield swapped(name.decode(), value, base64.b64encode(bytes(raw)))
    yield "a second subject", document.replace(b"<Subject>", b"<Subject></Subject><Subject>", 1)


def judge(path: pathlib.Path, cert: pathlib.Path, other: pathlib.Path) -> list[str]:
    from lxml import etree

    document = path.read_bytes()
    user = path.with_suffix(".user").read_text(encoding="utf-8")
    wrong = []
    if not by_xmlsec1(document, cert):
        wrong.append("xmlsec1 refuses it")
    signed = by_signxml(document, cert)
    if signed is None:
        wrong.append("signxml refuses it")
    elif signed.tag != f"{SAML}Assertion":
        wrong.append(f"the signature covers {signed.tag} only")
    elif signed.findtext(f"{SAML}Subject/{SAML}NameID") != user:
        wrong.append("the signed user is another")
    for name, part in {
        "the assertion": re.sub(rb"<Signature .*</Signature>", b"", document, flags=re.DOTALL),
        "SignedInfo": re.search(rb"<SignedInfo .*</SignedInfo>", document, flags=re.DOTALL).group(0),
    }.items():
        if etree.tostring(etree.fromstring(part), method="c14n", exclusive=True) != part:
            wrong.append(f"{name} is not written in canonical form")
    escaped = re.search(rb"<NameID[^>]*>([^<]*)</NameID>", document).group(1)
    for name, changed in tampered(document, escaped):
        if by_xmlsec1(changed, cert):
            wrong.append(f"xmlsec1 accepts a changed {name}")
        if by_signxml(changed, cert) is not None:
            wrong.append(f"signxml accepts a changed {name}")
    if by_xmlsec1(document, other):
        wrong.append("xmlsec1 accepts it under another key")
    if by_signxml(document, other) is not None:
        wrong.append("signxml accepts it under another key")
    return wrong


def other_certificate(folder: pathlib.Path) -> pathlib.Path:
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "other")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start.replace(year=2056))
    path = folder / "other.pem"
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cert", type=pathlib.Path, required=True)
    parser.add_argument("folder", type=pathlib.Path)
    args = parser.parse_args()
    if shutil.which("xmlsec1") is None:
        print("saml_verify: xmlsec1 is missing: run tools/setup services, or apt-get install xmlsec1", file=sys.stderr)
        return 2
    try:
        import signxml  # noqa: F401
    except ImportError:
        print("saml_verify: signxml is missing: run tools/setup services, or pip install signxml", file=sys.stderr)
        return 2
    documents = sorted(args.folder.glob("*.xml"))
    if not documents:
        print(f"saml_verify: no *.xml in {args.folder}", file=sys.stderr)
        return 1
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        other = other_certificate(pathlib.Path(scratch))
        for path in documents:
            wrong = judge(path, args.cert, other)
            failed += bool(wrong)
            print(f"{path.name}: {'; '.join(wrong) or 'accepted by both, changed copies refused by both'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
