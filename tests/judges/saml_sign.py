#!/usr/bin/env python3
"""Signs a SAML 2.0 assertion with a signer that is not ours, for tests of the simulator's verifier.

    saml_sign.py --tool xmlsec1|signxml --style issuer|api_key --key key.pem --cert crt.pem --client-id ID --user ID
                 [--reference id|empty] [--c14n exclusive|inclusive|inclusive11] [--algorithm sha1|sha256|sha512]
                 [--prefixes "xs xsi"] [--recipient URL] [--audience NAME] [--now 2026-11-21T12:00:00Z]
                 [--minutes 10] [--attribute use_username=true ...] [--no-key-info] [--base64]

The signed assertion goes to standard output (as base64 in one line with --base64, ready for the `assertion`
parameter of the token request). With --batch alone, every line of standard input is a JSON list of such arguments, and
the assertions go out as one JSON list. Needs `xmlsec1` (Debian) or `signxml` (PyPI). Exit code 2: the tool is not there.
The two styles are those that OAuth clients of SuccessFactors use: the client id as Issuer, or as attribute `api_key`.
"""

import argparse
import base64
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape, quoteattr

DSIG = "http://www.w3.org/2000/09/xmldsig#"
C14N = {
    "exclusive": "http://www.w3.org/2001/10/xml-exc-c14n#",
    "inclusive": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "inclusive11": "http://www.w3.org/2006/12/xml-c14n11",
}
SIGNING = {
    "sha1": DSIG + "rsa-sha1",
    "sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "sha512": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
}
DIGEST = {
    "sha1": DSIG + "sha1",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}
ASSERTION_ID = "_6e1f2a7c0d"


def assertion(args, signature):
    """The document, with `signature` (a template, or a placeholder) in it. Line breaks and unused prefixes are meant."""
    now = datetime.datetime.fromisoformat(args.now.replace("Z", "+00:00"))
    stamp = lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    start = stamp(now - datetime.timedelta(minutes=args.minutes))
    end = stamp(now + datetime.timedelta(minutes=args.minutes))
    identity = f' ID="{ASSERTION_ID}"' if args.reference == "id" else ""
    attributes = dict(pair.split("=", 1) for pair in args.attribute)
    issuer = args.client_id
    if args.style == "api_key":
        issuer = "www.successfactors.com"
        attributes = {"api_key": args.client_id, **attributes}
    statement = "".join(
        f"<saml2:Attribute Name={quoteattr(name)}><saml2:AttributeValue xsi:type=\"xs:string\">{escape(value)}"
        "</saml2:AttributeValue></saml2:Attribute>"
        for name, value in attributes.items()
    )
    statement = f"<saml2:AttributeStatement>{statement}</saml2:AttributeStatement>" if statement else ""
    after_issuer, last = (signature, "") if args.style == "api_key" else ("", signature)
    return f"""<saml2:Assertion
IssueInstant="{stamp(now)}" Version="2.0"{identity}
xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"
xmlns:xs="http://www.w3.org/2001/XMLSchema"
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <saml2:Issuer>{escape(issuer)}</saml2:Issuer>{after_issuer}
  <saml2:Subject>
    <saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">{escape(args.user)}</saml2:NameID>
    <saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
      <saml2:SubjectConfirmationData NotOnOrAfter="{end}"
      Recipient={quoteattr(args.recipient)} />
    </saml2:SubjectConfirmation>
  </saml2:Subject>
  <saml2:Conditions NotBefore="{start}" NotOnOrAfter="{end}">
    <saml2:AudienceRestriction><saml2:Audience>{escape(args.audience)}</saml2:Audience></saml2:AudienceRestriction>
  </saml2:Conditions>
  <saml2:AuthnStatement AuthnInstant="{stamp(now)}" SessionIndex="s1">
    <saml2:AuthnContext>
      <saml2:AuthnContextClassRef>
      urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef>
    </saml2:AuthnContext>
  </saml2:AuthnStatement>{statement}
  {last}</saml2:Assertion>"""


def by_xmlsec1(args):
    if not shutil.which("xmlsec1"):
        print("saml_sign: xmlsec1 is missing: run tools/setup services, or apt-get install xmlsec1", file=sys.stderr)
        sys.exit(2)
    listed = ""
    if args.prefixes:
        listed = f'<ec:InclusiveNamespaces xmlns:ec="{C14N["exclusive"]}" PrefixList="{args.prefixes}"/>'
    uri = f"#{ASSERTION_ID}" if args.reference == "id" else ""
    # The template of the style without ID has no canonicalisation among its transforms: the default one applies.
    transform = f'<Transform Algorithm="{C14N[args.c14n]}">{listed}</Transform>' if args.reference == "id" else ""
    key_info = "<KeyInfo><X509Data/></KeyInfo>" if args.style == "api_key" and not args.no_key_info else ""
    template = f"""<Signature xmlns="{DSIG}">
    <SignedInfo>
      <CanonicalizationMethod Algorithm="{C14N[args.c14n]}">{listed}</CanonicalizationMethod>
      <SignatureMethod Algorithm="{SIGNING[args.algorithm]}" />
      <Reference URI="{uri}">
        <Transforms>
          <Transform Algorithm="{DSIG}enveloped-signature" />{transform}
        </Transforms>
        <DigestMethod Algorithm="{DIGEST[args.algorithm]}" />
        <DigestValue></DigestValue>
      </Reference>
    </SignedInfo>
    <SignatureValue/>{key_info}
  </Signature>"""
    with tempfile.TemporaryDirectory() as folder:
        unsigned = pathlib.Path(folder, "unsigned.xml")
        unsigned.write_text(assertion(args, template), encoding="utf-8")
        return subprocess.run(
            ["xmlsec1", "--sign", "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
             "--privkey-pem", f"{args.key},{args.cert}", str(unsigned)],
            check=True, stdout=subprocess.PIPE,
        ).stdout


def by_signxml(args):
    try:
        import signxml
        import signxml.algorithms
        from lxml import etree
    except ImportError:
        print("saml_sign: signxml is missing: run tools/setup services, or pip install signxml", file=sys.stderr)
        sys.exit(2)

    class Signer(signxml.XMLSigner):
        def check_deprecated_methods(self):
            """SHA-1 is what many clients of SuccessFactors still sign with."""

    place = f'<ds:Signature xmlns:ds="{DSIG}" Id="placeholder"></ds:Signature>'
    document = etree.fromstring(assertion(args, place).encode())
    signer = Signer(
        method=signxml.methods.enveloped,
        signature_algorithm=signxml.algorithms.SignatureMethod(SIGNING[args.algorithm]),
        digest_algorithm=signxml.algorithms.DigestAlgorithm(DIGEST[args.algorithm]),
        c14n_algorithm=signxml.algorithms.CanonicalizationMethod(C14N[args.c14n]),
    )
    extra = {"exclude_c14n_transform_element": args.reference == "empty"}
    if args.reference == "id":
        extra["reference_uri"] = f"#{ASSERTION_ID}"
    if args.prefixes:
        # For enveloped signatures signxml 5.2 never writes the list into the transform, so that a digest made with it
        # fits nothing: the list goes to the CanonicalizationMethod only.
        extra["inclusive_ns_prefixes"] = args.prefixes.split()
        extra["reference_uri"] = [
            signxml.SignatureReference(
                URI=f"#{ASSERTION_ID}" if args.reference == "id" else "",
                c14n_method=signxml.algorithms.CanonicalizationMethod(C14N[args.c14n]),
                inclusive_ns_prefixes=[],
            )
        ]
    key, cert = (pathlib.Path(path).read_text() for path in (args.key, args.cert))
    if args.c14n != "inclusive":
        extra["exclude_c14n_transform_element"] = False
    signed = signer.sign(document, key=key, cert=cert, id_attribute="ID", **extra)
    if args.no_key_info:
        # signxml always writes one; nothing that is signed covers it.
        for info in list(signed.iter(f"{{{DSIG}}}KeyInfo")):
            info.getparent().remove(info)
    return etree.tostring(signed)


def sign(args):
    return by_xmlsec1(args) if args.tool == "xmlsec1" else by_signxml(args)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", choices=["xmlsec1", "signxml"], required=True)
    parser.add_argument("--style", choices=["issuer", "api_key"], required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--cert", required=True)
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--reference", choices=["id", "empty"], default="id")
    parser.add_argument("--c14n", choices=C14N, default="exclusive")
    parser.add_argument("--algorithm", choices=SIGNING, default="sha256")
    parser.add_argument("--prefixes", default="")
    parser.add_argument("--recipient", default="https://localhost/oauth/token")
    parser.add_argument("--audience", default="www.successfactors.com")
    parser.add_argument("--now", default=datetime.datetime.now(datetime.timezone.utc).isoformat())
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--attribute", action="append", default=[])
    parser.add_argument("--no-key-info", action="store_true")
    parser.add_argument("--base64", action="store_true")
    if sys.argv[1:] == ["--batch"]:
        wishes = [parser.parse_args(json.loads(line)) for line in sys.stdin]
        json.dump([sign(args).decode() for args in wishes], sys.stdout)
        return
    args = parser.parse_args()
    signed = sign(args)
    sys.stdout.buffer.write(base64.b64encode(signed) if args.base64 else signed)


if __name__ == "__main__":
    main()
